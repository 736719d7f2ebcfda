"""Reads and replaces the files of the startup datastore for the agent.

The agent may lack the right to read or write /etc; smcrouted does it on its behalf, but
only for the configuration file that smcrouted was started with and for the *.conf files that are
in the directory beside it (/etc/smcroute.conf: /etc/smcroute.d), and for the files MODULE.json of
the state directory, which nobody else may enter: password hashes are among them.  Contents
pass as descriptors and are never looked at here.

What the agent says is only compared: files are found from the paths that smcrouted was started
with, step by step, and replaced in directories that are open.
"""

from __future__ import annotations

import logging
import os
import re
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from ..channel import Channel, Message
from ..errors import Error, SystemProblem
from ..journal import Planned, Waits
from ..replacing import MAX_SIZE, Replacements, recover
from .walk import Found, check_owner, walk

MAX_STATE_FILES = 64
"""Files of the state directory, one a module of YANG."""

MAX_NAMES = 32 * 1024
"""Octets of the names of a directory at the most, before JSON escapes them."""

MAX_PATH = 4096
"""Octets of a path at the most: PATH_MAX of linux/limits.h."""

NEW_FILE_MODE = 0o640
"""Of a smcroute.conf that was not there: root writes, the agent's group reads."""

_log = logging.getLogger(__name__)

_STATE_FILE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}[.]json", re.ASCII)

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class NotKept(SystemProblem):
    """A file that smcrouted does not touch for the agent; the agent may try by itself."""


class StartupFiles:
    """The files that the agent may ask for: `main`, those beside it, and those of `state`.

    MAX_SIZE bounds one file, all *.conf files of the directory beside, all files of the state
    directory, and all that is staged.

    The requests: read, of a path; list, of the names in the directory beside; stage, of a path and
    with the new content; commit and abandon, of all that is staged.
    """

    def __init__(self, main: Path, gid: int, state: Path) -> None:
        self._main = main
        self._beside = main.with_suffix(".d")
        self._gid = gid
        self._state = state
        self._journal = f".{main.name}.journal"
        self._replacements = Replacements(self._journal)

    def serve(self, channel: Channel, message: Message, descriptors: tuple[int, ...]) -> None:
        """Answer one request; what is wrong with it goes into the answer."""
        try:
            match message.get("do"):
                case "read":
                    self._read(channel, self._kept(message.get("path")))
                    return
                case "list":
                    channel.send({"names": self._names(message.get("path"))})
                    return
                case "stage" if len(descriptors) == 1:
                    self._stage(self._kept(message.get("path")), descriptors[0])
                case "commit":
                    self._commit()
                case "abandon":
                    self.abandon()
                case _:
                    raise SystemProblem("an unknown request")
            channel.send({"ok": True})
        except FileNotFoundError:
            channel.send({"missing": True})
        except NotKept as error:
            channel.send({"kept": False, "error": error.message})
        except Error as error:
            channel.send({"error": error.message, "path": error.path, "remedy": error.remedy})
        except OSError as error:
            path = message.get("path")
            channel.send(
                {
                    "error": error.strerror or str(error),
                    "path": None if path is None else str(path),
                    "remedy": "see to the file system, or save elsewhere",
                }
            )

    def abandon(self) -> None:
        """Nothing of what is staged is done: the agent has ended, or says so."""
        self._replacements.abandon()

    def recover(self) -> None:
        """End the save that a smcrouted before has begun, if it was killed in the middle."""
        with ExitStack() as stack:
            directories: dict[int, Waits] = {}
            for path, names in (
                (self._main, re.escape(os.path.basename(os.path.realpath(self._main)))),
                (self._beside / "any.conf", ".*[.]conf"),
                (self._state / "any.json", ".*[.]json"),
            ):
                with suppress(OSError, Error):
                    found = stack.enter_context(self._found(path))
                    directories[found.directory] = re.compile(names).fullmatch
            said = recover(directories, self._journal)
        if said is not None:
            _log.warning("%s", said)

    def _kept(self, asked: object) -> Path:
        """The path of ours that is asked for; raises NotKept."""
        path = Path(_told(asked))
        if path.parent == self._state and _STATE_FILE.fullmatch(path.name):
            return path
        real = _real(path)
        if real == Path(os.path.realpath(self._main)):
            return self._main
        if real.parent == Path(os.path.realpath(self._beside)) and real.suffix == ".conf":
            return self._beside / real.name
        raise NotKept("not a file that smcrouted keeps")

    @contextmanager
    def _found(self, path: Path) -> Iterator[Found]:
        if path.parent != self._state:
            with walk(path) as found:
                yield found
            return
        with walk(self._state) as found:
            directory = os.open(found.name, _DIRECTORY, dir_fd=found.directory)
        try:
            status = os.fstat(directory)
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                raise SystemProblem(
                    "others than root may write in it",
                    path=str(self._state),
                    remedy="let root own the directory, with mode 700",
                )
            yield Found(directory, path.name, None)  # a link there is of no use
        finally:
            os.close(directory)

    def _read(self, channel: Channel, path: Path) -> None:
        with self._found(path) as found:
            descriptor = os.open(found.name, _FILE, dir_fd=found.directory)
        try:
            status = os.fstat(descriptor)
            check_owner(found.owner, status, path)
            _check_regular(status, path)
            if status.st_size > MAX_SIZE:
                raise _too_much(path)
            channel.send({"ok": True}, (descriptor,))
        finally:
            os.close(descriptor)

    def _names(self, asked: object) -> list[str]:
        """The names in the directory beside."""
        directory = Path(_told(asked))
        if _real(directory) != Path(os.path.realpath(self._beside)):
            raise NotKept("not a directory that smcrouted keeps")
        with self._found(self._beside / "any.conf") as found:
            check_owner(found.owner, os.fstat(found.directory), self._beside)
            names = list(_sizes(found.directory, ".conf"))
        if sum(map(len, names)) > MAX_NAMES:
            raise SystemProblem(
                "too many files", path=str(self._beside), remedy="put the rules into fewer"
            )
        return names

    def _stage(self, path: Path, content: int) -> None:
        if sum(staged.new.size for staged in self._replacements.staged) > MAX_SIZE - (
            os.fstat(content).st_size
        ):
            raise _too_much(path)
        secret = path.parent == self._state
        if secret:
            self._state.parent.mkdir(mode=0o755, exist_ok=True)
            self._state.mkdir(mode=0o700, exist_ok=True)

        def dress(target: int, old: os.stat_result | None) -> None:
            check_owner(found.owner, old or os.fstat(found.directory), path)
            if old is not None:
                _check_regular(old, path)
            elif path.parent == self._beside:
                raise SystemProblem(
                    "no file is made there",
                    path=str(path),
                    remedy="make it, or save to the files that are there",
                )
            if not secret:
                _take_over_attributes(target, old, self._gid)

        with self._found(path) as found:
            self._replacements.stage(found.directory, found.name, content, dress)

    def _commit(self) -> None:
        try:
            staged = self._replacements.staged
            for directory in {one.directory for one in staged}:
                self._check_room(directory, [one for one in staged if one.directory == directory])
        except (Error, OSError):
            self.abandon()
            raise
        self._replacements.commit()

    def _check_room(self, directory: int, staged: list[Planned]) -> None:
        """Files that are there may be many and large; the agent makes them no larger."""
        status = os.fstat(directory)
        for path, suffix, limit in (
            (self._beside, ".conf", None),
            (self._state, ".json", MAX_STATE_FILES),
        ):
            if not path.exists() or not os.path.samestat(path.stat(), status):
                continue
            sizes = _sizes(directory, suffix)
            new = sizes | {one.name: one.new.size for one in staged}
            grows = len(new) > len(sizes) or sum(new.values()) > sum(sizes.values())
            if grows and (sum(new.values()) > MAX_SIZE or (limit and len(new) > limit)):
                raise _too_much(path)


