"""The pid file: it appears when the daemon is ready, and is touched after a reload."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ..errors import SystemProblem


class PidFile:
    """The file at `path`; it belongs to this process between write and remove."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = False

    def write(self) -> None:
        """Create or replace the file at once, mode 0644; raises SystemProblem."""
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            descriptor = os.open(
                temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644
            )
            with os.fdopen(descriptor, "w") as file:
                file.write(f"{os.getpid()}\n")
            os.rename(temporary, self._path)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise SystemProblem(
                f"cannot write the pid file {self._path}: {error.strerror}",
                remedy="choose another with -P FILE",
            ) from None
        self._written = True

    def touch(self) -> None:
        """Show by the file's time that a reload is done."""
        if self._written:
            with contextlib.suppress(OSError):  # a file system that has become read-only
                os.utime(self._path)

    def remove(self) -> None:
        if self._written:
            with contextlib.suppress(OSError):
                self._path.unlink()
            self._written = False
