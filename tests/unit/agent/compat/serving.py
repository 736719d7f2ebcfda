"""A compat server on a socket of its own, in a thread, for the tests of it and of its clients."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from smcroute_agent.compat.server import Peer, Server
from tests.unit.agent.compat.memory import MemoryRouter


class Serving:
    """What a test knows of a running server."""

    def __init__(self, path: Path, router: MemoryRouter) -> None:
        self.path = path
        self.router = router
        self.peers: list[Peer] = []

    def connect(self) -> socket.socket:
        """A raw client."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(10)
        connection.connect(str(self.path))
        return connection

    def talk(self, octets: bytes, *, end: bool = False) -> bytes:
        """Send octets, and receive until the server closes."""
        with self.connect() as connection:
            with contextlib.suppress(BrokenPipeError):  # it may have refused them already
                connection.sendall(octets)
            if end:
                connection.shutdown(socket.SHUT_WR)
            reply = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := connection.recv(1024):
                    reply += piece
            return reply


@contextlib.contextmanager
def serving(path: Path, router: MemoryRouter, **limits: Any) -> Iterator[Serving]:
    """Serve a router on a path until the end of the block."""
    made = Serving(path, router)

    def router_for(peer: Peer) -> MemoryRouter:
        made.peers.append(peer)
        return router

    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(128)
    loop = asyncio.new_event_loop()
    task = loop.create_task(Server(listener, router_for, **limits).run())

    def run() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)
        listener.close()
        loop.close()
    assert not thread.is_alive()
