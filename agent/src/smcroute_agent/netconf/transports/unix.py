"""NETCONF on a UNIX socket: the kernel says who the peer is."""

from __future__ import annotations

import asyncio
import socket

from ...users import peer
from ..server import Server
from .stream import StreamTransport

BACKLOG, AT_ONCE = 1024, 32
"""Connections that may wait to be accepted, and those that are before others are listened to: who
says hello is heard before so many others come that it would make way.  While none may wait any
more, a client is refused by the kernel if it has set a time-out (unix(7), EAGAIN)."""


async def listen(server: Server, sock: socket.socket) -> asyncio.Server:
    """Serve NETCONF on a bound socket; closing what is returned ends only the listening."""
    loop = asyncio.get_running_loop()
    sock.setblocking(False)
    listening = await loop.create_unix_server(
        lambda: UnixConnection(server), sock=sock, backlog=AT_ONCE
    )
    sock.listen(BACKLOG)
    return listening


class UnixConnection(StreamTransport, asyncio.Protocol):
    """One connection."""

    identity = "smcroute-netconf-transport:netconf-unix"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.begin(transport, peer(transport.get_extra_info("socket")).subject())
