"""One session's subscription: replay, then what happens, until its stopTime or the session's end.

What a subscriber has not taken yet waits in a queue with a bound.  A subscriber that does
not read until the queue is full loses its session: it learns in that way that it has missed
something, may come back and have it replayed, and nobody else is held up.  The queue, and the
filter, are part of the session's share of the memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from ..memory import SUBSCRIPTION, Share
from .event import STREAMS, Event, message, now
from .stream import Stream

MAX_QUEUED = 4000
MAX_QUEUED_OCTETS = 4 * 1024 * 1024
"""What waits for one subscriber at the most, messages and octets."""

WAITING_COST = 160
"""Octets of memory that a message in the queue takes at the most beside its own, as measured."""

LONGEST_WAIT = 86400.0
"""Seconds after which the clock is looked at again: it may have been set."""

logger = logging.getLogger(__name__)

Select = Callable[[Event], bytes | None]
"""What of an event a subscriber gets: content, or None when it is not for it."""


class Subscriber(Protocol):
    """What a subscription needs of a session."""

    session_id: int
    user: str
    share: Share

    async def notify(self, pieces: Sequence[bytes]) -> None:
        """Send a message, and wait until the peer has taken most of it."""

    def end(self, reason: str = "other") -> None:
        """End the session."""


class Subscription:
    """A subscription from `begin` to `end`.

    start: replay events from this time on.  stop: the subscription ends then.  kept: octets that
    `select` keeps in memory.  on_end is called when it is over.
    """

    def __init__(
        self,
        stream: Stream,
        session: Subscriber,
        select: Select,
        *,
        start: datetime | None,
        stop: datetime | None,
        kept: int,
        on_end: Callable[[Subscription], None],
    ) -> None:
        self._stream = stream
        self._session = session
        self._select = select
        self._start = start
        self._stop = stop
        self._kept = kept
        self._on_end = on_end
        self._queue: deque[tuple[bytes, ...]] = deque()
        self._octets = 0
        """What waits, and what is being sent."""
        self._more = asyncio.Event()
        self._complete = False
        self._over = False
        self._sender: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def session_id(self) -> int:
        return self._session.session_id

    def begin(self) -> None:
        """Start to send: the reply to create-subscription has been written."""
        self._account(0)
        if self._over:
            return
        past = None
        if self._start is not None:
            past = self._stream.log.between(self._start, self._stop)
        self._stream.listeners.append(self._happened)
        self._sender = asyncio.get_running_loop().create_task(self._send(past))
        self._wait_for_stop()

    def end(self) -> None:
        """Send nothing more: the session has ended, or all has been sent."""
        self._over = True
        self._stop_listening()
        if self._sender is not None and self._sender is not asyncio.current_task():
            self._sender.cancel()
        self._sender = None
        self._queue.clear()
        self._session.share.hold(SUBSCRIPTION, 0)

    def _happened(self, event: Event) -> None:
        if self._over:
            # Ended by another listener, just now.
            return
        if self._stop is not None and event.time > self._stop:
            self._stopped()
            return
        content = self._select(event)
        if content is None:
            return
        if len(self._queue) >= MAX_QUEUED or self._octets >= MAX_QUEUED_OCTETS:
            logger.warning(
                "session %d of %s does not read its notifications (%d wait): it is ended",
                self._session.session_id,
                self._session.user,
                len(self._queue),
            )
            self._session.end("other")
            return
        self._put(message(event.time, content))

    def _put(self, pieces: tuple[bytes, ...]) -> None:
        self._queue.append(pieces)
        self._more.set()
        self._account(_cost(pieces))

    def _account(self, more: int) -> None:
        """So much more waits, or less.  This may end the session."""
        self._octets += more
        self._session.share.hold(SUBSCRIPTION, self._kept + self._octets)

    async def _send(self, past: Iterable[Event] | None) -> None:
        with contextlib.suppress(ConnectionError):
            if past is not None:
                await self._replay(past)
            while True:
                while self._queue:
                    pieces = self._queue.popleft()
                    await self._session.notify(pieces)
                    self._account(-_cost(pieces))
                if self._complete:
                    break
                self._more.clear()
                await self._more.wait()
        self.end()
        self._on_end(self)

    async def _replay(self, past: Iterable[Event]) -> None:
        """Send what has happened; what happens meanwhile waits in the queue."""
        for event in past:
            # A filter may take milliseconds: one event of one replay, and others have their turn.
            async with self._stream.replaying:
                content = self._select(event)
                event.forget()
                await asyncio.sleep(0)
            if content is not None:
                await self._session.notify(message(event.time, content))
        await self._session.notify(_complete("replayComplete"))

    def _wait_for_stop(self) -> None:
        if self._stop is None:
            return
        left = (self._stop - now()).total_seconds()
        if left <= 0:
            self._stopped()
            return
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(min(left, LONGEST_WAIT), self._wait_for_stop)

    def _stopped(self) -> None:
        """stopTime has come: notificationComplete is the last that is sent."""
        self._stop_listening()
        if not self._complete:
            self._complete = True
            self._put(_complete("notificationComplete"))

    def _stop_listening(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        with contextlib.suppress(ValueError):
            self._stream.listeners.remove(self._happened)


def _cost(pieces: tuple[bytes, ...]) -> int:
    return sum(map(len, pieces)) + WAITING_COST


def _complete(name: str) -> tuple[bytes, ...]:
    """replayComplete or notificationComplete (RFC 5277, section 3.3.2): never filtered."""
    return message(now(), f'<{name} xmlns="{STREAMS}"/>'.encode())
