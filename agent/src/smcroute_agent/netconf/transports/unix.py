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
