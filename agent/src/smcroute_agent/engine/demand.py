"""What each entry should be: from rules, interfaces and VIFs, for one family; nothing is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ..rules import WILDCARD
from .addresses import Family
from .interfaces import DEFAULT_THRESHOLD, Interface, Interfaces
from .kernel.mroute import MAX_VIFS, NO_LEGS
from .matching import PatternCounts, Route, RouteIndex
from .protocol import LEARNED, STATIC, STOP
from .vifs import VifTable


class Wanted(NamedTuple):
    """What an entry should be."""

    vif: int
    legs: bytes
    origin: str


def needed(interfaces: Interfaces, patterns: PatternCounts) -> dict[int, Interface]:
    """The interfaces, by index, that must have a VIF: usable, and named by a route."""
    return {
        interface.ifindex: interface
        for interface in interfaces.by_index.values()
        if interface.reason is None and patterns.of(interface.name)
    }


def best_input(
    interfaces: Interfaces, patterns: Iterable[str], number: Callable[[int], int | None]
) -> int | None:
    """The in-interface, by index, of a flow whose static rules name these; None without a VIF.

    The kernel's entry has one.  Of several, a rule's own name goes before a wildcard, then the
    alphabet decides, so that the order of rules never does.
    """
    best: tuple[bool, str, int] | None = None
    for pattern in patterns:
        for interface in interfaces.usable(pattern):
            if number(interface.ifindex) is not None:
                rank = (pattern.endswith(WILDCARD), interface.name, interface.ifindex)
                if best is None or rank < best:
                    best = rank
    return None if best is None else best[2]


class Demand:
    """The routes of one family, and what they ask for.

    vifs: what the interfaces have; its changes are told by invalidate().
    """

    def __init__(self, family: Family, interfaces: Interfaces, vifs: VifTable) -> None:
        self.family = family
        self.vifs = vifs
        self.index = RouteIndex(family)
        self.patterns = PatternCounts()
        self._interfaces = interfaces
        self._needed: dict[int, Interface] | None = None
        self._patterns_of: dict[int, tuple[str, ...]] = {}
        self._outs: dict[tuple[str, ...], tuple[int, int]] = {}
        self._legs: dict[int, bytes] = {}
        self._alone: dict[tuple[str, tuple[str, ...]], Wanted | None] = {}

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
        self._alone.clear()
        self._needed = None

    def needed(self) -> dict[int, Interface]:
        """The interfaces, by index, that must have a VIF."""
        if self._needed is None:
            self._needed = needed(self._interfaces, self.patterns)
        return self._needed

    def wanted(self, source: int, group: int, arrival: int) -> Wanted | None:
        """What the entry of a flow should be; None when there should be none.

        arrival: the index of the interface that the flow was last seen on, 0 when on none.
        """
        vif = self.vifs.number(arrival) if arrival else None
        if vif is not None:
            routes = self.match(source, group, arrival)
            if routes:
                origin = STATIC if routes[-1].is_static else LEARNED
                return Wanted(vif, self._legs_of(routes, vif), origin)
        static = self.index.static(source, group)
        if vif is None and len(static) == 1 and not self.index.has_templates:
            (route,) = static.values()
            return self._wanted_alone(route)
        ifindex = self.static_input(source, group)
        if ifindex is not None:
            static_vif = self.vifs.number(ifindex)
            assert static_vif is not None
            routes = self.match(source, group, ifindex)
            return Wanted(static_vif, self._legs_of(routes, static_vif), STATIC)
        return None if vif is None else Wanted(vif, NO_LEGS, STOP)

    def static_input(self, source: int, group: int) -> int | None:
        """The in-interface that the static rules give the flow, or None."""
        return best_input(self._interfaces, self.index.static(source, group), self.vifs.number)

    def _wanted_alone(self, route: Route) -> Wanted | None:
        """What the entry of a flow should be that nobody has seen and no other route is for.

        Of thousands of static routes most have the same interfaces.
        """
        rule = route.rule
        key = rule.interface, rule.out_interfaces
        try:
            return self._alone[key]
        except KeyError:
            ifindex = best_input(self._interfaces, (rule.interface,), self.vifs.number)
            vif = None if ifindex is None else self.vifs.number(ifindex)
            wanted = None if vif is None else Wanted(vif, self._legs_of([route], vif), STATIC)
            self._alone[key] = wanted
            return wanted

    def match(self, source: int, group: int, ifindex: int) -> list[Route]:
        """The routes for a flow that comes in on an interface, the static ones last.

        None for packets without a source, which are never forwarded (RFC 4291, section 2.5.2): to
        the kernel their entry is one for all sources (ip6mr_cache_find_any), and would keep other
        flows that come in on its outgoing interfaces from being learned.
        """
        if not source:
            return []
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
