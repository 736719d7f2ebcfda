"""What is being replaced, on disk, so that the next process ends what a killed one has begun.

A process that is killed while it puts new contents in the places of several files leaves some new
and some old.  Before it begins, a journal tells of all of them: which file is the old one, which
the new one, and where it waits.  The next process does the rest.
"""

from __future__ import annotations

import contextlib
import enum
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

MAX_SIZE = 4 * 1024 * 1024
"""Octets of a journal at the most; a file takes some 200."""

_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

_TEMPORARY = re.compile(r"\.(.+)\.([0-9]+)\.new", re.DOTALL)


def temporary_name(name: str) -> str:
    """Where the new content of a file waits, beside it."""
    return f".{name}.{os.getpid()}.new"


class Identity(NamedTuple):
    """Tells one content of a file from another: a change by anybody makes it another one."""

    inode: int
    modified: int
    size: int

    @classmethod
    def of(cls, status: os.stat_result) -> Identity:
        return cls(status.st_ino, status.st_mtime_ns, status.st_size)


class Planned(NamedTuple):
    """A file that is to be replaced; `old` is None where there is none yet."""

    directory: int
    name: str
    temporary: str
    new: Identity
    old: Identity | None


class Stage(enum.Enum):
    """How far a file is."""

    NEW = enum.auto()
    OLD = enum.auto()
    CHANGED = enum.auto()
    """It is neither: somebody has changed it."""


def stage_of(planned: Planned) -> Stage:
    """How far a file is; what is on its way is looked at, and nothing is written."""
    now = _identity(planned.name, planned.directory)
    if now == planned.new:
        return Stage.NEW
    waits = _identity(planned.temporary, planned.directory) == planned.new
    return Stage.OLD if now == planned.old and waits else Stage.CHANGED


def write(directory: int, name: str, plan: Iterable[Planned]) -> None:
    """Have the plan on disk, in a directory; raises OSError."""
    files = [
        [os.fstat(one.directory).st_ino, one.name, one.temporary, one.new, one.old] for one in plan
    ]
    remove(directory, name)
    descriptor = os.open(name, _WRITE, 0o600, dir_fd=directory)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump({"files": files}, file)
            file.flush()
            os.fsync(descriptor)
        sync(directory)
    except BaseException:
        remove(directory, name)
        raise


def remove(directory: int, name: str) -> None:
    """What it tells of is done, or will not be."""
    with contextlib.suppress(OSError):
        os.unlink(name, dir_fd=directory)


Waits = Callable[[str], object]
"""Truth: whether a new content may wait in a directory for the file of this name."""


def recover(
    directories: Mapping[int, Waits], name: str, take_place: Callable[[Planned], object]
) -> str | None:
    """End what a killed process has begun in these directories, and remove what it left.

    What nobody has begun to replace stays as it is.  Returns what was done, in words; None when
    there was nothing to do.
    """
    said: list[str] = []
    all_ended = True
    for directory in directories:
        plan = _read(directory, name, directories)
        if plan is None:
            continue
        done, ended = _finish(plan, take_place)
        if done is not None:
            said.append(done)
        for each in directories:
            sync(each)
        if ended:
            for one in plan:
                remove(one.directory, one.temporary)
            remove(directory, name)
        all_ended &= ended
    if all_ended:
        for directory, waits in directories.items():
            _remove_leftovers(directory, waits)
    return "; ".join(said) or None


def _finish(
    plan: list[Planned], take_place: Callable[[Planned], object]
) -> tuple[str | None, bool]:
    """What was done, in words, and whether there is nothing left to be done."""
    stages = {one: stage_of(one) for one in plan}
    new, old, changed = ([one for one in plan if stages[one] is stage] for stage in Stage)
    if not new or not (old or changed):
        return None, True
    if changed:
        # Whoever did that saw the others as they are.
        told = f"{_names(changed)} changed since, so {_names(new)} new and {_names(old)} old"
        return f"a save was interrupted, and is not ended: {told}", True
    try:
        for one in old:
            take_place(one)
    except OSError as error:
        return f"a save was interrupted, and cannot be ended: {error.strerror or error}", False
    return f"a save was interrupted, and is ended now: {_names(old)}", True


def _names(files: Iterable[Planned]) -> str:
    return ", ".join(one.name for one in files)


def _read(directory: int, name: str, directories: Iterable[int]) -> list[Planned] | None:
    """The plan of a journal; None when there is none."""
    try:
        descriptor = os.open(name, _READ, dir_fd=directory)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_uid != os.geteuid():
            return None
        content = file.read(MAX_SIZE)
    inodes = {os.fstat(each).st_ino: each for each in directories}
    try:
        return [_planned(inodes, *one) for one in json.loads(content)["files"]]
    except (ValueError, TypeError, KeyError):
        # It is written before anything is replaced: nothing was.
        return []


def _planned(
    inodes: dict[int, int], inode: int, name: str, temporary: str, *states: Any
) -> Planned:
    matched = _TEMPORARY.fullmatch(temporary)
    if "/" in name or matched is None or matched[1] != name:
        raise ValueError(name)
    new, old = (None if state is None else Identity(*state) for state in states)
    if new is None:
        raise ValueError(name)
    return Planned(inodes[inode], name, temporary, new, old)


def _remove_leftovers(directory: int, waits: Waits) -> None:
    """Remove the new contents that a process has left that is no more."""
    with contextlib.suppress(OSError):
        descriptor = os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=directory)
        try:
            names = os.listdir(descriptor)
        finally:
            os.close(descriptor)
        for name in names:
            matched = _TEMPORARY.fullmatch(name)
            if matched is not None and waits(matched[1]) and not _runs(int(matched[2])):
                os.unlink(name, dir_fd=directory)


def _runs(pid: int) -> bool:
    return pid != os.getpid() and os.path.exists(f"/proc/{pid}")


def _identity(name: str, directory: int) -> Identity | None:
    try:
        return Identity.of(os.stat(name, dir_fd=directory, follow_symlinks=False))
    except FileNotFoundError:
        return None


def sync(directory: int) -> None:
    """Have the names of a directory on disk, as far as its file system does that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=directory)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
