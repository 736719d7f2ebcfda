"""What the transports share: a NETCONF session on an asyncio-like stream.

UNIX sockets (asyncio) and SSH channels (asyncssh) have the same callbacks and the same
methods for writing, so one class serves both.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from ...nacm.guard import Subject
from ..admission import Refused
from ..server import Server
from .patience import Patience

if TYPE_CHECKING:
    from ..session import Session

logger = logging.getLogger(__name__)


class Refusals:
    """Logs refused connections, but not one line each: whoever floods shall not fill the log."""

    INTERVAL = 10.0
    """Seconds between two lines."""

    def __init__(self) -> None:
        self._next = 0.0
        self._more = 0

    def add(self, message: str) -> None:
        """One more connection was refused."""
        now = time.monotonic()
        if now < self._next:
            self._more += 1
            return
        more = f" ({self._more} more since the last such line)" if self._more else ""
        logger.warning("%s%s", message, more)
        self._next, self._more = now + self.INTERVAL, 0


refusals = Refusals()


class Stream(Protocol):
    """The part of asyncio.Transport and asyncssh.SSHServerChannel that is used here."""

    def write(self, data: bytes) -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def get_write_buffer_size(self) -> int: ...
    def close(self) -> None: ...
    def abort(self) -> None: ...


class StreamTransport:
    """A connection.Transport over a stream, and what the stream calls (asyncio.Protocol).

    The subclass says when the stream and its user are there.
    """

    identity: str

    def __init__(self, server: Server) -> None:
        self._server = server
        self.host: str | None = None
        self._stream: Stream | None = None
        self._session: Session | None = None
        self._patience: Patience | None = None
        self._blocked_by: set[object] = set()
        self._can_write = asyncio.Event()
        self._can_write.set()
        self._closed = asyncio.Event()
        self._hello_timer: asyncio.TimerHandle | None = None
        self._close_timer: asyncio.TimerHandle | None = None

    def begin(self, stream: Stream, subject: Subject, host: str | None = None) -> None:
        """The connection is there and its user is known; host: the peer's IP address."""
        self._stream = stream
        self.host = host
        try:
            self._session = self._server.open(self, subject)
        except Refused as error:
            refusals.add(f"a connection of {subject.user} is refused: {error}")
            stream.abort()
            return
        limits = self._server.limits
        self._patience = Patience(self._session, limits.message_timeout, limits.message_time)
        loop = asyncio.get_running_loop()
        self._hello_timer = loop.call_later(limits.hello_timeout, self._hello_missing)

    # What the stream calls.

    def data_received(self, data: bytes, datatype: int | None = None) -> None:
        """Octets have come; datatype: asyncssh's, of which the subsystem has only one."""
        if self._session is None or self._patience is None:
            return
        self._session.received(data)
        self._patience.octets_came()

    def eof_received(self) -> bool:
        """The peer sends no more; it may still read, so the stream stays open."""
        if self._session is not None:
            self._session.eof_received()
        return True

    def pause_writing(self) -> None:
        """The stream's buffer is full."""
        self.block()

    def resume_writing(self) -> None:
        """The stream's buffer has room again."""
        self.unblock()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._stream = None
        self._can_write.set()
        self._closed.set()
        for timer in (self._hello_timer, self._close_timer):
            if timer is not None:
                timer.cancel()
        if self._patience is not None:
            self._patience.end()
        if self._session is not None:
            self._session.end("dropped")

    def block(self, by: object = None) -> None:
        """The stream's buffer is full, or another one below it."""
        self._blocked_by.add(by)
        self._can_write.clear()

    def unblock(self, by: object = None) -> None:
        """That buffer has room again."""
        self._blocked_by.discard(by)
        if not self._blocked_by:
            self._can_write.set()

    # connection.Transport

    def write(self, pieces: Sequence[bytes | memoryview]) -> None:
        if self._stream is not None:
            self._stream.write(b"".join(pieces))

    async def drain(self) -> None:
        if self._stream is not None and not self._can_write.is_set():
            try:
                async with asyncio.timeout(self._server.limits.write_timeout):
                    await self._can_write.wait()
            except TimeoutError:
                self._give_up()
        if self._stream is None:
            raise ConnectionResetError("the peer is gone")

    def pause_reading(self) -> None:
        if self._stream is not None:
            self._stream.pause_reading()

    def resume_reading(self) -> None:
        if self._stream is not None:
            self._stream.resume_reading()

    def close(self) -> None:
        if self._stream is None:
            return
        if self._stream.get_write_buffer_size():
            # What is left to send may never be taken: the connection does not wait for it.
            timeout = self._server.limits.write_timeout
            self._close_timer = asyncio.get_running_loop().call_later(timeout, self._give_up)
        self._stream.close()

    async def wait_closed(self) -> None:
        await self._closed.wait()

    def _hello_missing(self) -> None:
        if self._session is not None and not self._session.open:
            logger.info("session %d is ended: no hello came in time", self._session.session_id)
            self._session.end("timeout")

    def _give_up(self) -> None:
        if self._stream is not None:
            logger.warning("a client does not read what it asked for: its connection is cut")
            stream, self._stream = self._stream, None
            stream.abort()
