"""Messages go to a connection one after the other, framed and in portions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from . import framing
from .connection import Transport

PORTION = 64 * 1024
"""Octets of a message that are handed to the connection at once."""


class Sender:
    """What a session sends.

    chunked: in the framing of base:1.1, from now on.
    """

    def __init__(self, transport: Transport) -> None:
        self.chunked = False
        self._transport = transport
        self._lock = asyncio.Lock()
        self._ended = False

    @property
    def busy(self) -> bool:
        """Whether a message is on its way."""
        return self._lock.locked()

    def write(self, pieces: Sequence[bytes]) -> None:
        """Send a small message at once, while none is on its way."""
        self._transport.write(self._framed(pieces))

    async def send(self, pieces: Sequence[bytes], then: Callable[[], None] | None = None) -> None:
        """Send a message, in portions, so that only one of them waits in the connection.

        Returns when the peer has taken most of it.  then: done when the last octet was handed on.
        Raises ConnectionError.
        """
        async with self._lock:
            for portion in framing.portions(self._framed(pieces), PORTION):
                await self._transport.drain()
                if self._ended:
                    return
                self._transport.write(portion)
            if then is not None:
                then()
            await self._transport.drain()

    def end(self) -> None:
        """Send nothing more."""
        self._ended = True

    def _framed(self, pieces: Sequence[bytes]) -> list[bytes]:
        return framing.encode(pieces, self.chunked)
