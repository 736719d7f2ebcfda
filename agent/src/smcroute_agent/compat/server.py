"""Listens on the smcroutectl socket: one message a connection, a command or a batch."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable

from ..users import Peer, peer
from . import batch, commands, ipc
from .executor import Executor

REQUEST_TIMEOUT = 5.0
"""Seconds that a client has for its request."""

REPLY_TIMEOUT = 30.0
"""Seconds that a client may let a piece of the reply wait."""

MAX_CONNECTIONS = 128
"""Served at a time; further clients wait in the listener's queue."""

FIRST_PIECE = 16 * 1024
"""Octets that are asked for at first: all of a request, and of most batches."""

MAX_DISCARDED = 64 * 1024
"""Octets that are read and thrown away after a bad request, so that its sender sees why."""

DISCARD_TIMEOUT = 1.0
"""Seconds that a client may go on sending what is not taken any more."""

ACCEPT_PAUSE = 0.2
"""Seconds to wait when the system has no descriptor left for a connection."""

_log = logging.getLogger(__name__)


RouterFor = Callable[[Peer], commands.Router]
"""The router as one user may see and change it."""


class Server:
    """Serves smcroutectl on a listening AF_UNIX stream socket, which stays the caller's."""

    def __init__(
        self,
        listener: socket.socket,
        router_for: RouterFor,
        *,
        request_timeout: float = REQUEST_TIMEOUT,
        reply_timeout: float = REPLY_TIMEOUT,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._router_for = router_for
        self._request_timeout = request_timeout
        self._reply_timeout = reply_timeout
        self._max_connections = max_connections
        self._connections: set[asyncio.Task[None]] = set()
        self._accepting = False
        self._stopping = False

    async def run(self) -> None:
        """Serve until cancelled; connections are then closed."""
        try:
            self._go_on()
            await asyncio.get_running_loop().create_future()
        finally:
            self._stopping = True
            self._rest()
            for task in self._connections:
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)

    def _go_on(self) -> None:
        """Accept connections, if there may be more of them."""
        room = len(self._connections) < self._max_connections
        if room and not self._accepting and not self._stopping:
            self._accepting = True
            asyncio.get_running_loop().add_reader(self._listener, self._accept)

    def _rest(self) -> None:
        """Accept nothing for the time being."""
        self._accepting = False
        asyncio.get_running_loop().remove_reader(self._listener)

    def _accept(self) -> None:
        """Somebody connects."""
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionError):
            return
        except OSError as error:
            _log.warning("smcroutectl has to wait: %s", error.strerror)
            self._rest()
            asyncio.get_running_loop().call_later(ACCEPT_PAUSE, self._go_on)
            return
        task = asyncio.get_running_loop().create_task(self._serve(connection))
        self._connections.add(task)
        task.add_done_callback(self._done)
        if len(self._connections) >= self._max_connections:
            self._rest()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._connections.discard(task)
        self._go_on()

    async def _serve(self, connection: socket.socket) -> None:
        with contextlib.ExitStack() as closed, connection:
            connection.setblocking(False)
            try:
                await self._answer(connection, closed)
            except (TimeoutError, ConnectionError):
                _log.info("a smcroutectl went away or took too long")
            except Exception:
                _log.exception("a smcroutectl command failed")

    async def _answer(self, connection: socket.socket, closed: contextlib.ExitStack) -> None:
        """Do what the client asks for; closed: what is done when the connection is closed."""
        try:
            message = await _receive(connection, self._request_timeout)
        except TimeoutError:
            error = f"no whole command within {self._request_timeout:g} s"
            await self._send(connection, ipc.encode_error(error))
            return
        except ipc.MalformedRequest as error:
            await self._send(connection, ipc.encode_error(str(error)))
            await _discard(connection)
            return
        if message is None:
            return
        client = peer(connection)
        executor = Executor(client, self._router_for(client))
        if isinstance(message, list):
            async for octets in executor.many(message):
                await self._send(connection, octets)
            return
        answer = await executor.one(*message)
        closed.callback(answer.record)  # smcroutectl -b goes on when the connection is closed
        try:
            await self._send(connection, answer.octets)
        finally:
            if answer.afterwards is not None:
                await answer.afterwards()

    async def _send(self, connection: socket.socket, octets: bytes) -> None:
        """Send in the pieces that the client receives, so that it sees the same pieces."""
        if len(octets) <= ipc.REPLY_PIECE:
            # There is room for so little, as a rule, and no need to wait for any.
            with contextlib.suppress(BlockingIOError):
                octets = octets[connection.send(octets) :]
        loop = asyncio.get_running_loop()
        view = memoryview(octets)
        for start in range(0, len(octets), ipc.REPLY_PIECE):
            async with asyncio.timeout(self._reply_timeout):
                await loop.sock_sendall(connection, view[start : start + ipc.REPLY_PIECE])


Message = ipc.Request | list[batch.Item]


async def _receive(connection: socket.socket, timeout: float) -> Message | None:
    """The message of a connection, or None when the client closed without one.

    Raises TimeoutError, and MalformedRequest, also when the client closed in the middle.
    """
    octets = b""
    try:
        # As a rule it is there already, as a whole: then no time has to be watched.
        octets = connection.recv(FIRST_PIECE)
    except BlockingIOError:
        pass
    else:
        if not octets:
            return None
    message = _decode(octets)
    if message is not None:
        return message
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(timeout):
        while message is None:
            piece = await loop.sock_recv(connection, batch.MAX_MESSAGE + 1)
            if not piece:
                if octets:
                    raise ipc.MalformedRequest("half a message", remedy="use smcroutectl")
                return None
            octets += piece
            message = _decode(octets)
    return message


def _decode(octets: bytes) -> Message | None:
    return batch.decode(octets) if batch.begins(octets) else ipc.decode_request(octets)


async def _discard(connection: socket.socket) -> None:
    """Read on for a while: closing at once would take the answer from a client that still sends."""
    loop = asyncio.get_running_loop()
    left = MAX_DISCARDED
    connection.shutdown(socket.SHUT_WR)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DISCARD_TIMEOUT):
            while left > 0 and (piece := await loop.sock_recv(connection, 16 * 1024)):
                left -= len(piece)
