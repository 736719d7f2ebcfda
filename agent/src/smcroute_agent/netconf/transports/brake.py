"""What asyncssh leaves to its peer's good will: how much a connection may buffer.

asyncssh goes on writing when its TCP connection's buffer is full, and goes on reading while it
waits for something.  A client that grants a window of 4 GiB, or asks for replies, and does not
read them, would so fill the agent's memory; so would one that sends while its password is
looked at, or variables of the environment without an end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

import asyncssh

ALLOWANCE = 256 * 1024
"""Octets that a connection may send before it has a session: a login takes some 10 000, and as
much as a window holds may follow at once."""

MORE_ALLOWANCE = 16 * 1024 * 1024
"""Octets that it may send while it has sessions, and has asked for one that has not begun."""


class Blockable(Protocol):
    """A channel that can be told to wait."""

    def block(self, by: object) -> None: ...
    def unblock(self, by: object) -> None: ...


class Brake:
    """Reads nothing from a peer that reads nothing, and ends a connection that sends too much.

    It takes the place of three callbacks that asyncio calls on the connection (they are
    asyncio.Protocol's).  timeout: seconds after which a connection that takes nothing is cut.
    """

    def __init__(
        self, connection: asyncssh.SSHServerConnection, timeout: float, cut: Callable[[str], None]
    ) -> None:
        transport = connection._transport
        assert transport is not None
        self._transport = transport
        self._receive = connection.data_received
        self._timeout = timeout
        self._cut = cut
        self._left: int | None = ALLOWANCE
        self._timer: asyncio.TimerHandle | None = None
        self._channels: list[Blockable] = []
        self._blocked = False
        connection.data_received = self._data_received  # type: ignore[method-assign]
        connection.pause_writing = self._pause_writing  # type: ignore[method-assign]
        connection.resume_writing = self._resume_writing  # type: ignore[method-assign]

    def add(self, channel: Blockable) -> None:
        """A channel is opened; it waits when the connection does."""
        self._channels.append(channel)
        if self._blocked:
            channel.block(self)

    def remove(self, channel: Blockable) -> None:
        """A channel is closed."""
        self._channels.remove(channel)

    def allow(self, octets: int | None) -> None:
        """So many octets may come from now on; None: any number."""
        self._left = octets

    def end(self) -> None:
        """The connection is gone."""
        if self._timer is not None:
            self._timer.cancel()

    def _data_received(self, data: bytes, datatype: object = None) -> None:
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                self._cut("it sends too much before its session begins")
                return
        self._receive(data)

    def _pause_writing(self) -> None:
        self._blocked = True
        self._transport.pause_reading()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._timeout, self._cut, "it does not read")
        for channel in self._channels:
            channel.block(self)

    def _resume_writing(self) -> None:
        self._blocked = False
        self._transport.resume_reading()
        if self._timer is not None:
            self._timer.cancel()
        for channel in self._channels:
            channel.unblock(self)
