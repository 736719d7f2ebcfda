"""Lets a user other than root run the checkout, wherever it lies.

A clone below /root, or an interpreter there, cannot be reached by others.  In a mount
namespace of the process's own, the closed directory is covered by one that only holds what
is needed, at the same path.

    python lab/mounts.py COMMAND...     runs a command so
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

CLONE_NEWNS = 0x00020000
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18

CHECKOUT = Path(__file__).resolve().parent.parent


def reachable_by_all() -> None:
    """Make the checkout and the interpreter reachable by every user; a `preexec_fn`, as root."""
    libc = ctypes.CDLL(None, use_errno=True)

    def call(name: str, *arguments: object) -> None:
        if getattr(libc, name)(*arguments):
            number = ctypes.get_errno()
            raise OSError(number, f"{name}: {os.strerror(number)}")

    wanted = (CHECKOUT, Path(sys.prefix), Path(sys.base_prefix))
    covered = _closed_directories(wanted)
    if not covered:
        return
    call("unshare", CLONE_NEWNS)
    call("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    for directory, needed in covered.items():
        kept = {path: os.open(path, os.O_PATH) for path in needed}
        call("mount", b"none", os.fsencode(directory), b"tmpfs", 0, b"mode=755")
        for path, descriptor in kept.items():
            path.mkdir(parents=True, exist_ok=True)
            source = f"/proc/self/fd/{descriptor}".encode()
            call("mount", source, os.fsencode(path), None, MS_BIND | MS_REC, None)
            os.close(descriptor)


def _closed_directories(wanted: Iterable[Path]) -> dict[Path, list[Path]]:
    """The topmost ancestors that others may not enter, and what is wanted below each."""
    covered: dict[Path, list[Path]] = {}
    for path in sorted(set(wanted)):
        for ancestor in reversed(path.parents):
            if not ancestor.stat().st_mode & stat.S_IXOTH:
                needed = covered.setdefault(ancestor, [])
                # What lies inside something that is kept anyway comes with it.
                if not any(path.is_relative_to(other) for other in needed):
                    needed.append(path)
                break
    return covered


if __name__ == "__main__":
    reachable_by_all()
    os.execvp(sys.argv[1], sys.argv[1:])
