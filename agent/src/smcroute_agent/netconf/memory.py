"""A bound on the memory that all sessions take together.

A session's share is what it has sent of a message that is not complete, what the message that
is being handled takes, and what waits to be sent to it.  When all shares together exceed the
limit, whoever has the largest loses it, so a client that hoards harms itself and no other.
"""

from __future__ import annotations

import asyncio
import ctypes
import functools
from collections.abc import Callable
from typing import Protocol

LARGE = 4 * 1024 * 1024
"""Octets of a share from which on the allocator is asked to give back what it took."""


class Holder(Protocol):
    """Who has a share."""

    def exhausted(self) -> None:
        """End, and give the share back: it is the largest, and there is too little for all."""


class Memory:
    """The shares of all holders; limit: octets."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self._shares: dict[Holder, int] = {}

    def hold(self, holder: Holder, octets: int) -> None:
        """A holder's share is `octets` now.  This may end a session: the caller's own, too."""
        before = self._shares.pop(holder, 0)
        if octets:
            self._shares[holder] = octets
        self.used += octets - before
        if before > LARGE and octets < before // 2:
            # Not here and now: asyncio holds what it has just called, and that the message.
            asyncio.get_running_loop().call_soon(give_back)
        while self.used > self.limit and self._shares:
            largest = max(self._shares, key=self._shares.__getitem__)
            largest.exhausted()
            self.hold(largest, 0)


def give_back() -> None:
    """Return free memory to the system: the C library keeps it else, as much as there was once."""
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@functools.cache
def _malloc_trim() -> Callable[[int], int] | None:
    """malloc_trim(3) of the GNU C library."""
    function: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return function
