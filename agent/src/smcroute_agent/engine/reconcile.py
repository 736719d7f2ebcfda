"""Making the kernel hold what the rules and the interfaces now ask for.

The same steps serve an edit of rules, its undoing, and links that come and go.  Whatever can fail
comes first; what is no longer needed is given back at the end, so that a refusal half-way leaves
everything there that the undoing needs, and flows that go on do not lose a packet.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from ..errors import EngineError, Error
from ..rules import RuleKey
from . import affected
from .addresses import IPV6, Family
from .forwarding import Forwarding
from .interfaces import Interface
from .kernel.mroute import MulticastRouting
from .kernel.refusals import ADD_VIF, explain
from .matching import Flow, Route
from .memberships import GroupRule, JoinRefused
from .router import CompiledRule, Router
from .shortage import MAX_MIF_IFINDEX, index_too_high, left_over, none_left, rule_of

log = logging.getLogger("engine")


class Refused(Exception):
    """The kernel refused a change; carries the error and the rule that it is about.

    The error is to be told, not to be raised: it holds no frames, which might hold it.
    """

    def __init__(self, error: Error, rule: RuleKey | None) -> None:
        super().__init__(str(error))
        self.error = error.with_traceback(None)
        self.rule = rule


class Scope(NamedTuple):
    """What has changed.

    rules: those that came or went.  names: interfaces of which anything changed.  strict: a
    refusal raises Refused; otherwise it is noted, and the rules wait.  numbers: the VIFs that
    interfaces had before, by family name and index, when a change is undone.
    """

    rules: tuple[CompiledRule, ...] | list[CompiledRule] = ()
    names: frozenset[str] = frozenset()
    strict: bool = False
    numbers: dict[str, dict[int, int]] = {}  # noqa: RUF012 (never changed)


def reconcile(router: Router, scope: Scope) -> Iterator[None]:
    """Bring kernel and rules together, in steps of about half a millisecond."""
    concerned: list[Route] = []
    if scope.names:
        for routes in router.routes_of(scope.names):
            concerned += routes
            yield
    for forwarding in router.forwarding.values():
        if forwarding.vifs.leaving:  # an abandoned change may have left some
            forwarding.vifs.set_leaving(())
            forwarding.demand.invalidate()
    for family, forwarding in router.forwarding.items():
        kernel = router.kernels[family]
        mine = chain(_routes(scope.rules, family), _routes(concerned, family))
        if scope.names or any(True for _ in _routes(scope.rules, family)):
            yield from _Family(router, forwarding, kernel, scope).extend(mine)
    groups = bool(scope.names) or any(isinstance(rule, GroupRule) for rule in scope.rules)
    if groups:
        try:
            yield from router.memberships.join_missing(strict=scope.strict)
        except JoinRefused as refusal:
            raise Refused(refusal.error, refusal.rule) from None
        yield from router.memberships.leave_unwanted()
    for family, forwarding in router.forwarding.items():
        yield from _Family(router, forwarding, router.kernels[family], scope).shrink()


def drop_lost(router: Router, lost: Iterable[int]) -> Iterator[None]:
    """Let go of interfaces whose VIFs and memberships the kernel has dropped."""
    for family, forwarding in router.forwarding.items():
        held = forwarding.vifs.held()
        work = _Family(router, forwarding, router.kernels[family], Scope())
        yield from work.give_back([ifindex for ifindex in lost if ifindex in held])
    yield from router.memberships.forget_interfaces(lost)


def _routes(rules: Iterable[CompiledRule], family: Family) -> Iterator[Route]:
    return (rule for rule in rules if isinstance(rule, Route) and rule.family is family)


class _Family:
    """The reconciliation of one family."""

    def __init__(
        self, router: Router, forwarding: Forwarding, kernel: MulticastRouting, scope: Scope
    ) -> None:
        self._router = router
        self._forwarding = forwarding
        self._demand = forwarding.demand
        self._vifs = forwarding.vifs
        self._kernel = kernel
        self._scope = scope

    def extend(self, routes: Iterable[Route]) -> Iterator[None]:
        """Take VIFs, then bring the entries of these routes up to date."""
        if self._scope.names:
            self._demand.invalidate()
        family = self._forwarding.family
        waiting = list(affected.waiting(self._forwarding))
        needed = self._demand.needed()
        held = self._vifs.held()
        missing = [interface for ifindex, interface in needed.items() if ifindex not in held]
        surplus = [ifindex for ifindex in held if ifindex not in needed]
        for ifindex in [known for known in self._vifs.refused if known not in needed]:
            del self._vifs.refused[ifindex]
        if self._scope.strict and (overflow := left_over(needed, self._vifs)) is not None:
            raise Refused(none_left(family, overflow), self._rule_of(overflow.name))
        late = frozenset(self._vifs.refused)
        missing.sort(key=lambda interface: (interface.ifindex in late, interface.ifindex))
        if len(missing) > self._vifs.free() and surplus:
            yield from self.give_back(surplus)
        served_late = set()
        for interface in missing:
            is_late = interface.ifindex in late
            if self._take(interface, strict=self._scope.strict and not is_late) and is_late:
                served_late.add(interface.name)
        if missing:
            self._demand.invalidate()
        yield from self._refresh(
            affected.by_routes(self._forwarding, routes), strict=self._scope.strict
        )
        yield from self._serve(served_late)
        yield from self._refresh(iter(waiting), strict=False)

    def shrink(self) -> Iterator[None]:
        """Give back the VIFs that are not needed, and serve who waited for them."""
        needed = self._demand.needed()
        surplus = [ifindex for ifindex in self._vifs.held() if ifindex not in needed]
        if not surplus:
            return
        yield from self.give_back(surplus)
        served = set()
        for ifindex in sorted(self._vifs.refused):
            interface = needed.get(ifindex)
            if interface is not None and self._take(interface, strict=False):
                served.add(interface.name)
        yield from self._serve(served)

    def give_back(self, ifindexes: list[int]) -> Iterator[None]:
        """Give VIFs back, after the entries that refer to them no longer do."""
        if not ifindexes:
            return
        self._vifs.set_leaving(ifindexes)
        self._demand.invalidate()
        yield from self._refresh(affected.by_interfaces(self._forwarding, ifindexes), strict=False)
        held = self._vifs.held()
        for ifindex in ifindexes:
            try:
                self._kernel.delete_vif(held[ifindex])
            except OSError as error:
                # The kernel drops the VIF of an interface that goes by itself.
                if error.errno != errno.EADDRNOTAVAIL:
                    log.warning("VIF %d is not given back: %s", held[ifindex], error)
            self._vifs.give(ifindex)
        self._demand.invalidate()

    def _serve(self, names: set[str]) -> Iterator[None]:
        """Bring the entries up to date that wait for interfaces which have a VIF at last."""
        if not names:
            return
        self._demand.invalidate()
        family = self._forwarding.family
        for routes in self._router.routes_of(names):
            mine = [route for route in routes if route.family is family]
            yield from self._refresh(affected.by_routes(self._forwarding, mine), strict=False)

    def _take(self, interface: Interface, *, strict: bool) -> bool:
        """Take a VIF for an interface; False, with the reason noted, when there is none."""
        ifindex = interface.ifindex
        error: Error
        if not self._vifs.free():
            error = none_left(self._forwarding.family, interface)
        elif self._forwarding.family is IPV6 and ifindex > MAX_MIF_IFINDEX:
            strict = False
            error = index_too_high(interface)
        else:
            wishes = self._scope.numbers.get(self._forwarding.family.name, {})
            number = self._vifs.choose(ifindex, wishes)
            try:
                self._kernel.add_vif(number, ifindex, interface.threshold)
            except OSError as problem:
                # An interface that has just gone, or cannot do it, is no reason to refuse a rule.
                strict = strict and problem.errno not in (errno.EADDRNOTAVAIL, errno.ENODEV)
                family = self._forwarding.family.name
                error = explain(ADD_VIF, problem, interface=interface.name, family=family)
            else:
                self._vifs.take(ifindex, number)
                self._vifs.refused.pop(ifindex, None)
                return True
        if strict:
            raise Refused(error, self._rule_of(interface.name))
        if self._vifs.refused.get(ifindex) != str(error):
            self._vifs.refused[ifindex] = str(error)
            log.warning("%s", error)
        return False

    def _rule_of(self, name: str) -> RuleKey | None:
        """The first of the changed rules that concerns an interface."""
        return rule_of(self._scope.rules, self._forwarding.family, name)

    def _refresh(self, batches: Iterator[list[Flow]], *, strict: bool) -> Iterator[None]:
        forwarding = self._forwarding
        for flows in batches:
            for source, group in flows:
                try:
                    forwarding.refresh(source, group)
                except EngineError as error:
                    if strict:
                        static = forwarding.demand.index.static(source, group)
                        raise Refused(
                            error, next((route.key for route in static.values()), None)
                        ) from None
                    self._router.counters.count("kernel_refusals")
                    log.error("%s", error)
                    forwarding.give_up(source, group, str(error))
            yield
