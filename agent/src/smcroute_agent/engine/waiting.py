"""Says in the log, once, which interfaces new rules wait for: often it is a name mistyped."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from ..log import NOTICE
from .interfaces import Interfaces
from .matching import Route
from .router import STEP, CompiledRule, PhyintRule

MAX_KNOWN = 1000
"""Names that are remembered; beyond it a name may be told again."""

log = logging.getLogger("engine")


class Waiting:
    """What has been told of interfaces that cannot be used."""

    def __init__(self, interfaces: Interfaces) -> None:
        self._interfaces = interfaces
        self._told: set[str] = set()

    def look_at(self, added: Iterable[CompiledRule]) -> Iterator[None]:
        """Tell of the interfaces of these rules, in steps."""
        routing: set[str] = set()
        others: set[str] = set()
        for done, rule in enumerate(added, 1):
            (routing if isinstance(rule, Route) else others).update(_patterns(rule))
            if done % STEP == 0:
                yield
        for pattern in sorted(routing | others):
            # A phyint that takes its interface out of routing waits for nothing.
            is_routing = pattern in routing
            why = self._interfaces.why_not if is_routing else self._interfaces.why_no_groups
            reason = why(pattern)
            if reason is None:
                self._told.discard(pattern)
            elif pattern not in self._told:
                if len(self._told) >= MAX_KNOWN:
                    self._told.clear()
                self._told.add(pattern)
                log.log(NOTICE, "%s; its rules are pending", reason)


def _patterns(rule: CompiledRule) -> tuple[str, ...]:
    if isinstance(rule, Route):
        return rule.patterns()
    return (rule.rule.name if isinstance(rule, PhyintRule) else rule.rule.interface,)
