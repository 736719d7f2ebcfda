"""What asyncssh leaves to its peer's good will: how much a connection may buffer.

asyncssh goes on writing when its TCP connection's buffer is full, and while keys are exchanged it
keeps all that is written until the peer has done its part.  A client that grants a window of 4 GiB,
or asks for replies, and does not read them, or begins a key exchange and does not go on, would so
fill the agent's memory; so would one that sends while its password is looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

import asyncssh

BEFORE_LOGIN = 64 * 1024
"""Octets that a connection may send before its user has logged in, which takes some 10 000."""

MAX_DEFERRED = 4096
"""Packets that may wait for the end of a key exchange: a sending.PORTION of each channel, and
answers to what the peer has sent before it knew of it."""


class Blockable(Protocol):
    """A channel that can be told to wait."""

    def block(self, by: object) -> None: ...
    def unblock(self, by: object) -> None: ...


class Brake:
    """Lets the channels of a connection wait while its peer takes nothing, and cuts it in the end.

    channels: those that are open.  timeout: seconds after which a connection that takes nothing is
    cut.  It takes the place of three callbacks that asyncio calls on the connection (they are
    asyncio.Protocol's), and of two methods by which asyncssh begins and ends a key exchange.
    """

    def __init__(
        self, connection: asyncssh.SSHServerConnection, timeout: float, cut: Callable[[str], None]
    ) -> None:
        transport = connection._transport
        assert transport is not None
        self.channels: set[Blockable] = set()
        self._connection = connection
        self._transport = transport
        self._receive = connection.data_received
        self._timeout = timeout
        self._cut = cut
        self._left: int | None = BEFORE_LOGIN
        """Octets that may come yet; None: any number."""
        self._waits: dict[str, asyncio.TimerHandle] = {}
        """What the channels wait for, as it is said when it does not come."""
        connection.data_received = self._data_received  # type: ignore[method-assign]
        connection.pause_writing = self._pause_writing  # type: ignore[method-assign]
        connection.resume_writing = self._resume_writing  # type: ignore[method-assign]

    def logged_in(self) -> None:
        """The user is known; what comes from now on is read as fast as it is worked off."""
        self._left = None
        connection = self._connection
        send_kexinit, send_newkeys = connection._send_kexinit, connection.send_newkeys

        def begin_key_exchange() -> None:
            self._wait("it does not end a key exchange")
            send_kexinit()

        def end_key_exchange(k: bytes, h: bytes) -> None:
            send_newkeys(k, h)
            # What was deferred may have been so much that the next one has begun.
            if connection._kex_complete:
                self._go_on("it does not end a key exchange")

        connection._send_kexinit = begin_key_exchange  # type: ignore[method-assign]
        connection.send_newkeys = end_key_exchange  # type: ignore[method-assign]

    def add(self, channel: Blockable) -> None:
        """A channel is opened; it waits when the connection does."""
        self.channels.add(channel)
        for why in self._waits:
            channel.block(why)

    def end(self) -> None:
        """The connection is gone."""
        for timer in self._waits.values():
            timer.cancel()

    def _wait(self, why: str) -> None:
        if why not in self._waits:
            loop = asyncio.get_running_loop()
            self._waits[why] = loop.call_later(self._timeout, self._cut, why)
            for channel in self.channels:
                channel.block(why)

    def _go_on(self, why: str) -> None:
        if why in self._waits:
            self._waits.pop(why).cancel()
            for channel in self.channels:
                channel.unblock(why)

    def _data_received(self, data: bytes, datatype: object = None) -> None:
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                self._cut("it sends too much before its login")
                return
        self._receive(data)
        if len(self._connection._deferred_packets) > MAX_DEFERRED:
            self._cut("it asks for too much during a key exchange")

    def _pause_writing(self) -> None:
        self._transport.pause_reading()
        self._wait("it does not read")

    def _resume_writing(self) -> None:
        self._transport.resume_reading()
        self._go_on("it does not read")
