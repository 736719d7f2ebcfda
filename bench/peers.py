"""The two programs that are compared, and how both are placed on the machine."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from lab import process
from lab.daemon import DEBIAN, OURS, Daemon
from lab.wait import wait_for


class Peer(NamedTuple):
    """A smcrouted that is measured."""

    name: str
    program: Path


PEERS = (Peer("ours", OURS), Peer("theirs", DEBIAN))

CPUS = sorted(os.sched_getaffinity(0))

Samples = dict[str, list[float]]


def alternate(rounds: int, measure: Callable[[Peer, int], float]) -> Samples:
    """Measure both in turn, round after round; the one that begins changes."""
    samples: Samples = {peer.name: [] for peer in PEERS}
    for number in range(rounds):
        for peer in PEERS if number % 2 == 0 else PEERS[::-1]:
            samples[peer.name].append(measure(peer, number))
    return samples


@contextlib.contextmanager
def pinned(daemon: Daemon) -> Iterator[None]:
    """The daemon's processes on the first CPU, the caller on the second, where there are two."""
    try:
        if len(CPUS) > 1:
            for pid in process.tree(daemon.pid):
                for task in os.listdir(f"/proc/{pid}/task"):
                    os.sched_setaffinity(int(task), {CPUS[0]})
            os.sched_setaffinity(0, {CPUS[1]})
        yield
    finally:
        os.sched_setaffinity(0, CPUS)


@contextlib.contextmanager
def at_once() -> Iterator[None]:
    """Nothing holds up who takes the time: it is the router that is measured."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(2))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def settled_cpu_seconds(daemon: Daemon, *, quiet: int = 5) -> float:
    """CPU time of the daemon's processes once they rest: no tick more in `quiet` looks."""
    looks: list[float] = []

    def settled() -> bool:
        looks.append(daemon.cpu_seconds())
        return len(looks) >= quiet and looks[-1] == looks[-quiet]

    wait_for(settled, "the daemon at rest", timeout=120, interval=0.05)
    return looks[-1]
