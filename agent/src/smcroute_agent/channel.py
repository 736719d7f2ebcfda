"""Typed messages between the processes of one daemon.

A channel is one end of an AF_UNIX SOCK_SEQPACKET pair: a message is one JSON object in
one packet, so a process that dies in the middle of a write leaves no half message.
Descriptors travel beside a message (SCM_RIGHTS, unix(7)).

They are a danger to who receives them from a process that faces the network: the last close of a
socket with unsent data and SO_LINGER waits for as long as its maker liked, a read of a file of
FUSE too.  Hence `Channel.distrust`.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from .errors import Error

MAX_MESSAGE = 128 * 1024
"""Octets of a message at the most; larger contents are sent in parts."""

MAX_DESCRIPTORS = 4
"""Descriptors beside one message at the most."""

_SO_PASSRIGHTS = 83
"""asm-generic/socket.h, Linux 6.16: whether a socket takes descriptors; sendmsg() says EPERM."""

_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW

_unclosed: list[int] = []

Message = dict[str, Any]


class ChannelClosed(Error):
    """The process at the other end has closed the channel or died."""


class ChannelFull(Error):
    """The other end does not read; only a non-blocking channel says so."""


class DescriptorRefused(ValueError):
    """A process that is not trusted has passed a descriptor that it may not pass."""


def encoded_size(part: Any) -> int:
    """Octets that a part of a message takes, with the comma behind it."""
    return len(_encode(part)) + 1


_json = json.JSONEncoder(separators=(",", ":"))


def _encode(part: Any) -> bytes:
    return _json.encode(part).encode()


class Channel:
    """One end of a channel.  It owns its socket; the caller chooses whether it blocks."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self._trusted = True
        self._takes_memory_files = False

    @classmethod
    def from_descriptor(cls, descriptor: int) -> Channel:
        """The channel that a parent process left open under this number."""
        os.set_inheritable(descriptor, False)
        return cls(socket.socket(fileno=descriptor))

    def fileno(self) -> int:
        return self.socket.fileno()

    def distrust(self, *, memory_files: bool = False) -> None:
        """Never be held up by the process at the other end, whatever it passes.

        memory_files: it may pass those of `memory_file`; nobody waits at their close.
        """
        self._trusted = False
        self._takes_memory_files = memory_files
        if not memory_files:
            with contextlib.suppress(OSError):  # before Linux 6.16
                self.socket.setsockopt(socket.SOL_SOCKET, _SO_PASSRIGHTS, 0)

    def close(self) -> None:
        """Close this end; one that others wait at with select or epoll is unregistered before."""
        if self._trusted:
            self.socket.close()
        else:
            _discard((self.socket.detach(),))  # descriptors may wait in it, unreceived

    def send(self, message: Message, descriptors: tuple[int, ...] = ()) -> None:
        """Send one message, with the descriptors beside it.

        Raises ChannelClosed when nobody is there any more, ChannelFull when a
        non-blocking channel has no room, ValueError when the message is too large.
        """
        data = _encode(message)
        if len(data) > MAX_MESSAGE:
            raise ValueError(f"a message of {len(data)} octets; send it in parts")
        try:
            if descriptors:
                socket.send_fds(self.socket, [data], list(descriptors))
            else:
                self.socket.send(data)
        except BlockingIOError:
            raise ChannelFull("the other process does not read its messages") from None
        except (BrokenPipeError, ConnectionResetError):
            raise ChannelClosed("the other process is gone") from None

    def receive(self) -> tuple[Message, tuple[int, ...]] | None:
        """The next message and its descriptors, or None when a non-blocking channel is empty.

        Raises ChannelClosed at the end, and ValueError for a packet that is no JSON
        object or too large: its sender is then not one of ours.  DescriptorRefused is one.
        """
        try:
            data, descriptors, flags, _ = socket.recv_fds(self.socket, MAX_MESSAGE, MAX_DESCRIPTORS)
        except BlockingIOError:
            return None
        except ConnectionResetError:
            raise ChannelClosed("the other process is gone") from None
        try:
            if not data:
                raise ChannelClosed("the other process has closed the channel")
            if not (self._trusted or all(map(self._is_taken, descriptors))):
                raise DescriptorRefused("a descriptor that it may not pass")
            if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
                raise ValueError("a message larger than MAX_MESSAGE")
            message = json.loads(data)
            if not isinstance(message, dict):
                raise ValueError("a message that is no JSON object")
        except (ValueError, RecursionError, ChannelClosed) as error:
            _discard(descriptors)
            if isinstance(error, RecursionError):
                raise ValueError("a message nested too deep") from None
            raise
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        return message, tuple(descriptors)

    def _is_taken(self, descriptor: int) -> bool:
        return self._takes_memory_files and _is_sealed(descriptor)


def channel_pair() -> tuple[Channel, Channel]:
    """Both ends of a new channel, blocking."""
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in (left, right):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * MAX_MESSAGE)
    return Channel(left), Channel(right)


@contextlib.contextmanager
def handed_over() -> Iterator[tuple[Channel, Channel]]:
    """Our end and the one for another process, which it has got when the block ends.

    Ours is kept then, unless the block raised.
    """
    ours, theirs = channel_pair()
    try:
        yield ours, theirs
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()


def memory_file(name: str, content: bytes) -> int:
    """A descriptor of a file in memory that cannot be changed any more (memfd_create(2))."""
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _is_sealed(descriptor: int) -> bool:
    try:
        return fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & _SEALS == _SEALS
    except OSError:  # no memory file
        return False


def _discard(descriptors: Iterable[int]) -> None:
    """Close descriptors of unknown making, in threads: nobody waits for it.

    Where there is no thread to be had, since their sender has taken them all, they are closed
    with the next ones.
    """
    _unclosed.extend(descriptors)
    while _unclosed:
        descriptor = _unclosed.pop()
        thread = threading.Thread(target=os.close, args=(descriptor,), name="close", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            _unclosed.append(descriptor)
            return
