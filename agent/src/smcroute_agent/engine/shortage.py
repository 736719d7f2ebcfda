"""Which interface finds no VIF when rules ask for more than the kernel has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import EngineError, ResourceError
from ..rules import RuleKey, matches_interface
from .addresses import IPV4, Family
from .interfaces import Interface
from .kernel.mroute import MAX_VIFS
from .matching import Route
from .router import CompiledRule, PhyintRule
from .vifs import VifTable

MAX_MIF_IFINDEX = 0xFFFF
"""struct mif6ctl has 16 bits for an interface's index."""


def left_over(needed: Mapping[int, Interface], vifs: VifTable) -> Interface | None:
    """The first interface for which a change leaves no VIF, or None.

    needed: what must have one after the change.  Those that found none before it come last and
    fail nothing: this change is not to blame.
    """
    new, _ = _missing(needed, vifs)
    room = _room(needed, vifs)
    return needed[new[room]] if len(new) > room else None


def served(family: Family, needed: Mapping[int, Interface], vifs: VifTable) -> dict[int, int]:
    """Which of the needed interfaces have a VIF after a change, by index; the numbers of those
    that are new are not known, and MAX_VIFS."""
    new, late = _missing(needed, vifs)
    able = [ifindex for ifindex in new + late if family is IPV4 or ifindex <= MAX_MIF_IFINDEX]
    taken = dict.fromkeys(able[: _room(needed, vifs)], MAX_VIFS)
    return {ifindex: vif for ifindex, vif in vifs.held().items() if ifindex in needed} | taken


def _missing(needed: Mapping[int, Interface], vifs: VifTable) -> tuple[list[int], list[int]]:
    """Who has no VIF yet: those who ask for the first time, and those who found none before."""
    missing = sorted(needed.keys() - vifs.held().keys())
    return (
        [ifindex for ifindex in missing if ifindex not in vifs.refused],
        [ifindex for ifindex in missing if ifindex in vifs.refused],
    )


def _room(needed: Mapping[int, Interface], vifs: VifTable) -> int:
    return vifs.free() + sum(ifindex not in needed for ifindex in vifs.held())


def none_left(family: Family, interface: Interface) -> ResourceError:
    """The error for an interface that finds no VIF."""
    return ResourceError(
        f"no VIF is left for interface {interface.name}: the kernel has {MAX_VIFS} for "
        f"{family.name} in a table",
        remedy="remove the rules of another interface, or serve this one by another "
        "smcrouted with its own table (-t)",
    )


def index_too_high(interface: Interface) -> EngineError:
    """The error for an interface that IPv6 multicast routing cannot take."""
    return EngineError(
        f"interface {interface.name} has index {interface.ifindex}, above what IPv6 multicast "
        f"routing takes ({MAX_MIF_IFINDEX})",
        remedy="create the interface anew with a lower index",
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
