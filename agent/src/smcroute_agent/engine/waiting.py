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
        patterns: set[str] = set()
        for done, rule in enumerate(added, 1):
            patterns.update(_patterns(rule))
            if done % STEP == 0:
                yield
        for pattern in sorted(patterns):
            reason = self._interfaces.why_not(pattern)
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
