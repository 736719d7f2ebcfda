"""The files of the startup datastore, through smcrouted where the agent has no right to them."""

from __future__ import annotations

import contextlib
import fnmatch
import glob
import os
import stat
import threading
from collections.abc import Mapping
from typing import Any

from ..channel import Channel, ChannelClosed, memory_file
from ..errors import SystemProblem
from ..replacing import MAX_SIZE, Replacements


class OwnFiles:
    """Files as the process itself may read and write them; implements compat.conf.Files."""

    remedy = "let this user read and write it"

    def glob(self, pattern: str) -> list[str]:
        """The paths that match, sorted; raises SystemProblem where the process may not look."""
        directory = os.path.dirname(pattern)
        try:
            if not glob.has_magic(pattern):
                os.stat(pattern)
            elif not glob.has_magic(directory):
                os.listdir(directory or ".")
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise self._failure("look for", pattern, error) from None
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

    def replace(self, contents: Mapping[str, bytes]) -> None:
        """Put new contents in the places of the old: all, or none; raises SystemProblem."""
        replacements = Replacements()
        try:
            for path, content in contents.items():
                try:
                    self._stage(replacements, path, content)
                except OSError as error:
                    raise self._failure("write", path, error) from None
            try:
                replacements.commit()
            except OSError as error:
                raise self._failure("write", ", ".join(contents), error) from None
        finally:
            replacements.abandon()

    @staticmethod
    def _stage(replacements: Replacements, path: str, content: bytes) -> None:
        # A link stays, and what it leads to is replaced.
        real = os.path.realpath(path)
        directory = os.open(os.path.dirname(real), os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        descriptor = memory_file("content", content)
        try:
            replacements.stage(directory, os.path.basename(real), descriptor, _take_over_mode)
        finally:
            os.close(descriptor)
            os.close(directory)

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

    def glob(self, pattern: str) -> list[str]:
        """The paths that match, sorted; raises SystemProblem where nobody may look for it."""
        try:
            return super().glob(pattern)
        except SystemProblem:
            directory, name = os.path.split(pattern)
            answer, _ = self.ask({"do": "list", "path": directory})
            if "names" not in answer:
                self._check(answer, pattern)
                raise
        found = fnmatch.filter(answer["names"], name)
        return sorted(os.path.join(directory, each) for each in found)

    def read(self, path: str) -> bytes:
        """The content of a file; raises FileNotFoundError and SystemProblem."""
        answer, descriptors = self.ask({"do": "read", "path": path})
        if descriptors:
            with os.fdopen(descriptors[0], "rb") as file:
                return file.read()
        self._check(answer, path)
        return super().read(path)

    def replace(self, contents: Mapping[str, bytes]) -> None:
        """Put new contents in the places of the old: all, or none; raises SystemProblem.

        Only where some of them are files that smcrouted does not keep, and the agent is killed
        in the middle, these may be new and the others old.
        """
        own: dict[str, bytes] = {}
        try:
            for path, content in contents.items():
                if not self._stage_kept(path, content):
                    own[path] = content
            before = {path: self._old(path) for path in own}
            super().replace(own)
            try:
                self._commit(list(contents))
            except SystemProblem:
                super().replace(before)
                raise
        except BaseException:
            with contextlib.suppress(SystemProblem):
                self.ask({"do": "abandon"})
            raise

    def _old(self, path: str) -> bytes:
        """What a file of the agent's own says, to be put back."""
        try:
            return super().read(path)
        except FileNotFoundError:
            raise SystemProblem("there is no such file", path=path, remedy="create it") from None

    def _commit(self, paths: list[str]) -> None:
        answer, _ = self.ask({"do": "commit"})
        try:
            self._check(answer, ", ".join(paths))
        except FileNotFoundError as error:
            raise SystemProblem("a directory is gone", path=str(error)) from None

    def _stage_kept(self, path: str, content: bytes) -> bool:
        """Whether smcrouted keeps the file, and has the new content."""
        descriptor = memory_file("content", content)
        try:
            answer, _ = self.ask({"do": "stage", "path": path}, (descriptor,))
        finally:
            os.close(descriptor)
        if answer.get("missing"):
            raise SystemProblem("its directory does not exist", path=path, remedy="create it")
        if not answer.get("kept", True):
            return False
        self._check(answer, path)
        return True

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
        if "error" in answer and answer.get("kept", True):
            place = answer.get("path") or path
            raise SystemProblem(answer["error"], path=place, remedy=answer["remedy"])


def _take_over_mode(target: int, old: os.stat_result | None) -> None:
    if old is not None:
        os.fchmod(target, stat.S_IMODE(old.st_mode))
