"""One NETCONF session without a socket: octets come in, octets go out to a Transport.

The states are: waiting for the client's <hello>; open; ended.  Messages are handled one at
a time and in order.  While one is being handled, octets may wait up to HIGH_WATER, then
reading is paused, so a client that floods is held up by its own connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime

from lxml import etree

from ..errors import Error, Errors
from ..nacm.guard import Subject
from . import framing, hello, names, parsing, rpc, xml
from .connection import Transport
from .memory import IN_WORK, RECEIVED, Memory, Share
from .reply import ANONYMOUS, Envelope, Reply, envelope
from .rpc_error import internal_error, rpc_error
from .sending import Sender
from .statistics import Counters

HIGH_WATER = 64 * 1024
"""Octets that may wait while a message is being handled."""

logger = logging.getLogger(__name__)


Handler = Callable[["Session", etree._Element], Awaitable[Reply]]
"""Carries out the operation, the child of <rpc>; raises errors.Error."""


class Session:
    """The server's side of one session.

    session_id: positive, never used before by this server.  subject: the user
    that the transport authenticated.  prefixes: prefix → namespace, for error paths.
    """

    def __init__(
        self,
        session_id: int,
        subject: Subject,
        transport: Transport,
        handler: Handler,
        *,
        announced: Sequence[str],
        prefixes: Mapping[str, str],
        on_end: Callable[[Session], None],
        memory: Memory,
        max_message: int = framing.MAX_MESSAGE,
        on_start: Callable[[Session], None] | None = None,
    ) -> None:
        self.session_id = session_id
        self.subject = subject
        self.user = subject.user
        self.client_capabilities: frozenset[str] = frozenset()
        self.open = False
        self.ended = False
        self.end_reason = "other"
        """Why it ended, in the words of RFC 6470's termination-reason."""
        self.killed_by: int | None = None
        """The session that killed it."""
        self.host = transport.host
        self.transport_identity = transport.identity
        self.login_time = datetime.now(UTC)
        self.counters = Counters()
        self.share = Share(memory, (self.user, subject.recovery), self._exhausted)
        """What it takes of the memory of all."""
        self._transport = transport
        self._handler = handler
        self._announced = announced
        self._prefixes = prefixes
        self._on_end = on_end
        self._on_start = on_start
        self._max_message = max_message
        self._decoder = framing.Decoder()
        self._sender = Sender(transport)
        self._worker: asyncio.Task[None] | None = None
        self._paused = False
        self._no_more_input = False

    def start(self) -> None:
        """Send our <hello>; the client's may come before or after."""
        self._sender.write([hello.server_hello(self.session_id, self._announced)])

    def received(self, data: bytes) -> None:
        """Octets have come from the client."""
        if self.ended:
            return
        self._decoder.feed(data)
        if self._worker is None:
            self._advance()
        elif self._decoder.waiting > HIGH_WATER and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self.share.hold(RECEIVED, self._decoder.held)

    def eof_received(self) -> None:
        """The client sends no more: answer what is complete, then end."""
        self._no_more_input = True
        if self._worker is None:
            self.end("dropped")

    @property
    def busy(self) -> bool:
        """Whether a message is being handled; further ones may be waiting."""
        return self._worker is not None

    @property
    def half_message(self) -> bool:
        """Whether a message has begun to come and is not complete."""
        return self._worker is None and self._decoder.begun

    @property
    def messages(self) -> int:
        """How many messages have come so far."""
        return self._decoder.messages

    async def notify(self, pieces: Sequence[bytes]) -> None:
        """Send a notification; returns when the peer has taken most of it."""
        self.counters.out_notifications += 1
        await self._sender.send(pieces)

    def end(self, reason: str = "other", killed_by: int | None = None) -> None:
        """Close the session: an operation that waits is given up, locks are released.

        reason: a termination-reason of RFC 6470, section 2.2.
        """
        if self.ended:
            return
        self.ended = True
        self.end_reason, self.killed_by = reason, killed_by
        worker, self._worker = self._worker, None
        if worker is not None and worker is not _current_task():
            worker.cancel()
        self._sender.end()
        self._decoder = framing.Decoder()
        self.share.close()
        self._on_end(self)
        self._transport.close()

    async def wait_closed(self) -> None:
        """Wait until an ended session has sent its last octets."""
        await self._transport.wait_closed()

    def _advance(self) -> None:
        """Handle what is complete, in a task."""
        message = self._next_message()
        if message is not None:
            self._worker = asyncio.get_running_loop().create_task(self._work(message))

    def _next_message(self) -> bytes | None:
        try:
            return self._decoder.next()
        except framing.TooLarge as error:
            self._give_up("too-big", str(error))
        except framing.FramingError as error:
            # RFC 6242, section 4.2: the connection is closed, there is no reply.
            self._log("is ended: %s", error)
            self.end()
        return None

    async def _hello(self, message: bytes) -> None:
        try:
            self.client_capabilities = hello.client_capabilities(await self._parsed(message))
        except (xml.NotWellFormed, hello.HelloError) as error:
            self._log("is refused: %s", error)
            self.end("bad-hello")
            return
        self._decoder.chunked = names.BASE_1_1 in self.client_capabilities
        self._sender.chunked = self._decoder.chunked
        self._decoder.limit = self._max_message
        self.open = True
        if self._on_start is not None:
            self._on_start(self)

    async def _work(self, message: bytes | None) -> None:
        """Handle messages one after the other until there is none."""
        try:
            while message is not None and not self.ended:
                self._hold(len(message))
                if not self.ended:
                    await (self._handle if self.open else self._hello)(message)
                self._hold(0)
                message = None if self.ended else self._next_message()
        except ConnectionError:
            self.end("dropped")
        except Exception:
            logger.exception("session %d of %s is ended", self.session_id, self.user)
            self.end()
        self._worker = None
        if self.ended:
            return
        self.share.hold(RECEIVED, self._decoder.held)
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        if self._no_more_input:
            self.end("dropped")

    async def _handle(self, message: bytes) -> None:
        try:
            element = rpc.checked(await self._parsed(message))
        except xml.TooCostly as error:
            self.counters.in_bad_rpcs += 1
            await self._reply_error(ANONYMOUS, rpc.too_big(str(error)))
            return
        except xml.NotWellFormed as error:
            self.counters.in_bad_rpcs += 1
            if self._decoder.chunked:
                await self._reply_error(ANONYMOUS, rpc.malformed(str(error)))
            else:
                # base:1.0 has no malformed-message (RFC 6241, section 3).
                self._log("is ended: %s", error)
                self.end()
            return
        around = envelope(element)
        answer = await self._answer(element)
        # What was parsed is not needed any more, and sending may take its time.
        del element
        if isinstance(answer, Error):
            await self._reply_error(around, answer)
            return
        warnings = [
            rpc_error(warning, self._prefixes, around.nc, "warning") for warning in answer.warnings
        ]
        self.counters.out_rpc_errors += bool(warnings)
        pieces = around.around(*(warnings or answer.pieces(around.nc)))
        self._hold(len(message) + sum(map(len, pieces)))
        await self._sender.send(pieces, answer.then)
        if answer.ends_session:
            self.end("closed")

    async def _parsed(self, message: bytes) -> etree._Element:
        """The root element; raises xml.NotWellFormed."""
        self._hold(await parsing.cost(message))
        if self.ended:
            raise ConnectionError("the session is ended")
        return await parsing.parse(message)

    async def _answer(self, element: etree._Element) -> Reply | Error:
        """What the operation in an <rpc> returns or raises."""
        try:
            operation = rpc.operation(element)
        except Error as error:
            self.counters.in_bad_rpcs += 1
            return error
        self.counters.in_rpcs += 1
        try:
            return await self._handler(self, operation)
        except Error as error:
            # The frames in the traceback hold the message, and may be in a cycle with it.
            return error.with_traceback(None)
        except Exception:
            logger.exception("session %d: an operation failed", self.session_id)
            return internal_error()

    async def _reply_error(self, around: Envelope, error: Error) -> None:
        self.counters.out_rpc_errors += 1
        self._hold(0)
        errors = error.errors if isinstance(error, Errors) else (error,)
        told = [rpc_error(each, self._prefixes, around.nc) for each in errors]
        await self._sender.send(around.around(*told))

    def _give_up(self, tag: str, why: str) -> None:
        """End the session with a last word, for which the protocol has no message-id."""
        self._log("is ended: %s", why)
        if self.open and not self._sender.busy:
            error = Error(why, error_type="transport", tag=tag)
            self._sender.write(ANONYMOUS.around(rpc_error(error, self._prefixes)))
        self.end()

    def _exhausted(self) -> None:
        """All sessions together hold too much, and this one the most."""
        self._give_up("resource-denied", "all sessions together take too much memory")

    def _hold(self, octets: int) -> None:
        """What is being handled, or sent, takes so much."""
        self.share.hold(RECEIVED, self._decoder.held)
        self.share.hold(IN_WORK, octets)

    def _log(self, message: str, *arguments: object) -> None:
        logger.info("session %d of %s " + message, self.session_id, self.user, *arguments)


def _current_task() -> asyncio.Task[object] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None
