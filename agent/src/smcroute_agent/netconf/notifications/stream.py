"""The stream of events, and the log of it that a subscription may replay."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ...yang.build import build
from ...yang.data import Container
from ...yang.schema import Schema
from .edits import Edit
from .event import STREAMS, Event, now, timestamp

NAME = "NETCONF"
"""RFC 5277, section 3.2.3: the stream that every server has."""

MAX_EVENTS = 1000
MAX_OCTETS = 1024 * 1024
"""What the log holds at the most, events and octets of their content, about."""


class ReplayLog:
    """The latest events; the oldest make way for new ones."""

    def __init__(self, max_events: int = MAX_EVENTS, max_octets: int = MAX_OCTETS) -> None:
        self.begun = now()
        self.aged: datetime | None = None
        """The time of the last event that had to go."""
        self._max_events = max_events
        self._max_octets = max_octets
        self._events: deque[Event] = deque()
        self._octets = 0

    def add(self, event: Event) -> None:
        """Keep an event."""
        self._events.append(event)
        self._octets += event.size
        while len(self._events) > self._max_events or self._octets > self._max_octets:
            gone = self._events.popleft()
            self._octets -= gone.size
            self.aged = gone.time

    def between(self, start: datetime, stop: datetime | None) -> list[Event]:
        """The events from `start` on, those at `stop` included."""
        return [
            event
            for event in self._events
            if event.time >= start and (stop is None or event.time <= stop)
        ]


class Stream:
    """The stream NETCONF: whoever has something to tell publishes, subscriptions listen."""

    def __init__(self, schema: Schema, log: ReplayLog | None = None) -> None:
        self.schema = schema
        self.log = log or ReplayLog()
        self.listeners: list[Callable[[Event], None]] = []
        self.replaying = asyncio.Lock()
        """Held while an event is looked at again."""

    def publish(self, qname: str, values: Mapping[str, Any], edits: tuple[Edit, ...] = ()) -> None:
        """A notification happens now.  Nothing here waits for anybody."""
        event = Event(now(), self.schema.notifications[qname], values, edits)
        self.log.add(event)
        for listener in list(self.listeners):
            listener(event)
        event.forget()

    def state(self) -> Container:
        """The container "netconf" of nc-notifications: the list of streams."""
        stream = {
            "name": NAME,
            "description": "all notifications of this server",
            "replaySupport": True,
            "replayLogCreationTime": timestamp(self.log.begun),
            "replayLogAgedTime": timestamp(self.log.aged) if self.log.aged else None,
        }
        top = self.schema.root.children[f"{{{STREAMS}}}netconf"]
        return build(top, {"streams": {"stream": [stream]}})
