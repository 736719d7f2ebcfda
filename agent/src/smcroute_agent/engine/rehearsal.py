"""What a change would come to, found without touching rules or kernel.

What only the deed can show remains: memory that the kernel lacks, an interface that it takes for
none, and what others change between the rehearsal and the change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..errors import EngineError
from ..rules import matches_interface
from .addresses import IPV6, Family
from .demand import best_input, needed
from .encoding import encode_key
from .forwarding import Forwarding
from .interfaces import Interface
from .matching import Flow, Route
from .memberships import GroupRule, too_many_memberships, wanted_by
from .reading import Rows, row_size
from .reconcile import Refused
from .router import STEP, CompiledRule, PhyintRule, Router
from .shortage import (
    MAX_MIF_IFINDEX,
    index_too_high,
    left_over,
    none_left,
    rule_of,
    served,
)
from .status import comes_in_elsewhere, why_not


class _Vifs(NamedTuple):
    """The VIFs of a family after the change: numbers by index, and why others have none."""

    numbers: Mapping[int, int]
    refused: Mapping[int, str]


class Rehearsal:
    """A change as Stage.difference() finds it, and what it would come to.

    First run(), which raises what the change would meet; then pending().
    """

    def __init__(self, router: Router, remove: list[CompiledRule], add: list[CompiledRule]) -> None:
        self._router = router
        self._remove = remove
        self._add = add
        self._interfaces, self._names = router.interfaces.with_phyints(
            [rule.rule for rule in remove if isinstance(rule, PhyintRule)],
            [rule.rule for rule in add if isinstance(rule, PhyintRule)],
        )
        self._needed: dict[Family, dict[int, Interface]] = {}
        self._inputs: dict[tuple[Family, Flow], set[str]] = {}
        """The in-interfaces of the static rules for the flows that the change concerns."""

    def run(self) -> Iterator[None]:
        """Raises Refused as Transaction.run() would when it is strict, in steps."""
        for family, forwarding in self._router.forwarding.items():
            yield from self._find_needed(family, forwarding)
            if self._names or any(
                isinstance(rule, Route) and rule.family is family
                for rule in (*self._remove, *self._add)
            ):
                overflow = left_over(self._needed[family], forwarding.vifs)
                if overflow is not None:
                    key = rule_of([*self._add, *self._remove], family, overflow.name)
                    raise Refused(none_left(family, overflow), key)
        if self._names or self._concerns_groups():
            yield from self._join()

    def pending(self) -> Rows:
        """Rows of protocol.PENDING, in steps."""
        vifs = {
            family: self._vifs_after(family, forwarding)
            for family, forwarding in self._router.forwarding.items()
        }
        for rules, change in ((self._remove, set.discard), (self._add, set.add)):
            for done, rule in enumerate(rules, 1):
                if isinstance(rule, Route) and rule.is_static:
                    change(self._inputs_of(rule), rule.rule.interface)
                if done % STEP == 0:
                    yield None
        for done, rule in enumerate(self._add, 1):
            reason = self._why_pending(rule, vifs)
            if reason is not None:
                yield row_size(len(reason)), [encode_key(rule.key), reason]
            elif done % STEP == 0:
                yield None

    def _find_needed(self, family: Family, forwarding: Forwarding) -> Iterator[None]:
        patterns = forwarding.demand.patterns.copy()
        for rules, count in ((self._remove, patterns.remove), (self._add, patterns.add)):
            for done, rule in enumerate(rules, 1):
                if isinstance(rule, Route) and rule.family is family:
                    count(rule.patterns())
                if done % (4 * STEP) == 0:
                    yield
        self._needed[family] = needed(self._interfaces, patterns)

    def _concerns_groups(self) -> bool:
        return any(isinstance(rule, GroupRule) for rule in (*self._remove, *self._add))

    def _join(self) -> Iterator[None]:
        memberships = self._router.memberships
        rules = dict(memberships.rules)
        for rule in self._remove:
            rules.pop(rule.key, None)
        rules |= {rule.key: rule for rule in self._add if isinstance(rule, GroupRule)}
        wanted, too_many = wanted_by(rules.values(), self._interfaces)
        if too_many is not None:
            raise Refused(too_many_memberships(), too_many)
        tried = set()
        for membership, (name, key) in wanted.items():
            kind = (membership.family, membership.ifindex, bool(membership.source))
            if membership in memberships.joined or kind in tried:
                continue
            tried.add(kind)
            try:
                memberships.check_kernel(membership, name)
            except EngineError as error:
                raise Refused(error, key) from None
            yield

    def _vifs_after(self, family: Family, forwarding: Forwarding) -> _Vifs:
        asking = self._needed[family]
        numbers = served(family, asking, forwarding.vifs)
        refused = dict(forwarding.vifs.refused)
        for ifindex in asking.keys() - numbers.keys() - refused.keys():
            interface = asking[ifindex]
            too_high = family is IPV6 and ifindex > MAX_MIF_IFINDEX
            refused[ifindex] = str(
                index_too_high(interface) if too_high else none_left(family, interface)
            )
        return _Vifs(numbers, refused)

    def _inputs_of(self, route: Route) -> set[str]:
        flow = (route.source, route.group)
        inputs = self._inputs.get((route.family, flow))
        if inputs is None:
            index = self._router.forwarding[route.family].demand.index
            inputs = self._inputs[route.family, flow] = set(index.static(*flow))
        return inputs

    def _why_pending(self, rule: CompiledRule, vifs: Mapping[Family, _Vifs]) -> str | None:
        if isinstance(rule, Route):
            return self._why_route_waits(rule, *vifs[rule.family])
        if isinstance(rule, GroupRule):
            return self._interfaces.why_no_groups(rule.rule.interface)
        name = rule.rule.name
        return None if any(self._interfaces.matching(name)) else self._interfaces.why_not(name)

    def _why_route_waits(
        self, route: Route, numbers: Mapping[int, int], refused: Mapping[int, str]
    ) -> str | None:
        reason = why_not(self._interfaces, route.patterns(), numbers.get, refused)
        if reason is not None or not route.is_static:
            return reason
        inputs = self._inputs_of(route)
        entry = self._router.forwarding[route.family].entries.find(route.source, route.group)
        arrival = self._interfaces.by_index.get(entry.arrival) if entry is not None else None
        if (
            arrival is None
            or arrival.ifindex not in numbers
            or not any(matches_interface(pattern, arrival.name) for pattern in inputs)
        ):
            ifindex = best_input(self._interfaces, inputs, numbers.get)
            arrival = self._interfaces.by_index.get(ifindex or 0)
        if arrival is None or matches_interface(route.rule.interface, arrival.name):
            return None
        return comes_in_elsewhere(arrival.name)
