"""The engine's events and the daemon's own, as notifications of smcroute.yang.

Traffic from anywhere can cause them, so each kind is limited in number.  What is left out is
counted, and told with the next one that is sent; the last one of a burst is sent, late, so
that a count is never left untold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from .. import model
from ..channel import Message
from ..engine import protocol
from ..netconf.notifications.stream import Stream

ENGINE_RESTARTED = "engine-restarted"
AGENT_RESTARTED = "agent-restarted"

BURST = 100
"""Notifications of one kind that may be sent at once."""

RATE = 20.0
"""Notifications of one kind a second, after that."""

_LEAVES = {"out-interfaces": "out-interface"}
"""Members of events whose nodes have another name."""


class RouterNotifications:
    """Publishes on a stream, so many of a kind as may be."""

    def __init__(self, stream: Stream, burst: int = BURST, rate: float = RATE) -> None:
        self._stream = stream
        self._burst = burst
        self._rate = rate
        self._kinds: dict[str, _Kind] = {}

    def happened(self, event: Message) -> None:
        """An event of engine/protocol.py."""
        name = str(event["event"])
        members = protocol.EVENTS.get(name, ())
        self.tell(name, {_LEAVES.get(member, member): event.get(member) for member in members})

    def tell(self, name: str, values: Mapping[str, Any] | None = None) -> None:
        """A notification of smcroute.yang by its name."""
        kind = self._kinds.get(name)
        if kind is None:
            if f"{{{model.NAMESPACE}}}{name}" not in self._stream.schema.notifications:
                return
            kind = self._kinds[name] = _Kind(self._stream, name, self._burst, self._rate)
        kind.tell(values or {})

    def close(self) -> None:
        """Send nothing late any more."""
        for kind in self._kinds.values():
            kind.close()


class _Kind:
    """A token bucket for the notifications of one kind."""

    def __init__(self, stream: Stream, name: str, burst: int, rate: float) -> None:
        self._stream = stream
        self._qname = f"{{{model.NAMESPACE}}}{name}"
        self._burst = burst
        self._rate = rate
        self._tokens = float(burst)
        self._filled = asyncio.get_running_loop().time()
        self._waiting: Mapping[str, Any] | None = None
        self._suppressed = 0
        self._timer: asyncio.TimerHandle | None = None

    def tell(self, values: Mapping[str, Any]) -> None:
        self._fill()
        if self._waiting is None and self._tokens >= 1:
            self._publish(values)
            return
        if self._waiting is not None:
            self._suppressed += 1
        self._waiting = values
        if self._timer is None:
            # Late enough for the bucket to be full again: a flood is summed up, not drawn out.
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._burst / self._rate, self._late)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _late(self) -> None:
        self._timer = None
        self._fill()
        values, self._waiting = self._waiting, None
        if values is not None:
            self._publish(values)

    def _publish(self, values: Mapping[str, Any]) -> None:
        self._tokens -= 1
        suppressed, self._suppressed = self._suppressed, 0
        self._stream.publish(self._qname, {**values, "suppressed": suppressed or None})

    def _fill(self) -> None:
        now = asyncio.get_running_loop().time()
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
