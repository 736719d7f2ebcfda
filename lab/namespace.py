"""Network namespaces: names, entering them, and the leftovers of runs that were killed."""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import signal
import subprocess
from collections.abc import Iterator

from .scratch import PREFIX, abandoned

CLONE_NEWNET = 0x40000000
COMMAND_TIMEOUT = 30

_libc = ctypes.CDLL(None, use_errno=True)
_serial = itertools.count()


def lab_prefix() -> str:
    """A prefix for the namespaces of one lab: unique, and it tells whose they are."""
    return f"{PREFIX}-{os.getpid()}-{next(_serial)}-"


def ip(*arguments: str, batch: str | None = None) -> str:
    """Run iproute2's `ip`; with `batch`, its commands come from that text.

    Raises RuntimeError with what `ip` printed.
    """
    command = ["ip", *arguments, *(["-batch", "-"] if batch is not None else [])]
    done = subprocess.run(
        command, input=batch, capture_output=True, text=True, timeout=COMMAND_TIMEOUT, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


@contextlib.contextmanager
def entered(name: str) -> Iterator[None]:
    """Put the calling thread into a named network namespace, for the body's length.

    A socket opened, or a process started, inside stays in the namespace.  Only the thread
    moves: paths below /proc/net are those of the process, /proc/thread-self/net's are right.
    """
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        there = os.open(f"/run/netns/{name}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _setns(there)
        finally:
            os.close(there)
        try:
            yield
        finally:
            _setns(home)
    finally:
        os.close(home)


def _setns(descriptor: int) -> None:
    # os.setns is new in Python 3.12.
    if _libc.setns(descriptor, CLONE_NEWNET):
        error = ctypes.get_errno()
        raise OSError(error, f"setns: {os.strerror(error)}")


def remove(names: list[str]) -> None:
    """Kill what still runs in the namespaces, then delete them and all their interfaces."""
    if not names:
        return
    for pid in _processes_in(names):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    # -force: go on with the others when one is gone already.
    subprocess.run(
        ["ip", "-force", "-batch", "-"],
        input="".join(f"netns delete {name}\n" for name in names),
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT,
        check=False,
    )


def remove_leftovers() -> list[str]:
    """Remove the namespaces of labs whose process is gone; returns their names."""
    left = [name for name in _existing() if abandoned(name)]
    remove(left)
    return left


def _existing() -> list[str]:
    try:
        return os.listdir("/run/netns")
    except FileNotFoundError:
        return []


def _processes_in(names: list[str]) -> list[int]:
    """Processes, but this one, whose network namespace is one of these."""
    inodes = set()
    for name in names:
        with contextlib.suppress(OSError):
            inodes.add(os.stat(f"/run/netns/{name}").st_ino)
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{entry}/ns/net").st_ino in inodes:
                found.append(int(entry))
    return found
