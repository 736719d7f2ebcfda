"""The state of one router: its rules, and what has been made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from ..errors import EngineError, Error
from ..rules import Phyint, RuleKey, rule_key
from .addresses import Family
from .cache import TrafficCache
from .counters import Counters, Emit
from .forwarding import Forwarding
from .interfaces import Interfaces
from .kernel.membership import MembershipSockets
from .kernel.mroute import MulticastRouting
from .matching import Route
from .memberships import GroupRule, Memberships
from .traffic import Traffic

STEP = 64
"""Rules that are put into the index between two looks at the upcalls."""


class PhyintRule:
    """A phyint, with its key as the other rules have it."""

    __slots__ = ("key", "rule")

    def __init__(self, rule: Phyint) -> None:
        self.key: RuleKey = rule_key(rule)
        self.rule = rule


CompiledRule = Route | GroupRule | PhyintRule


def out_interfaces(rule: CompiledRule) -> int:
    """How many out-interfaces a rule names."""
    return len(rule.rule.out_interfaces) if isinstance(rule, Route) else 0


class Router:
    """Rules, interfaces, forwarding of each family that the kernel has, memberships."""

    def __init__(
        self,
        kernels: Mapping[Family, MulticastRouting],
        sockets: MembershipSockets,
        cache_limit: int,
        emit: Emit,
        absent: Mapping[Family, Error] = MappingProxyType({}),
    ) -> None:
        """absent: why the kernel gives no table of a family."""
        self.rules: dict[RuleKey, CompiledRule] = {}
        self.out_interfaces = 0
        """Those of all rules together."""
        self.interfaces = Interfaces()
        self.counters = Counters()
        self.kernels = kernels
        self._absent = absent
        self.emit = emit
        cache = TrafficCache(cache_limit)
        self.forwarding = {
            family: Forwarding(family, kernel, self.interfaces, cache)
            for family, kernel in kernels.items()
        }
        self.traffic = {
            family: Traffic(forwarding, self.interfaces, cache, self.counters, emit)
            for family, forwarding in self.forwarding.items()
        }
        self.memberships = Memberships(sockets, self.interfaces)

    def check(self, rule: CompiledRule) -> None:
        """Raises EngineError when the kernel does not give what the rule needs."""
        if isinstance(rule, Route) and rule.family not in self.forwarding:
            problem = self._absent[rule.family]
            raise EngineError(problem.message, remedy=problem.remedy)

    def add_rule(self, rule: CompiledRule) -> None:
        """Take a rule; nothing is done about it yet."""
        self.rules[rule.key] = rule
        self.out_interfaces += out_interfaces(rule)
        if isinstance(rule, Route):
            self.forwarding[rule.family].demand.add_route(rule)
        elif isinstance(rule, GroupRule):
            self.memberships.add_rule(rule)

    def remove_rule(self, rule: CompiledRule) -> None:
        """Forget a rule; nothing is done about it yet."""
        del self.rules[rule.key]
        self.out_interfaces -= out_interfaces(rule)
        if isinstance(rule, Route):
            self.forwarding[rule.family].demand.remove_route(rule)
        elif isinstance(rule, GroupRule):
            self.memberships.remove_rule(rule)

    def routes_of(self, names: Iterable[str]) -> Iterator[list[Route]]:
        """The routes that concern some interfaces, in steps."""
        wanted = [
            pattern
            for forwarding in self.forwarding.values()
            for name in names
            for pattern in forwarding.demand.patterns.of(name)
        ]
        if not wanted:
            return
        patterns = frozenset(wanted)
        batch: list[Route] = []
        for done, rule in enumerate(list(self.rules.values()), 1):
            if isinstance(rule, Route) and (
                rule.rule.interface in patterns or not patterns.isdisjoint(rule.rule.out_interfaces)
            ):
                batch.append(rule)
            if done % (8 * STEP) == 0:
                yield batch
                batch = []
        yield batch

    def is_concerned(self, name: str) -> bool:
        """Whether a rule names an interface or has a wildcard that stands for it."""
        counts = [forwarding.demand.patterns for forwarding in self.forwarding.values()]
        return any(patterns.of(name) for patterns in (*counts, self.memberships.patterns))
