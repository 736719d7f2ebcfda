"""The program of `-e CMD`: called when routes have been loaded, or learned from a flow.

    smcrouted -e 'CMD WORD'    CMD WORD reload    after the start and after each reload
                               CMD WORD install   with source and group in its environment

One call at a time, so that nothing piles up; nobody waits for it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from .. import privileges
from ..errors import Error
from .user import User

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

MAX_WAITING = 1000
"""Calls that wait for their turn; further ones are left out, and counted."""

MAX_SECONDS = 30.0
"""A call that takes longer is killed, with the processes that it has started."""

STOP_PATIENCE = 1.0
"""Seconds that a call has for ending when smcrouted does."""

_log = logging.getLogger(__name__)

_ADDRESS = re.compile("[0-9a-f.:]{2,45}").fullmatch


class Event(NamedTuple):
    """Why the program is called: "reload", or "install" of a flow's route."""

    name: str
    source: str | None = None
    group: str | None = None

    @classmethod
    def told(cls, told: Any) -> Self:
        """What the engine tells: a flow's route is installed.

        Raises LookupError, TypeError or ValueError for anything else.
        """
        source, group = told["source"], told["group"]
        if told["event"] != "install" or not (_ADDRESS(source) and _ADDRESS(group)):
            raise ValueError("no event of an engine")
        return cls("install", source, group)

    def environment(self) -> dict[str, str]:
        """All that the program finds in its environment."""
        flow = {"source": self.source, "group": self.group}
        return {"PATH": SEARCH_PATH, **{key: value for key, value in flow.items() if value}}


RELOAD = Event("reload")


class Script:
    """Calls the program, one event after the other.

    command: the program and its first arguments.
    user: whom it runs as, without any capability; None: as smcrouted itself does.

    Call `step` after `add`, and whenever `pidfd` is readable or `deadline` has passed.
    """

    def __init__(
        self, command: Sequence[str], user: User | None, *, max_seconds: float = MAX_SECONDS
    ) -> None:
        self._command = tuple(command)
        self._user = user
        self._max_seconds = max_seconds
        self._waiting: dict[Event, None] = {}
        self._left_out = 0
        self._running = Event("")
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False
        self.pidfd: int | None = None
        self.deadline: float | None = None
        """Of time.monotonic."""

    def add(self, event: Event) -> None:
        """Have the program called when its turn comes; an equal event that waits will do."""
        if event in self._waiting:
            return
        if len(self._waiting) >= MAX_WAITING:
            if not self._left_out:
                _log.warning("-e: %d calls wait; further ones are left out", MAX_WAITING)
            self._left_out += 1
            return
        self._waiting[event] = None

    def step(self) -> None:
        """See to a call that has ended or takes too long, and start the next one."""
        process = self._process
        if process is not None:
            if process.poll() is None:
                self._check_deadline()
                return
            self._ended(process.returncode)
        while self._process is None and self._waiting:
            event = next(iter(self._waiting))
            del self._waiting[event]
            self._start(event)
        if self._left_out and not self._waiting:
            _log.warning("-e: %d calls were left out", self._left_out)
            self._left_out = 0

    def stop(self) -> None:
        """End a call that runs, by force if need be; no other is started."""
        self._waiting.clear()
        process = self._process
        if process is None:
            return
        self._signal(signal.SIGTERM)
        try:
            process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            process.wait()
        self._forget()

    def _start(self, event: Event) -> None:
        command = [*self._command, event.name]
        try:
            self._process = subprocess.Popen(
                command,
                env=event.environment(),
                stdin=subprocess.DEVNULL,
                cwd="/",
                process_group=0,
                # smcrouted has a single thread: what runs between fork and exec is safe.
                preexec_fn=self._drop_privileges if self._user else None,
            )
        except (OSError, subprocess.SubprocessError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            _log.error("-e: %s cannot be run: %s", self._command[0], reason)
            return
        self._running = event
        self._killed = False
        self.pidfd = os.pidfd_open(self._process.pid)
        self.deadline = time.monotonic() + self._max_seconds
        _log.debug("-e: %s %s started, pid %d", self._command[0], event.name, self._process.pid)

    def _drop_privileges(self) -> None:
        assert self._user is not None
        try:
            privileges.drop(self._user.uid, self._user.gid, privileges.AGENT)
        except Error as error:
            # subprocess tells no more of it than that this function failed.
            os.write(2, f"smcrouted: -e: {error}\n".encode())
            raise

    def _check_deadline(self) -> None:
        assert self.deadline is not None
        if not self._killed and time.monotonic() >= self.deadline:
            self._say(f"takes more than {self._max_seconds:g} s; it is killed")
            self._killed = True
            self.deadline = None
            self._signal(signal.SIGKILL)

    def _ended(self, code: int) -> None:
        if code and not self._killed:
            self._say(f"killed by signal {-code}" if code < 0 else f"exit code {code}")
        self._forget()

    def _say(self, what: str) -> None:
        event = self._running
        flow = f" for ({event.source}, {event.group})" if event.group else ""
        _log.error("-e: %s %s%s: %s", self._command[0], event.name, flow, what)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _forget(self) -> None:
        assert self.pidfd is not None
        os.close(self.pidfd)
        self.pidfd = self.deadline = self._process = None
