"""From rules and arriving flows to the kernel's forwarding cache, for one family.

What an entry should be follows from the rules and from the interface that the flow was last seen
on (`_wanted`); `refresh` compares it with what the kernel holds and writes the difference.  Every
change goes that way: edits of rules, links that come and go, upcalls, expiry.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

from ..rules import WILDCARD
from . import protocol
from .addresses import Family, mask, text
from .cache import Entry, EntryStore, TrafficCache
from .counters import Counters, Emit, RateLimit
from .interfaces import DEFAULT_THRESHOLD, Interface, Interfaces
from .kernel.mroute import MAX_VIFS, NO_LEGS, NOCACHE, WRONGVIF, Upcall
from .kernel.refusals import WRITE_ENTRY, explain
from .matching import Flow, PatternCounts, Route, RouteIndex
from .protocol import LEARNED, STATIC, STOP
from .vifs import VifTable

log = logging.getLogger("engine")

STEP = 32
"""Entries that are refreshed between two looks at the upcalls: about half a millisecond."""

_LARGE_GROUP = 1024


class Kernel(Protocol):
    """What this module needs of kernel.mroute.MulticastRouting."""

    def write_entry(self, source: int, group: int, vif: int, legs: bytes) -> None: ...

    def delete_entry(self, source: int, group: int) -> None: ...

    def packets(self, source: int, group: int) -> int: ...


class Wanted(NamedTuple):
    """What an entry should be."""

    vif: int
    legs: bytes
    origin: str


class Forwarding:
    """The routes, VIFs and entries of one family."""

    def __init__(
        self,
        family: Family,
        kernel: Kernel,
        interfaces: Interfaces,
        traffic: TrafficCache,
        counters: Counters,
        emit: Emit,
    ) -> None:
        self.family = family
        self.vifs = VifTable()
        self.index = RouteIndex(family)
        self.patterns = PatternCounts()
        self.entries = EntryStore()
        self.refused: dict[Flow, str] = {}
        """Flows whose entry the kernel refused while nobody waited for an answer."""
        self._kernel = kernel
        self._interfaces = interfaces
        self._traffic = traffic
        self._counters = counters
        self._emit = emit
        self._say_full = RateLimit(60)
        self._needed: dict[int, Interface] | None = None
        self._patterns_of: dict[int, tuple[str, ...]] = {}
        self._outs: dict[tuple[str, ...], tuple[int, int]] = {}
        self._legs: dict[int, bytes] = {}

    # Rules

    def add_route(self, route: Route) -> None:
        """Take a route; nothing is done about it yet."""
        self.index.add(route)
        if self.patterns.add(route.patterns()):
            self._patterns_of.clear()
            self._needed = None

    def remove_route(self, route: Route) -> None:
        """Forget a route; nothing is done about it yet."""
        self.index.remove(route)
        if self.patterns.remove(route.patterns()):
            self._patterns_of.clear()
            self._needed = None

    def invalidate(self) -> None:
        """Forget what was derived from interfaces and VIFs: they have changed."""
        self._patterns_of.clear()
        self._outs.clear()
        self._legs.clear()
        self._needed = None

    def needed(self) -> dict[int, Interface]:
        """The interfaces, by index, that must have a VIF: usable, and named by a route."""
        if self._needed is None:
            self._needed = {
                interface.ifindex: interface
                for interface in self._interfaces.by_index.values()
                if interface.reason is None and self.patterns.of(interface.name)
            }
        return self._needed

    # What an entry should be

    def _wanted(self, source: int, group: int, arrival: int) -> Wanted | None:
        vif = self.vifs.number(arrival) if arrival else None
        if vif is not None:
            routes = self._match(source, group, arrival)
            if routes:
                static = any(route.is_static for route in routes)
                return Wanted(vif, self._legs_of(routes, vif), STATIC if static else LEARNED)
        ifindex = self._static_input(source, group)
        if ifindex is not None:
            static_vif = self.vifs.number(ifindex)
            assert static_vif is not None
            routes = self._match(source, group, ifindex)
            return Wanted(static_vif, self._legs_of(routes, static_vif), STATIC)
        return None if vif is None else Wanted(vif, NO_LEGS, STOP)

    def _static_input(self, source: int, group: int) -> int | None:
        """The in-interface that the static rules give the flow, or None.

        The kernel's entry has one.  Of several, a rule's own name goes before a wildcard, then
        the alphabet decides, so that the order of rules never does.
        """
        best: tuple[bool, str, int] | None = None
        for pattern in self.index.static(source, group):
            for interface in self._interfaces.usable(pattern):
                if self.vifs.number(interface.ifindex) is not None:
                    rank = (pattern.endswith(WILDCARD), interface.name, interface.ifindex)
                    if best is None or rank < best:
                        best = rank
        return None if best is None else best[2]

    def _match(self, source: int, group: int, ifindex: int) -> list[Route]:
        patterns = self._patterns_of.get(ifindex)
        if patterns is None:
            interface = self._interfaces.by_index.get(ifindex)
            patterns = () if interface is None else self.patterns.of(interface.name)
            self._patterns_of[ifindex] = patterns
        return self.index.match(source, group, patterns)

    def _legs_of(self, routes: Iterable[Route], vif: int) -> bytes:
        members = 0
        for route in routes:
            named, wild = self._out_vifs(route.rule.out_interfaces)
            # "eth+" means the others: a packet goes back out only where the rule says so by name.
            members |= named | (wild & ~(1 << vif))
        legs = self._legs.get(members)
        if legs is None:
            legs = self._legs[members] = self._thresholds(members)
        return legs

    def _out_vifs(self, names: tuple[str, ...]) -> tuple[int, int]:
        """The VIFs of out-interfaces as bit sets: those named, those of wildcards."""
        known = self._outs.get(names)
        if known is None:
            sets = [0, 0]
            for name in names:
                for interface in self._interfaces.usable(name):
                    number = self.vifs.number(interface.ifindex)
                    if number is not None:
                        sets[name.endswith(WILDCARD)] |= 1 << number
            known = self._outs[names] = (sets[0], sets[1])
        return known

    def _thresholds(self, members: int) -> bytes:
        legs = bytearray(MAX_VIFS)
        for vif in range(MAX_VIFS):
            if members >> vif & 1:
                legs[vif] = self._threshold(vif)
        return bytes(legs)

    def _threshold(self, vif: int) -> int:
        interface = self._interfaces.by_index.get(self.vifs.holder(vif) or 0)
        if interface is None or self.family.bits != 32:  # ip6mr knows no other threshold
            return DEFAULT_THRESHOLD
        return interface.threshold

    # Have and want

    def refresh(self, source: int, group: int) -> None:
        """Make the kernel's entry of a flow what it should be.

        Raises EngineError when the kernel refuses; the entry then is as it was.
        """
        self.refused.pop((source, group), None)
        entry = self.entries.find(source, group)
        if entry is None:
            wanted = self._wanted(source, group, 0)
            if wanted is not None:
                self._install(source, group, wanted, 0)
            return
        if entry.arrival and self.vifs.number(entry.arrival) is None:
            entry.arrival = 0
        wanted = self._wanted(source, group, entry.arrival)
        if wanted is None and entry.origin == STATIC:
            wanted = self._handed_over(entry)
        if wanted is None:
            self.end(entry)
        else:
            self._rewrite(entry, wanted)

    def _handed_over(self, entry: Entry) -> Wanted | None:
        """What becomes of an entry whose static rules have gone: a template may go on serving
        its flow without a gap, if there is one."""
        arrival = self.vifs.holder(entry.vif) or 0
        wanted = self._wanted(entry.source, entry.group, arrival)
        if (
            wanted is None
            or wanted.origin == STOP
            or not self._kernel.packets(entry.source, entry.group)
            or not self._traffic.has_room()
        ):
            return None
        entry.arrival = arrival
        return wanted

    def end(self, entry: Entry) -> None:
        """Take an entry out of the kernel."""
        try:
            self._kernel.delete_entry(entry.source, entry.group)
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise explain(WRITE_ENTRY, error) from None
        self.entries.drop(entry)
        self._traffic.change(entry, entry.origin, None, self.end)

    def give_up(self, source: int, group: int, reason: str) -> None:
        """Note that a flow's entry cannot be made what it should be, and end it.

        What it says may name VIFs that are about to be others'; the next packet asks anew.
        """
        self.refused[source, group] = reason
        entry = self.entries.find(source, group)
        if entry is not None:
            self.end(entry)

    def forget(self, entry: Entry) -> None:
        """End what traffic has made of an entry; a static rule takes over where there is one."""
        entry.arrival = 0
        if entry.origin == STATIC or self._static_input(entry.source, entry.group) is not None:
            self.refresh(entry.source, entry.group)
        else:
            self.end(entry)

    def _install(self, source: int, group: int, wanted: Wanted, arrival: int) -> Entry:
        self._write(source, group, wanted)
        entry = Entry(source, group, wanted.vif, wanted.legs, wanted.origin, arrival)
        self.entries.put(entry)
        self._traffic.change(entry, None, wanted.origin, self.end)
        return entry

    def _rewrite(self, entry: Entry, wanted: Wanted) -> None:
        if entry.vif != wanted.vif or entry.legs != wanted.legs:
            self._write(entry.source, entry.group, wanted)
            entry.vif = wanted.vif
            entry.legs = wanted.legs
        if entry.origin != wanted.origin:
            self._traffic.change(entry, entry.origin, wanted.origin, self.end)
            entry.origin = wanted.origin

    def _write(self, source: int, group: int, wanted: Wanted) -> None:
        try:
            self._kernel.write_entry(source, group, wanted.vif, wanted.legs)
        except OSError as error:
            raise explain(WRITE_ENTRY, error) from None
        if self.refused:
            self.refused.pop((source, group), None)

    # Traffic

    def upcall(self, upcall: Upcall) -> bool:
        """Answer the kernel about a packet.  True when an entry was learned.

        Raises EngineError when the kernel refuses the answer.
        """
        self._counters.count("upcalls")
        kind, vif, source, group = upcall
        ifindex = self.vifs.holder(vif)
        if ifindex is None:
            return False
        entry = self.entries.find(source, group)
        if kind == NOCACHE:
            if entry is not None:
                # Somebody else has taken the entry out of the kernel.
                self._kernel.write_entry(source, group, entry.vif, entry.legs)
                return False
            return self._learn(source, group, ifindex)
        if kind == WRONGVIF and entry is not None and entry.vif != vif:
            return self._move(entry, ifindex)
        return False

    def _learn(self, source: int, group: int, ifindex: int) -> bool:
        wanted = self._wanted(source, group, ifindex)
        if wanted is None:
            return False
        if wanted.origin != STATIC and not self._traffic.has_room():
            self._cache_limit_reached()
            return False
        entry = self._install(source, group, wanted, ifindex)
        if wanted.origin == STOP:
            self._counters.count("stopped")
            return False
        self._learned(entry)
        return True

    def _move(self, entry: Entry, ifindex: int) -> bool:
        if not self._match(entry.source, entry.group, ifindex):
            return False
        origin, before = entry.origin, self.vifs.holder(entry.vif)
        wanted = self._wanted(entry.source, entry.group, ifindex)
        assert wanted is not None
        if origin == STATIC != wanted.origin and not self._traffic.has_room():
            self._cache_limit_reached()
            return False
        self._rewrite(entry, wanted)
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
        outs = [self._name(self.vifs.holder(vif)) for vif, ttl in enumerate(entry.legs) if ttl]
        event = self._event(protocol.ROUTE_LEARNED, entry) | {"out-interfaces": outs}
        log.debug("%s", event)
        self._emit(event)

    def expire(self, entry: Entry) -> None:
        """End an entry whose flow has gone silent."""
        event = self._event(protocol.ROUTE_EXPIRED, entry)
        learned = entry.origin == LEARNED
        self.forget(entry)
        self._counters.count("expired")
        log.debug("%s", event)
        if learned:
            self._emit(event)

    def _cache_limit_reached(self) -> None:
        self._counters.count("cache_limit_reached")
        if self._say_full():
            limit = self._traffic.limit
            log.warning("the forwarding cache is at its limit of %d learned entries", limit)
            self._emit({"event": protocol.CACHE_LIMIT_REACHED, "limit": limit})

    def _event(self, event: str, entry: Entry) -> dict[str, object]:
        return {
            "event": event,
            "source": text(self.family, entry.source),
            "group": text(self.family, entry.group),
            "in-interface": self._name(self.vifs.holder(entry.vif)),
        }

    def _name(self, ifindex: int | None) -> str | None:
        interface = self._interfaces.by_index.get(ifindex or 0)
        return None if interface is None else interface.name

    # Which entries a change concerns

    def affected(self, routes: Iterable[Route]) -> Iterator[list[Flow]]:
        """The flows whose entry may follow from one of the routes, some a step."""
        scan = RouteIndex(self.family)
        must_scan = False
        batch: list[Flow] = []
        for done, route in enumerate(routes, 1):
            if route.is_static:
                batch.append((route.source, route.group))
            elif (
                route.lengths[1] == self.family.bits
                and self.entries.size_of_group(route.group) <= _LARGE_GROUP
            ):
                source_mask = mask(self.family, route.lengths[0])
                batch += [
                    (entry.source, entry.group)
                    for entry in self.entries.of_group(route.group)
                    if entry.source & source_mask == route.source
                ]
            else:
                scan.add(route)
                must_scan = True
            if len(batch) >= STEP or done % STEP == 0:
                yield batch
                batch = []
        yield batch
        if must_scan:
            yield from self._select(lambda entry: scan.covers(entry.source, entry.group))

    def waiting(self) -> Iterator[list[Flow]]:
        """The flows whose entry the kernel has refused."""
        flows = list(self.refused)
        for start in range(0, len(flows), STEP):
            yield flows[start : start + STEP]

    def users(self, ifindexes: Iterable[int]) -> Iterator[list[Flow]]:
        """The flows whose entry comes in or goes out on an interface that holds a VIF."""
        held = self.vifs.held()
        numbers = frozenset(held[ifindex] for ifindex in ifindexes if ifindex in held)
        if numbers:
            yield from self._select(
                lambda entry: entry.vif in numbers or any(entry.legs[vif] for vif in numbers)
            )

    def _select(self, concerned: Callable[[Entry], bool]) -> Iterator[list[Flow]]:
        for entries in self.entries.scan():
            flows = [(entry.source, entry.group) for entry in entries if concerned(entry)]
            for start in range(0, len(flows), STEP):
                yield flows[start : start + STEP]
            yield []
