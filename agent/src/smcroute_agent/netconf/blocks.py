"""Octets that come in pieces, until they are whole.

A single buffer that grows is copied when it cannot grow where it is, and leaves a hole of its size
behind: 64 MB of a message took up to 235 MB.
"""

from __future__ import annotations

BLOCK = 256 * 1024
"""Octets."""


class Blocks:
    """A sequence of octets, of which a block at most is ever moved."""

    def __init__(self) -> None:
        self._full: list[bytes] = []
        self._full_size = 0
        self._last = bytearray()

    def __len__(self) -> int:
        return self._full_size + len(self._last)

    def append(self, octets: bytes | bytearray | memoryview) -> None:
        """So much more."""
        self._last += octets
        if len(self._last) >= BLOCK:
            self._full.append(bytes(self._last))
            self._full_size += len(self._last)
            self._last = bytearray()

    def take(self) -> bytes:
        """All of it; nothing is left."""
        whole = b"".join((*self._full, self._last))
        self._full, self._full_size, self._last = [], 0, bytearray()
        return whole