def _told(asked: object) -> str:
    """A path that the agent asks for, if it can be one."""
    if not isinstance(asked, str) or "\0" in asked or len(asked) >= MAX_PATH:
        raise SystemProblem("no path")
    return asked


def _real(path: Path) -> Path:
    """Where it leads; raises NotKept for a chain of links that whoever asks may have made."""
    try:
        return Path(os.path.realpath(path))
    except RecursionError:
        raise NotKept("too many links") from None


def _sizes(directory: int, suffix: str) -> dict[str, int]:
    descriptor = os.open(".", _DIRECTORY, dir_fd=directory)
    try:
        with os.scandir(descriptor) as entries:
            return {
                entry.name: entry.stat(follow_symlinks=False).st_size
                for entry in entries
                if entry.name.endswith(suffix) and not entry.name.startswith(".")
            }
    finally:
        os.close(descriptor)


def _too_much(path: Path) -> SystemProblem:
    return SystemProblem(
        f"more than {MAX_SIZE} octets, or too many files",
        path=str(path),
        remedy="make it smaller; rules for ranges are shorter",
    )


def _check_regular(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise SystemProblem("not a regular file", path=str(path))


def _take_over_attributes(target: int, old: os.stat_result | None, gid: int) -> None:
    """Owner, group and mode of the file that is replaced, or those of a new one."""
    if old is None:
        os.fchown(target, -1, gid)
        os.fchmod(target, NEW_FILE_MODE)
        return
    os.fchown(target, old.st_uid, old.st_gid)
    os.fchmod(target, old.st_mode & 0o777)
