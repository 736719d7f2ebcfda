"""A change of rules: staged as it arrives, then applied as a whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from itertools import chain
from typing import Any

from ..errors import DataError, Error, ResourceError
from ..rules import Mgroup, Mroute, Phyint, Rule, RuleKey, rule_key
from .encoding import decode_key, decode_rules
from .matching import Lengths, Route
from .memberships import GroupRule
from .protocol import MAX_LENGTH_PAIRS, MAX_MEMBERSHIPS, MAX_OUT_INTERFACES_IN_ALL, MAX_RULES
from .reconcile import Refused, Scope, reconcile
from .router import STEP, CompiledRule, PhyintRule, Router, out_interfaces


class Abandoned(Exception):
    """The one who asked for a change is gone: undo it."""


class Stage:
    """A change as far as it has been sent.  The first error makes it void.

    lenient: what the kernel refuses for want of VIFs waits, as after a link event.
    rehearsal: it is only to be found whether the change would be refused, and with pending, which
    of its rules would wait.
    """

    def __init__(
        self,
        *,
        replace_all: bool = False,
        lenient: bool = False,
        rehearsal: bool = False,
        pending: bool = False,
    ) -> None:
        self.replace_all = replace_all
        self.lenient = lenient
        self.rehearsal = rehearsal
        self.pending = pending
        self.flush = False
        self.refusal: Refused | None = None
        self._remove: dict[RuleKey, None] = {}
        self._add: dict[RuleKey, CompiledRule] = {}
        self._out_interfaces = 0

    def take(self, remove: Any, add: Any) -> Iterator[None]:
        """Take a part of the change as it was received, in steps."""
        if self.refusal is not None:
            return
        try:
            yield from self._take(remove, add)
        except Refused as refusal:
            # Not with the frames that hold it: that would be a cycle.
            self.refusal = refusal.with_traceback(None)
            self._remove.clear()
            self._add.clear()

    def _take(self, remove: Any, add: Any) -> Iterator[None]:
        if not isinstance(remove, list) or not isinstance(add, list):
            raise Refused(DataError('"remove" and "add" are lists'), None)
        for done, wire in enumerate(remove, 1):
            try:
                self._remove[decode_key(wire)] = None
            except DataError as error:
                raise Refused(error, None) from None
            if done % STEP == 0:
                yield
        for done, rule in enumerate(chain.from_iterable(map(_decode, add)), 1):
            try:
                compiled = compile_rule(rule)
            except Error as error:
                raise Refused(error, rule_key(rule)) from None
            replaced = self._add.get(compiled.key)
            if replaced is not None:
                self._out_interfaces -= out_interfaces(replaced)
            self._add[compiled.key] = compiled
            self._out_interfaces += out_interfaces(compiled)
            if done % STEP == 0:
                yield
        for what, limit, size in (
            ("rules", MAX_RULES, max(len(self._add), len(self._remove))),
            ("out-interfaces", MAX_OUT_INTERFACES_IN_ALL, self._out_interfaces),
        ):
            if size > limit:
                raise Refused(
                    ResourceError(f"a change of more than {limit} {what}", remedy="use fewer"), None
                )

    def difference(
        self, router: Router
    ) -> Generator[None, None, tuple[list[CompiledRule], list[CompiledRule]]]:
        """What to remove and what to add, without what stays as it is; found in steps.

        Raises Refused: a key that is not there, too many rules, a family that the kernel lacks.
        """
        rules = router.rules
        remove: dict[RuleKey, CompiledRule] = {}
        if self.replace_all:
            for done, key in enumerate(list(rules), 1):
                if done % (4 * STEP) == 0:
                    yield
                if key not in self._add:
                    remove[key] = rules[key]
        for done, key in enumerate(self._remove, 1):
            if done % (4 * STEP) == 0:
                yield
            if key in rules:
                remove[key] = rules[key]
            elif not self.replace_all:
                raise Refused(DataError("there is no such rule"), key)
        add = []
        for done, (key, rule) in enumerate(self._add.items(), 1):
            if done % (4 * STEP) == 0:
                yield
            old = rules.get(key)
            if old is not None and old.rule == rule.rule:
                remove.pop(key, None)
                continue
            try:
                router.check(rule)
            except Error as error:
                raise Refused(error, key) from None
            if old is not None:
                remove[key] = old
            add.append(rule)
        yield from _check_limits(router, remove, add)
        return list(remove.values()), add


_COMPILERS: dict[type[Rule], Callable[[Any], CompiledRule]] = {
    Mroute: Route,
    Mgroup: GroupRule,
    Phyint: PhyintRule,
}


def _decode(wire: Any) -> list[Rule]:
    try:
        return decode_rules(wire)
    except DataError as error:
        raise Refused(error, None) from None


def compile_rule(rule: Rule) -> CompiledRule:
    """A rule with its addresses parsed.  Raises DataError or ResourceError."""
    return _COMPILERS[type(rule)](rule)


def _check_limits(
    router: Router, remove: dict[RuleKey, CompiledRule], add: list[CompiledRule]
) -> Iterator[None]:
    pairs = {
        family: forwarding.demand.index.counts() for family, forwarding in router.forwarding.items()
    }
    outs, groups = router.out_interfaces, len(router.memberships.rules)
    last_out: CompiledRule | None = None
    last_group: CompiledRule | None = None
    for done, rule in enumerate(chain(remove.values(), add), 1):
        if done % (4 * STEP) == 0:
            yield
        change = -1 if done <= len(remove) else 1
        if isinstance(rule, GroupRule):
            groups += change
            last_group = rule
        elif isinstance(rule, Route):
            if rule.rule.out_interfaces:
                outs += change * len(rule.rule.out_interfaces)
                last_out = rule
            _count_pair(pairs[rule.family], rule, change)
    wide = "use wildcards, as in eth+"
    few = "use fewer rules, or ranges"
    for what, limit, number, last, remedy in (
        ("rules", MAX_RULES, len(router.rules) + len(add) - len(remove), add and add[-1], few),
        ("mgroup rules", MAX_MEMBERSHIPS, groups, last_group, few),
        ("out-interfaces in all mroutes", MAX_OUT_INTERFACES_IN_ALL, outs, last_out, wide),
    ):
        if number > limit and last:
            raise Refused(ResourceError(f"more than {limit} {what}", remedy=remedy), last.key)


def _count_pair(counts: dict[Lengths, int], rule: Route, change: int) -> None:
    lengths = rule.lengths
    counts[lengths] = counts.get(lengths, 0) + change
    if not counts[lengths]:
        del counts[lengths]
    elif change > 0 and len(counts) > MAX_LENGTH_PAIRS:
        raise Refused(
            ResourceError(
                f"more than {MAX_LENGTH_PAIRS} different pairs of prefix lengths in the "
                f"sources and groups of {rule.family.name} mroutes",
                remedy="use fewer different prefix lengths",
            ),
            rule.key,
        )


class Transaction:
    """One change of rules and kernel, all or nothing.

    strict: what the kernel refuses fails the change; otherwise it is noted, and the rules wait.
    """

    def __init__(
        self,
        router: Router,
        remove: list[CompiledRule],
        add: list[CompiledRule],
        *,
        strict: bool = True,
    ) -> None:
        self._router = router
        self._strict = strict
        self._remove = remove
        self._add = add
        self._removed: list[CompiledRule] = []
        self._added: list[CompiledRule] = []
        self._abandoned = False

    def abandon(self) -> None:
        """Undo the change at its next step, unless it is complete."""
        self._abandoned = True

    def run(self) -> Iterator[None]:
        """Apply the change, in steps.

        Raises Refused when the kernel refuses, Abandoned after abandon(); rules and kernel are
        then as they were before.
        """
        numbers = {
            family.name: forwarding.vifs.held()
            for family, forwarding in self._router.forwarding.items()
        }
        try:
            for _ in self._forward():
                yield
                if self._abandoned:
                    raise Abandoned
        except (Refused, Abandoned):
            yield from self._undo(numbers)
            raise

    def _forward(self) -> Iterator[None]:
        for done, rule in enumerate(self._remove, 1):
            self._router.remove_rule(rule)
            self._removed.append(rule)
            if done % STEP == 0:
                yield
        for done, rule in enumerate(self._add, 1):
            self._router.add_rule(rule)
            self._added.append(rule)
            if done % STEP == 0:
                yield
        names = self._update_phyints(self._remove, self._add)
        scope = Scope([*self._add, *self._remove], names, strict=self._strict)
        yield from reconcile(self._router, scope)

    def _undo(self, numbers: dict[str, dict[int, int]]) -> Iterator[None]:
        for done, rule in enumerate(reversed(self._added), 1):
            self._router.remove_rule(rule)
            if done % STEP == 0:
                yield
        for done, rule in enumerate(reversed(self._removed), 1):
            self._router.add_rule(rule)
            if done % STEP == 0:
                yield
        names = self._update_phyints(self._add, self._remove)
        scope = Scope([*self._removed, *self._added], names, strict=False, numbers=numbers)
        yield from reconcile(self._router, scope)

    def _update_phyints(
        self, remove: list[CompiledRule], add: list[CompiledRule]
    ) -> frozenset[str]:
        gone = [rule.rule for rule in remove if isinstance(rule, PhyintRule)]
        new = [rule.rule for rule in add if isinstance(rule, PhyintRule)]
        if not gone and not new:
            return frozenset()
        return frozenset(self._router.interfaces.update_phyints(gone, new))
