"""Finding a file step by step, as root, where others may write some of the directories.

A path that root looks up as a whole may be changed between two looks, and a link that a user
has made leads root to files that the user may not read.  Here each step is looked at through
a descriptor of the directory before it, and whoever owns a directory or a link on the way,
other than root, only gets at files of his own.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ..errors import SystemProblem

MAX_LINKS = 40
"""As the kernel has it: path_resolution(7)."""

_ROOT = 0
_STEP = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Found(NamedTuple):
    """Where a path leads: the last directory, open as O_PATH, and the name in it, no link.

    owner: the user, other than root, who has led here; None when root alone has.
    """

    directory: int
    name: str
    owner: int | None


def check_owner(owner: int | None, status: os.stat_result, path: Path) -> None:
    """Raise SystemProblem when a user has led to something that is another's."""
    if owner not in (None, status.st_uid):
        raise SystemProblem(
            "a directory or link on the way to it is of another user than the file",
            path=str(path),
            remedy="let root own the directory and the link, or the same user own the file",
        )


@contextmanager
def walk(path: Path) -> Iterator[Found]:
    """Where an absolute path leads; the file itself need not exist.  Raises OSError."""
    steps = [step for step in reversed(path.parts) if step != "/"]
    directory = os.open("/", _STEP)
    owner: int | None = None
    links = 0
    try:
        while True:
            name = steps.pop() if steps else "."
            try:
                status = os.stat(name, dir_fd=directory, follow_symlinks=False)
            except FileNotFoundError:
                if steps:
                    raise
                status = os.fstat(directory)  # a new file is its directory's owner's
            if stat.S_ISLNK(status.st_mode):
                links += 1
                if links > MAX_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
                owner = owner if status.st_uid == _ROOT else status.st_uid
                target = os.readlink(name, dir_fd=directory)
                steps += reversed([step for step in target.split("/") if step not in ("", ".")])
                if target.startswith("/"):
                    directory = _enter(directory, "/")
                continue
            if not steps:
                yield Found(directory, name, owner)
                return
            directory = _enter(directory, name)
            uid = os.fstat(directory).st_uid
            owner = owner if uid == _ROOT else uid
    finally:
        os.close(directory)


def _enter(directory: int, name: str) -> int:
    """The directory below, instead of this one."""
    below = os.open(name, _STEP, dir_fd=directory)
    os.close(directory)
    return below
