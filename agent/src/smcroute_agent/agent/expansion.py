"""The interfaces that a rule stands for now, as smcroute's tables have them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..compat.tables import RouteRow
from ..engine.protocol import InterfaceRow
from ..rules import WILDCARD, Mroute, matches_interface

Legs = tuple[tuple[str, tuple[str, ...]], ...]
"""Each incoming interface, with the outgoing ones in the order of their numbers."""


class Expansion:
    """The rows of rules: one for each incoming interface that takes part in routing.

    A rule whose incoming interface does not is in no row: it waits, and is shown so.
    """

    def __init__(self, interfaces: Sequence[InterfaceRow]) -> None:
        self._names = {
            version: [name for number, name in sorted(held)]
            for version, held in (
                (4, ((row.vif, row.name) for row in interfaces if row.vif is not None)),
                (6, ((row.mif, row.name) for row in interfaces if row.mif is not None)),
            )
        }
        self._known: dict[tuple[int, str, tuple[str, ...]], Legs] = {}

    def rows(self, rule: Mroute) -> Iterator[RouteRow]:
        key = (6 if ":" in rule.group else 4, rule.interface, rule.out_interfaces)
        legs = self._known.get(key)
        if legs is None:
            legs = self._known[key] = self._legs(*key)
        for name, outs in legs:
            yield RouteRow(rule.source, rule.group, name, outs)

    def _legs(self, version: int, interface: str, outs: tuple[str, ...]) -> Legs:
        names = self._names[version]
        return tuple(
            (name, tuple(out for out in names if any(_goes_to(p, out, name) for p in outs)))
            for name in names
            if matches_interface(interface, name)
        )


def _goes_to(pattern: str, out: str, came_from: str) -> bool:
    """A wildcard means the others (engine/demand.py)."""
    return matches_interface(pattern, out) and not (out == came_from and pattern.endswith(WILDCARD))
