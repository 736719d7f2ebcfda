"""A bound on the memory that all sessions take together.

A session's share is what it has sent of a message that is not complete, what the message that
is being handled takes, and what waits to be sent to it.  When all shares together exceed the
limit, whoever has the largest loses it, so a client that hoards harms itself and no other.
"""

from __future__ import annotations

import asyncio
import ctypes
import functools
from typing import Protocol

LARGE = 1024 * 1024
"""Octets of a share from which on the allocator is asked to give back what it took."""

DELAY = 0.2
"""Seconds until then."""

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
"""malloc.h of the GNU C library."""


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
        self._timer: asyncio.TimerHandle | None = None

    def hold(self, holder: Holder, octets: int) -> None:
        """A holder's share is `octets` now.  This may end a session: the caller's own, too."""
        before = self._shares.pop(holder, 0)
        if octets:
            self._shares[holder] = octets
        self.used += octets - before
        if before > LARGE and octets < before // 2:
            self._give_back_soon()
        while self.used > self.limit and self._shares:
            largest = max(self._shares, key=self._shares.__getitem__)
            largest.exhausted()
            self.hold(largest, 0)

    def _give_back_soon(self) -> None:
        """Not here and now: who just handed over a message still holds it."""
        loop = asyncio.get_running_loop()
        if self._timer is None or self._timer.when() <= loop.time():
            self._timer = loop.call_later(DELAY, give_back)


def give_back() -> None:
    """Return free memory to the system: the C library keeps it else, as much as there was once."""
    trim = getattr(_libc(), "malloc_trim", None)
    if trim is not None:
        trim(0)


def use_one_arena() -> None:
    """Let all threads take memory from one place; to be called before there are any.

    By default each thread has an arena of its own, and what is parsed in one of them and freed in
    another is not given back: 50 MB of a large message stay.  Other C libraries have no arenas.

    What is large is mapped by itself: it then grows without a copy, and leaves no hole behind.  By
    default the bound rises to 32 MB with what is freed, and a message that comes in pieces takes
    four times its size.
    """
    mallopt = getattr(_libc(), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_MMAP_THRESHOLD, LARGE)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)
