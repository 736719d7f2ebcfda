"""NETCONF on a UNIX socket: the kernel says who the peer is."""

from __future__ import annotations

import asyncio
import socket
import struct

from ...users import user_name
from ..server import Server
from .stream import StreamTransport

BACKLOG = 128
"""Connections that may wait to be accepted."""

_UCRED = struct.Struct("iII")
"""struct ucred of unix(7): pid, uid, gid."""


async def listen(server: Server, sock: socket.socket) -> asyncio.Server:
    """Serve NETCONF on a bound socket; closing what is returned ends only the listening."""
    loop = asyncio.get_running_loop()
    sock.setblocking(False)
    return await loop.create_unix_server(lambda: UnixConnection(server), sock=sock, backlog=BACKLOG)


def peer_user(sock: socket.socket) -> str:
    """The name of the user at the other end, or the uid in decimal when it has none."""
    credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    uid = _UCRED.unpack(credentials)[1]
    return user_name(uid)


class UnixConnection(StreamTransport, asyncio.Protocol):
    """One connection."""

    identity = "smcroute-netconf-transport:netconf-unix"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.begin(transport, peer_user(transport.get_extra_info("socket")))

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
