"""Which interface finds no VIF when rules ask for more than the kernel has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import ResourceError
from ..rules import RuleKey, matches_interface
from .addresses import Family
from .interfaces import Interface
from .kernel.mroute import MAX_VIFS
from .matching import Route
from .router import CompiledRule, PhyintRule
from .vifs import VifTable


def left_over(needed: Mapping[int, Interface], vifs: VifTable) -> Interface | None:
    """The first interface for which a change leaves no VIF, or None.

    needed: what must have one after the change.  Those that found none before it come last and
    fail nothing: this change is not to blame.
    """
    held = vifs.held()
    new = sorted(ifindex for ifindex in needed if ifindex not in held.keys() | vifs.refused.keys())
    room = vifs.free() + sum(ifindex not in needed for ifindex in held)
    return needed[new[room]] if len(new) > room else None


def none_left(family: Family, interface: Interface) -> ResourceError:
    """The error for an interface that finds no VIF."""
    return ResourceError(
        f"no VIF is left for interface {interface.name}: the kernel has {MAX_VIFS} for "
        f"{family.name} in a table",
        remedy="remove the rules of another interface, or serve this one by another "
        "smcrouted with its own table (-t)",
    )


def rule_of(rules: Iterable[CompiledRule], family: Family, name: str) -> RuleKey | None:
    """The first of some rules that concerns an interface."""
    for rule in rules:
        if isinstance(rule, PhyintRule):
            patterns: tuple[str, ...] = (rule.rule.name,)
        elif isinstance(rule, Route):
            patterns = rule.patterns() if rule.family is family else ()
        else:
            continue
        if any(matches_interface(pattern, name) for pattern in patterns):
            return rule.key
    return None
