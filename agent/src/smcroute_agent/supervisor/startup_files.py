"""Reads and replaces the files of the startup datastore for the agent.

The agent may lack the right to read or write /etc; smcrouted does it on its behalf, but
only for the configuration file that smcrouted was started with and for the *.conf files of
the directory beside it (/etc/smcroute.conf: /etc/smcroute.d), and for the files MODULE.json of
the state directory, which nobody else may enter: password hashes are among them.  Contents
pass as descriptors and are never looked at here.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from pathlib import Path

from ..channel import Channel, Message
from ..errors import Error, SystemProblem
from .walk import check_owner, walk

MAX_SIZE = 64 * 1024 * 1024
"""Octets of one file at the most."""

NEW_FILE_MODE = 0o640

_STATE_FILE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}[.]json", re.ASCII)


class NotKept(SystemProblem):
    """A file that smcrouted does not touch for the agent; the agent may try by itself."""


class StartupFiles:
    """The files that the agent may ask for: `main`, those beside it, and those of `state`."""

    def __init__(self, main: Path, gid: int, state: Path) -> None:
        self._main = main
        self._gid = gid
        self._state = state

    def serve(self, channel: Channel, message: Message, descriptors: tuple[int, ...]) -> None:
        """Answer one request; what is wrong with it goes into the answer."""
        try:
            path = self._allowed(message.get("path"))
            if message.get("do") == "read":
                self._read(channel, Path(str(message["path"])))
            elif message.get("do") == "replace" and len(descriptors) == 1:
                self._replace(path, descriptors[0])
                channel.send({"ok": True})
            else:
                raise SystemProblem("an unknown request")
        except FileNotFoundError:
            channel.send({"missing": True})
        except NotKept as error:
            channel.send({"kept": False, "error": error.message})
        except Error as error:
            channel.send({"error": error.message, "path": error.path, "remedy": error.remedy})
        except OSError as error:
            channel.send(
                {
                    "error": error.strerror or str(error),
                    "path": str(message.get("path")),
                    "remedy": "see to the file system, or save elsewhere",
                }
            )

    def _allowed(self, path: object) -> Path:
        if not isinstance(path, str) or "\0" in path:
            raise SystemProblem("no path")
        asked = Path(path)
        if asked.parent == self._state and _STATE_FILE.fullmatch(asked.name):
            return asked
        real = Path(os.path.realpath(path))
        main = Path(os.path.realpath(self._main))
        beside = Path(os.path.realpath(self._main.with_suffix(".d")))
        if real == main or (real.parent == beside and real.suffix == ".conf"):
            return real
        raise NotKept("not a file that smcrouted keeps")

    def _read(self, channel: Channel, path: Path) -> None:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        if path.parent == self._state:  # where nobody else may enter, and no link is of use
            descriptor, owner = os.open(path, flags), None
        else:
            with walk(path) as found:
                descriptor = os.open(found.name, flags, dir_fd=found.directory)
                owner = found.owner
        try:
            check_owner(owner, os.fstat(descriptor), path)
            _check_regular(descriptor, path)
            channel.send({"ok": True}, (descriptor,))
        finally:
            os.close(descriptor)

    def _replace(self, path: Path, content: int) -> None:
        """Put the new content in the place of the old in one step, on disk when done."""
        size = os.fstat(content).st_size
        if size > MAX_SIZE:
            raise SystemProblem(f"more than {MAX_SIZE} octets", path=str(path))
        secret = path.parent == self._state
        if secret:
            self._state.parent.mkdir(mode=0o755, exist_ok=True)
            self._state.mkdir(mode=0o700, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        target = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            try:
                if not secret:
                    _take_over_attributes(target, path, self._gid)
                offset = 0
                while offset < size:
                    sent = os.sendfile(target, content, offset, size - offset)
                    if not sent:
                        raise SystemProblem("the new content ended early", path=str(path))
                    offset += sent
                os.fsync(target)
            finally:
                os.close(target)
            os.rename(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def _check_regular(descriptor: int, path: Path) -> None:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise SystemProblem("not a regular file", path=str(path))
    if status.st_size > MAX_SIZE:
        raise SystemProblem(f"more than {MAX_SIZE} octets", path=str(path))


def _take_over_attributes(target: int, path: Path, gid: int) -> None:
    """Owner, group and mode of the file that is replaced, or those of a new one."""
    try:
        old = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        os.fchown(target, -1, gid)
        os.fchmod(target, NEW_FILE_MODE)
        return
    if not stat.S_ISREG(old.st_mode):
        raise SystemProblem("not a regular file", path=str(path))
    os.fchown(target, old.st_uid, old.st_gid)
    os.fchmod(target, old.st_mode & 0o777)
