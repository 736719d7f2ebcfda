"""Putting new contents in the place of several files: all of them, or none."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
from collections.abc import Callable, Mapping

from . import journal
from .journal import Identity, Planned

MAX_SIZE = 64 * 1024 * 1024
"""Octets of a file at the most, read or new."""

_RENAME_EXCHANGE = 2  # linux/fs.h

_libc = ctypes.CDLL(None, use_errno=True)

Dress = Callable[[int, os.stat_result | None], None]
"""Gives a new file, by its descriptor, owner and mode; those of the old one, if there is one."""


class Replacements:
    """New contents that are written and on disk, and take their places in one go.

    A name belongs to a directory that is open (O_PATH will do), and is never looked up as a path.
    When the process that stages them is killed, the old contents are all there.

    journal: the name of a file beside them that tells what is under way, so that recover() can
    end it when this process is killed; without one, some are new then and some are old.
    """

    def __init__(self, journal: str | None = None) -> None:
        self._journal = journal
        self._directories: dict[tuple[int, int], int] = {}
        self._staged: dict[tuple[int, str], Planned] = {}

    @property
    def staged(self) -> list[Planned]:
        return list(self._staged.values())

    def stage(self, directory: int, name: str, content: int, dress: Dress) -> None:
        """Write what the descriptor `content` holds beside the file; raises OSError.

        EIO: the content has become shorter meanwhile.
        """
        directory = self._keep(directory)
        try:
            old = os.stat(name, dir_fd=directory, follow_symlinks=False)
        except FileNotFoundError:
            old = None
        temporary = journal.temporary_name(name)
        _unlink(temporary, directory)
        size = os.fstat(content).st_size
        target = os.open(
            temporary,
            os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC,
            0o600,
            dir_fd=directory,
        )
        try:
            dress(target, old)
            _copy(content, target, size)
            os.fsync(target)
            new = Identity.of(os.fstat(target))
        except BaseException:
            _unlink(temporary, directory)
            raise
        finally:
            os.close(target)
        before = None if old is None else Identity.of(old)
        self._staged[directory, name] = Planned(directory, name, temporary, new, before)

    def commit(self) -> None:
        """All take their places, on disk when done; raises OSError when none does."""
        done: list[Planned] = []
        place: int | None = None
        try:
            if self._journal is not None and len(self._staged) > 1:
                place = os.dup(self.staged[0].directory)
                journal.write(place, self._journal, self.staged)
            for replacement in self._staged.values():
                if _take_place(replacement):
                    done.append(replacement)
        except OSError:
            for replacement in reversed(done):
                _put_back(replacement)
            raise
        finally:
            self.abandon(sync=True)
            if place is not None and self._journal is not None:
                journal.remove(place, self._journal)
                os.close(place)

    def abandon(self, *, sync: bool = False) -> None:
        """Forget what is staged, and remove what is left of it.

        sync: have the directories on disk.
        """
        for replacement in self._staged.values():
            _unlink(replacement.temporary, replacement.directory)
        for directory in self._directories.values():
            if sync:
                journal.sync(directory)
            os.close(directory)
        self._staged.clear()
        self._directories.clear()

    def _keep(self, directory: int) -> int:
        """A descriptor of our own; one for each directory."""
        status = os.fstat(directory)
        identity = status.st_dev, status.st_ino
        if identity not in self._directories:
            self._directories[identity] = os.dup(directory)
        return self._directories[identity]


def recover(directories: Mapping[int, journal.Waits], name: str) -> str | None:
    """End what a killed process has begun: see journal.recover()."""
    return journal.recover(directories, name, _take_place)


def _copy(content: int, target: int, size: int) -> None:
    offset = 0
    while offset < size:
        sent = os.sendfile(target, content, offset, size - offset)
        if not sent:
            raise OSError(errno.EIO, "the new content ended early")
        offset += sent


def _take_place(replacement: Planned) -> bool:
    """The old content has then the temporary name, if True, and can be put back."""
    directory, name, temporary = replacement.directory, replacement.name, replacement.temporary
    exists = replacement.old is not None
    if exists and _exchange(directory, temporary, name):
        return True
    # A new file, or a file system that cannot exchange.
    os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
    return not exists


def _put_back(replacement: Planned) -> None:
    with contextlib.suppress(OSError):
        if replacement.old is not None:
            _exchange(replacement.directory, replacement.temporary, replacement.name)
        else:
            os.unlink(replacement.name, dir_fd=replacement.directory)


def _exchange(directory: int, one: str, other: str) -> bool:
    """Swap two files' names at once; False where the file system cannot.  Raises OSError."""
    names = os.fsencode(one), directory, os.fsencode(other)
    if not _libc.renameat2(directory, *names, _RENAME_EXCHANGE):
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS):
        return False
    raise OSError(number, os.strerror(number))


def _unlink(name: str, directory: int) -> None:
    with contextlib.suppress(OSError):
        os.unlink(name, dir_fd=directory)
