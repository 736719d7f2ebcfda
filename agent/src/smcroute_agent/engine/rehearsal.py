"""Whether a change would be refused: found without touching rules or kernel.

What only the deed can show remains: memory that the kernel lacks, and what others change between
the rehearsal and the change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import EngineError
from .demand import needed
from .interfaces import Interfaces
from .matching import Route
from .memberships import GroupRule, too_many_memberships, wanted_by
from .reconcile import Refused
from .router import STEP, CompiledRule, PhyintRule, Router
from .shortage import left_over, none_left, rule_of


def rehearse(router: Router, remove: list[CompiledRule], add: list[CompiledRule]) -> Iterator[None]:
    """Raises Refused as Transaction.run() would when it is strict, in steps.

    remove, add: as Stage.difference() finds them.
    """
    interfaces, names = router.interfaces.with_phyints(
        [rule.rule for rule in remove if isinstance(rule, PhyintRule)],
        [rule.rule for rule in add if isinstance(rule, PhyintRule)],
    )
    for family, forwarding in router.forwarding.items():
        gone, new = (
            [rule for rule in rules if isinstance(rule, Route) and rule.family is family]
            for rules in (remove, add)
        )
        if not gone and not new and not names:
            continue
        patterns = forwarding.demand.patterns.copy()
        for count, routes in ((patterns.remove, gone), (patterns.add, new)):
            for done, route in enumerate(routes, 1):
                count(route.patterns())
                if done % (4 * STEP) == 0:
                    yield
        overflow = left_over(needed(interfaces, patterns), forwarding.vifs)
        if overflow is not None:
            key = rule_of([*add, *remove], family, overflow.name)
            raise Refused(none_left(family, overflow), key)
    yield
    if names or any(isinstance(rule, GroupRule) for rule in (*remove, *add)):
        yield from _memberships(router, interfaces, remove, add)


def _memberships(
    router: Router,
    interfaces: Interfaces,
    remove: Iterable[CompiledRule],
    add: Iterable[CompiledRule],
) -> Iterator[None]:
    rules = dict(router.memberships.rules)
    for rule in remove:
        rules.pop(rule.key, None)
    rules |= {rule.key: rule for rule in add if isinstance(rule, GroupRule)}
    wanted, too_many = wanted_by(rules.values(), interfaces)
    if too_many is not None:
        raise Refused(too_many_memberships(), too_many)
    tried = set()
    for membership, (name, key) in wanted.items():
        kind = (membership.family, membership.ifindex, bool(membership.source))
        if membership in router.memberships.joined or kind in tried:
            continue
        tried.add(kind)
        try:
            router.memberships.check_kernel(membership, name)
        except EngineError as error:
            raise Refused(error, key) from None
        yield
