"""Which rules match a flow: pure, and as fast with 100 000 rules as with one.

Rules are kept by the pair of their prefix lengths.  For each pair in use a lookup masks the flow's
source and group and probes one dictionary, so that its cost follows the number of different
length pairs, not of rules; whoever takes rules bounds the pairs (protocol.MAX_LENGTH_PAIRS).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..rules import WILDCARD, Mroute, RuleKey
from .addresses import Family, mask, parse_flow

Flow = tuple[int, int]
"""Source and group, as integers."""


Lengths = tuple[int, int]
"""The prefix lengths of a route's source and group."""

_KNOWN_LENGTHS: dict[Lengths, Lengths] = {}
"""Each pair is kept once."""


class Route:
    """An mroute with its addresses parsed."""

    __slots__ = ("family", "group", "is_static", "key", "lengths", "rule", "source")

    def __init__(self, rule: Mroute) -> None:
        """Raises DataError when the rule's addresses are not those of a flow."""
        interface, source, group, _ = rule
        self.key: RuleKey = ("mroute", interface, source, group)
        self.rule = rule
        family, (self.source, source_length), (self.group, group_length) = parse_flow(source, group)
        self.family = family
        lengths = (source_length, group_length)
        self.lengths = _KNOWN_LENGTHS.setdefault(lengths, lengths)
        self.is_static = source_length == group_length == family.bits

    def patterns(self) -> tuple[str, ...]:
        """All interface names and wildcards of the rule."""
        return (self.rule.interface, *self.rule.out_interfaces)


Cell = dict[str, Route]
"""The routes of one source and group prefix, by the interface that they come in on."""

NOTHING: Cell = {}


class RouteIndex:
    """The routes of one family."""

    def __init__(self, family: Family) -> None:
        self._family = family
        self._cells: dict[Lengths, dict[Flow, Cell]] = {}
        self._counts: dict[Lengths, int] = {}
        self._probes: list[tuple[int, int, dict[Flow, Cell]]] | None = []
        self._static: dict[Flow, Cell] = {}
        self.has_templates = False
        """Whether a flow may match other routes than the static ones of its own."""

    def add(self, route: Route) -> None:
        """Take a route; one with the same key is replaced."""
        lengths = route.lengths
        cells = self._cells.get(lengths)
        if cells is None:
            cells = self._cells[lengths] = {}
            self._counts[lengths] = 0
            self._forget_probes()
        flow = (route.source, route.group)
        cell = cells.get(flow)
        if cell is None:
            cell = cells[flow] = {}
        self._counts[lengths] += route.rule.interface not in cell
        cell[route.rule.interface] = route

    def remove(self, route: Route) -> None:
        """Forget a route that was added."""
        lengths = route.lengths
        cells = self._cells[lengths]
        flow = (route.source, route.group)
        cell = cells[flow]
        del cell[route.rule.interface]
        self._counts[lengths] -= 1
        if not cell:
            del cells[flow]
            if not cells:
                del self._cells[lengths], self._counts[lengths]
                self._forget_probes()

    def counts(self) -> dict[Lengths, int]:
        """How many routes there are of each pair of prefix lengths in use."""
        return dict(self._counts)

    def match(self, source: int, group: int, patterns: Sequence[str]) -> list[Route]:
        """The routes for a flow that comes in on an interface, the static ones last.

        patterns: the interface's name and the wildcards that stand for it (patterns_of).
        """
        found = []
        for source_mask, group_mask, cells in self._probes or self._renew_probes():
            cell = cells.get((source & source_mask, group & group_mask))
            if cell is not None:
                for pattern in patterns:
                    route = cell.get(pattern)
                    if route is not None:
                        found.append(route)
        return found

    def covers(self, source: int, group: int) -> bool:
        """Whether any route is for the flow, wherever it comes in."""
        return any(
            (source & source_mask, group & group_mask) in cells
            for source_mask, group_mask, cells in self._probes or self._renew_probes()
        )

    def static(self, source: int, group: int) -> Cell:
        """The static routes of exactly this flow, by interface or wildcard."""
        return self._static.get((source, group), NOTHING)

    def _forget_probes(self) -> None:
        """The pairs in use have changed: the next lookup renews the probes, once for many."""
        self._probes = None
        bits = self._family.bits
        self._static = self._cells.get((bits, bits), {})
        self.has_templates = bool(self._cells.keys() - {(bits, bits)})

    def _renew_probes(self) -> list[tuple[int, int, dict[Flow, Cell]]]:
        self._probes = [
            (mask(self._family, source), mask(self._family, group), cells)
            for (source, group), cells in sorted(self._cells.items(), key=lambda item: item[0])
        ]
        return self._probes


class PatternCounts:
    """How many rules use each interface name and wildcard: which interfaces they concern."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def add(self, patterns: Iterable[str]) -> bool:
        """Count patterns in; True when one of them is new."""
        counts = self._counts
        before = len(counts)
        for pattern in patterns:
            counts[pattern] = counts.get(pattern, 0) + 1
        return len(counts) != before

    def remove(self, patterns: Iterable[str]) -> bool:
        """Count patterns out; True when one of them was the last of its name."""
        counts = self._counts
        before = len(counts)
        for pattern in patterns:
            if counts[pattern] == 1:
                del counts[pattern]
            else:
                counts[pattern] -= 1
        return len(counts) != before

    def copy(self) -> PatternCounts:
        """The same counts, to be changed on their own."""
        copy = PatternCounts()
        copy._counts = dict(self._counts)
        return copy

    def of(self, name: str) -> tuple[str, ...]:
        """Those of the patterns that stand for an interface."""
        return tuple(pattern for pattern in patterns_of(name) if pattern in self._counts)


def patterns_of(name: str) -> list[str]:
    """All patterns that can stand for an interface: its name, then wildcards, longest first."""
    return [name, *(name[:end] + WILDCARD for end in range(len(name), 0, -1))]
