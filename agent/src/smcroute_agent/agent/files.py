"""The files of the startup datastore, through smcrouted where the agent has no right to them."""

from __future__ import annotations

import contextlib
import glob
import os
import stat
import threading
from pathlib import Path
from typing import Any

from ..channel import Channel, ChannelClosed
from ..errors import SystemProblem

MAX_SIZE = 64 * 1024 * 1024
"""Octets of one file at the most."""


class OwnFiles:
    """Files as the process itself may read and write them; implements compat.conf.Files."""

    remedy = "let this user read and write it"

    def glob(self, pattern: str) -> list[str]:
        """The paths that match, sorted; none where the process may not look."""
        return sorted(glob.glob(pattern))

    def read(self, path: str) -> bytes:
        """The content of a file; raises FileNotFoundError and SystemProblem."""
        try:
            # A pipe would be waited for, by an edit too.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode):
                    raise SystemProblem("not a regular file", path=path, remedy=self.remedy)
                content = file.read(MAX_SIZE + 1)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise self._failure("read", path, error) from None
        if len(content) > MAX_SIZE:
            raise SystemProblem(f"more than {MAX_SIZE} octets", path=path, remedy="divide it")
        return content

    def replace(self, path: str, content: bytes) -> None:
        """Put new content in the place of the old, in one step; raises SystemProblem."""
        temporary = Path(path).with_name(f".{os.path.basename(path)}.{os.getpid()}.new")
        try:
            with open(temporary, "xb") as file:
                file.write(content)
                file.flush()
                if os.path.exists(path):
                    os.fchmod(file.fileno(), stat.S_IMODE(os.stat(path).st_mode))
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise self._failure("write", path, error) from None

    def _failure(self, verb: str, path: str, error: OSError) -> SystemProblem:
        return SystemProblem(f"cannot {verb} it: {error.strerror}", path=path, remedy=self.remedy)


class SupervisedFiles(OwnFiles):
    """Reads and replaces files; every call blocks, so call it in a worker thread.

    smcrouted keeps the main file and the directory beside it; any other file, such as an
    included one elsewhere, is opened with the agent's own rights.
    """

    remedy = "let the agent's user read and write it, or include a file of the kept directory"

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._one_at_a_time = threading.Lock()

    def read(self, path: str) -> bytes:
        """The content of a file; raises FileNotFoundError and SystemProblem."""
        answer, descriptors = self.ask({"do": "read", "path": path})
        if descriptors:
            with os.fdopen(descriptors[0], "rb") as file:
                return file.read()
        self._check(answer, path)
        return super().read(path)

    def replace(self, path: str, content: bytes) -> None:
        """Put new content in the place of the old, in one step; raises SystemProblem."""
        descriptor = os.memfd_create("startup", os.MFD_CLOEXEC)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            answer, _ = self.ask({"do": "replace", "path": path}, (descriptor,))
        if answer.get("ok"):
            return
        if answer.get("missing"):
            raise SystemProblem("its directory does not exist", path=path, remedy="create it")
        self._check(answer, path)
        super().replace(path, content)

    def ask(
        self, message: dict[str, Any], descriptors: tuple[int, ...] = ()
    ) -> tuple[dict[str, Any], tuple[int, ...]]:
        """Ask smcrouted for something, and wait for its answer; raises SystemProblem."""
        try:
            with self._one_at_a_time:
                self._channel.send(message, descriptors)
                received = self._channel.receive()
        except ChannelClosed:
            raise SystemProblem("smcrouted is gone", remedy="start it again") from None
        assert received is not None, "the channel blocks"
        return received

    @staticmethod
    def _check(answer: dict[str, Any], path: str) -> None:
        """Raise what smcrouted answered, unless the agent is left to try by itself."""
        if answer.get("missing"):
            raise FileNotFoundError(path)
        if answer.get("kept", True):
            raise SystemProblem(answer["error"], path=answer.get("path"), remedy=answer["remedy"])
