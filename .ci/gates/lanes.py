"""Gates that run in lanes: one after the other in a lane, two lanes at a time."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

AT_A_TIME = os.cpu_count() or 2
TIMEOUT = 900
"""Seconds that a command of a gate may take; the longest take a minute or two."""
SHOWN_LINES = 80
"""How much of a failed gate's log is shown."""


class Failed(Exception):
    """A command of a gate ended with another exit code than 0, or not in time."""


class Log:
    """What the commands of one gate print, in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")

    def run(
        self,
        command: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Run a command to its end; Failed says how it failed."""
        words = [str(word) for word in command]
        with self.path.open("ab") as file:
            file.write(f"$ {' '.join(words)}\n".encode())
            file.flush()
            try:
                done = subprocess.run(
                    words,
                    cwd=cwd,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    timeout=TIMEOUT,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                raise Failed(str(error)) from error
        if done.returncode:
            raise Failed(f"{words[0]}: exit code {done.returncode}")

    def tail(self) -> str:
        lines = self.path.read_text(errors="replace").splitlines()
        return "\n".join(lines[-SHOWN_LINES:])


class Gate(NamedTuple):
    """A check with a name; it raises Failed when it is not passed.

    needed: whether the rest of its lane can do nothing without it.
    """

    name: str
    check: Callable[[Log], None]
    needed: bool = False


def pass_all(lanes: Iterable[Sequence[Gate]], logs: Path) -> list[str]:
    """Run all gates, whatever fails; the names of those that were not passed.

    A line a gate is printed, and the log of those that failed.  logs: the directory of the logs.
    """
    printing = threading.Lock()
    failed: list[str] = []

    def passes(gate: Gate) -> bool:
        log = Log(logs / f"{gate.name.replace(' ', '-')}.log")
        begin = time.monotonic()
        try:
            gate.check(log)
            problem = ""
        except (Failed, OSError) as error:
            problem = f"FAILED: {error}"
        seconds = time.monotonic() - begin
        with printing:
            if problem:
                failed.append(gate.name)
                print(log.tail(), f"the whole log: {log.path}", sep="\n")
            print(f"gate {gate.name}: {problem or 'ok'} ({seconds:.0f} s)", flush=True)
        return not problem

    def run_lane(lane: Sequence[Gate]) -> None:
        for gate in lane:
            if not passes(gate) and gate.needed:
                return

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(run_lane, lanes))
    return failed
