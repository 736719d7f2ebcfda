"""NETCONF on a UNIX socket: the kernel says who the peer is."""

from __future__ import annotations

import asyncio
import socket

from ...users import peer
from ..server import Server
from .stream import StreamTransport

BACKLOG = 128
"""Connections that may wait to be accepted."""


async def listen(server: Server, sock: socket.socket) -> asyncio.Server:
    """Serve NETCONF on a bound socket; closing what is returned ends only the listening."""
    loop = asyncio.get_running_loop()
    sock.setblocking(False)
    return await loop.create_unix_server(lambda: UnixConnection(server), sock=sock, backlog=BACKLOG)


class UnixConnection(StreamTransport, asyncio.Protocol):
    """One connection."""

    identity = "smcroute-netconf-transport:netconf-unix"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.begin(transport, peer(transport.get_extra_info("socket")).subject())

    def data_received(self, data: bytes) -> None:
        self.take(data)

    def eof_received(self) -> bool:
        self.take_eof()
        return True

    def pause_writing(self) -> None:
        self.block()

    def resume_writing(self) -> None:
        self.unblock()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost()
