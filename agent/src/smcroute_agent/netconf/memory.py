"""A bound on the memory that all sessions take together.

A session's share is what it has sent of a message that is not complete, what the message that
is being handled takes, and what waits to be sent to it, notifications too.  When all shares
together exceed the limit, the user who has most loses the largest of them: whoever hoards, in
however many sessions, harms nobody else.
"""

from __future__ import annotations

import asyncio
import ctypes
import functools
from collections import Counter
from collections.abc import Callable, Hashable

RECEIVED, IN_WORK, SUBSCRIPTION = "received", "in work", "subscription"
"""The parts of a session's share: of a message that is not complete; of the one that is being
handled or answered; a subscription's filter and the notifications that wait."""

LARGE = 1024 * 1024
"""Octets of a share from which on the allocator is asked to give back what it took."""

DELAY = 0.2
"""Seconds until it is asked."""

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
"""malloc.h of the GNU C library."""


class Share:
    """What one session holds, by what it is for.

    owner: shares of one owner count together.  exhausted: it is the largest, and there is too
    little for all; it is to be closed.
    """

    def __init__(self, memory: Memory, owner: Hashable, exhausted: Callable[[], None]) -> None:
        self.owner = owner
        self.exhausted = exhausted
        self.octets = 0
        self._memory = memory
        self._parts: dict[str, int] = {}
        self._closed = False

    def hold(self, part: str, octets: int) -> None:
        """A part of it is `octets` now.  This may end a session: the caller's own, too."""
        if self._closed:
            return
        self._parts[part] = octets
        self._memory.resize(self, sum(self._parts.values()))

    def part(self, part: str) -> int:
        """How large a part is."""
        return self._parts.get(part, 0)

    def close(self) -> None:
        """Give all back, for good."""
        self._closed = True
        self._memory.resize(self, 0)


class Memory:
    """All shares; limit: octets."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self._shares: dict[Share, None] = {}
        """Those that changed last come last: of equals, who does nothing goes first."""
        self._timer: asyncio.TimerHandle | None = None

    def resize(self, share: Share, octets: int) -> None:
        """A share is `octets` now."""
        before, share.octets = share.octets, octets
        self.used += octets - before
        self._shares.pop(share, None)
        if octets:
            self._shares[share] = None
        if before > LARGE and octets < before // 2:
            self._give_back_soon()
        while self.used > self.limit and self._shares:
            largest = self._largest()
            largest.exhausted()
            largest.close()

    def _largest(self) -> Share:
        """The largest share of the owner who has most."""
        of_owner: Counter[Hashable] = Counter()
        for share in self._shares:
            of_owner[share.owner] += share.octets
        ((most, _),) = of_owner.most_common(1)
        return max(
            (share for share in self._shares if share.owner == most),
            key=lambda share: share.octets,
        )

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
