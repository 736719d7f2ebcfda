"""What traffic makes of the forwarding cache: upcalls answered, flows that move or fall silent."""

from __future__ import annotations

import logging
import time
from itertools import islice
from typing import NamedTuple

from ..errors import EngineError
from . import protocol
from .addresses import text
from .cache import Entry, TrafficCache
from .counters import Counters, Emit, RateLimit
from .forwarding import STEP, Forwarding
from .interfaces import Interfaces
from .kernel.mroute import NOCACHE, WRONGVIF, Upcall
from .protocol import LEARNED, STATIC, STOP

log = logging.getLogger("engine")

BOTH = 10.0
"""Seconds between two reports of a flow on another interface than its entry's, from which on it
just moves; before, it may come in on both.  The kernel reports every three (MFC_ASSERT_THRESH)."""

SILENCE = 0.5
"""Seconds without a packet where such a flow came in, until it moves to where it comes in, too."""


class _Elsewhere(NamedTuple):
    """A flow that came in on another interface, by index, than its entry has, by VIF.

    packets: those that had come in where they should.  due: when to look whether more have.
    """

    ifindex: int
    vif: int
    packets: int
    due: float


class Traffic:
    """Learns from the packets of one family."""

    def __init__(
        self,
        forwarding: Forwarding,
        interfaces: Interfaces,
        cache: TrafficCache,
        counters: Counters,
        emit: Emit,
    ) -> None:
        self.family = forwarding.family
        self._forwarding = forwarding
        self._vifs = forwarding.vifs
        self._demand = forwarding.demand
        self._interfaces = interfaces
        self._cache = cache
        self._counters = counters
        self._emit = emit
        self._say_full = RateLimit(60)
        self._say_refused = RateLimit(10)
        self._elsewhere: dict[Entry, _Elsewhere] = {}

    def upcall(self, upcall: Upcall) -> bool:
        """Answer the kernel about a packet.  True when an entry was learned.

        Raises EngineError when the kernel refuses the answer.
        """
        self._counters.count("upcalls")
        kind, vif, source, group = upcall
        ifindex = self._vifs.holder(vif)
        if ifindex is None:
            return False
        entry = self._forwarding.entries.find(source, group)
        if kind == NOCACHE:
            if entry is not None:
                self._forwarding.restore(entry)
                return False
            return self._learn(source, group, ifindex)
        if kind == WRONGVIF and entry is not None and entry.vif != vif:
            return self._comes_in_elsewhere(entry, ifindex)
        return False

    @property
    def due(self) -> float | None:
        """When follow() has something to do next, as time.monotonic() counts."""
        return next((seen.due for seen in self._elsewhere.values()), None)

    def follow(self) -> None:
        """Move flows that are silent where they came in, some in one step."""
        if not self._elsewhere:
            return
        now = time.monotonic()
        for entry, seen in list(islice(self._elsewhere.items(), STEP)):
            if seen.due > now:
                return
            del self._elsewhere[entry]
            held = self._forwarding.entries.find(entry.source, entry.group)
            is_there = held is entry and entry.vif == seen.vif
            if is_there and self._forwarding.packets(entry) == seen.packets:
                try:
                    self._move(entry, seen.ifindex)
                except EngineError as error:
                    self._counters.count("kernel_refusals")
                    if self._say_refused():
                        log.error("a flow that has moved is not followed: %s", error)

    def _learn(self, source: int, group: int, ifindex: int) -> bool:
        wanted = self._demand.wanted(source, group, ifindex)
        if wanted is None:
            return False
        if wanted.origin != STATIC and not self._cache.has_room():
            self._cache_limit_reached()
            return False
        entry = self._forwarding.install(source, group, wanted, ifindex)
        if wanted.origin == STOP:
            self._counters.count("stopped")
            return False
        self._learned(entry)
        return True

    def _comes_in_elsewhere(self, entry: Entry, ifindex: int) -> bool:
        """Move a flow at once, unless it moved a moment ago: then look whether it has gone again.

        A flow that comes in on two interfaces would go to and fro with each report of the kernel,
        and lose, or send twice, by what one is later than the other.
        """
        if not self._demand.match(entry.source, entry.group, ifindex):
            return False
        now = time.monotonic()
        may_be_both = now < entry.elsewhere + BOTH and entry.origin != STOP
        entry.elsewhere = now
        present = self._vifs.holder(entry.vif)
        if not may_be_both or present is None or not self._interfaces.is_running(present):
            return self._move(entry, ifindex)
        if entry not in self._elsewhere:
            packets = self._forwarding.packets(entry)
            self._elsewhere[entry] = _Elsewhere(ifindex, entry.vif, packets, now + SILENCE)
        return False

    def _move(self, entry: Entry, ifindex: int) -> bool:
        if not self._demand.match(entry.source, entry.group, ifindex):
            return False
        origin, before = entry.origin, self._vifs.holder(entry.vif)
        wanted = self._demand.wanted(entry.source, entry.group, ifindex)
        assert wanted is not None
        if origin == STATIC != wanted.origin and not self._cache.has_room():
            self._cache_limit_reached()
            return False
        self._forwarding.rewrite(entry, wanted)
        entry.arrival = ifindex
        if origin == STOP:
            self._learned(entry)
            return True
        self._counters.count("moved")
        event = self._event(protocol.ROUTE_MOVED, entry) | {"from-interface": self._name(before)}
        log.debug("%s", event)
        self._emit(event)
        return False

    def _learned(self, entry: Entry) -> None:
        self._counters.count("learned")
        outs = [self._name(self._vifs.holder(vif)) for vif, ttl in enumerate(entry.legs) if ttl]
        event = self._event(protocol.ROUTE_LEARNED, entry) | {"out-interfaces": outs}
        log.debug("%s", event)
        self._emit(event)

    def expire(self, entry: Entry) -> None:
        """End an entry whose flow has gone silent."""
        event = self._event(protocol.ROUTE_EXPIRED, entry)
        learned = entry.origin == LEARNED
        self._forwarding.forget(entry)
        self._counters.count("expired")
        log.debug("%s", event)
        if learned:
            self._emit(event)

    def _cache_limit_reached(self) -> None:
        self._counters.count("cache_limit_reached")
        if self._say_full():
            limit = self._cache.limit
            log.warning("the forwarding cache is at its limit of %d learned entries", limit)
            self._emit({"event": protocol.CACHE_LIMIT_REACHED, "limit": limit})

    def _event(self, event: str, entry: Entry) -> dict[str, object]:
        return {
            "event": event,
            "source": text(self.family, entry.source),
            "group": text(self.family, entry.group),
            "in-interface": self._name(self._vifs.holder(entry.vif)),
        }

    def _name(self, ifindex: int | None) -> str | None:
        interface = self._interfaces.by_index.get(ifindex or 0)
        return None if interface is None else interface.name
