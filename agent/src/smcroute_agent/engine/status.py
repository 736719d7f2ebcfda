"""What has become of each rule, derived from the router's state when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from ..rules import WILDCARD, Mroute, Phyint, matches_interface
from .addresses import IPV6
from .interfaces import DEFAULT_THRESHOLD, Interfaces
from .matching import Route
from .memberships import GroupRule
from .protocol import INSTALLED, PENDING, TEMPLATE, StatusRow
from .router import CompiledRule, Router


def status(router: Router, rule: CompiledRule) -> StatusRow:
    """The state of one rule, why it waits, and what deserves a look."""
    if isinstance(rule, Route):
        reason = _why_route_waits(router, rule)
        state = INSTALLED if rule.is_static else TEMPLATE
        warnings = tuple(route_warnings(rule.rule))
        return StatusRow(rule.key, PENDING if reason else state, reason, warnings)
    if isinstance(rule, GroupRule):
        reason = router.interfaces.why_no_groups(rule.rule.interface)
        reason = reason or router.memberships.refused.get(rule.key)
    else:
        found = any(router.interfaces.matching(rule.rule.name))
        reason = None if found else router.interfaces.why_not(rule.rule.name)
        warnings = tuple(_phyint_warnings(router, rule.rule))
        return StatusRow(rule.key, PENDING if reason else INSTALLED, reason, warnings)
    return StatusRow(rule.key, PENDING if reason else INSTALLED, reason, ())


def route_warnings(rule: Mroute) -> Iterator[str]:
    """What is accepted but deserves a look."""
    for name in rule.out_interfaces:
        if not name.endswith(WILDCARD) and matches_interface(rule.interface, name):
            yield f"packets that come in on {name} go out on {name} again, which may make a loop"


def _phyint_warnings(router: Router, rule: Phyint) -> Iterator[str]:
    forwarding = router.forwarding.get(IPV6)
    if forwarding is None or (rule.ttl_threshold or DEFAULT_THRESHOLD) == DEFAULT_THRESHOLD:
        return
    for interface in router.interfaces.matching(rule.name):
        counts = router.interfaces.phyint(interface.name) == rule
        if counts and forwarding.vifs.number(interface.ifindex) is not None:
            yield (
                f"the TTL threshold of {interface.name} holds for IPv4 only: "
                "the kernel has none for IPv6, which is routed there too"
            )


def _why_route_waits(router: Router, route: Route) -> str | None:
    forwarding = router.forwarding[route.family]
    interfaces = router.interfaces
    reason = why_not(interfaces, route.patterns(), forwarding.vifs.number, forwarding.vifs.refused)
    if reason is not None:
        return reason
    if not route.is_static:
        return None
    flow = (route.source, route.group)
    if flow in forwarding.refused:
        return forwarding.refused[flow]
    entry = forwarding.entries.find(*flow)
    if entry is None:
        return "the kernel holds no entry for it yet"
    interface = interfaces.by_index.get(forwarding.vifs.holder(entry.vif) or 0)
    if interface is not None and not matches_interface(route.rule.interface, interface.name):
        return comes_in_elsewhere(interface.name)
    return None


def comes_in_elsewhere(name: str) -> str:
    """Why a static rule waits whose flow comes in on another interface."""
    return f"the flow comes in on {name}, as another rule says"


def why_not(
    interfaces: Interfaces,
    patterns: Iterable[str],
    number: Callable[[int], int | None],
    refused: Mapping[int, str],
) -> str | None:
    """Why one of a route's names and wildcards stands for nothing that can be used, or None.

    number: the VIF of an interface, by index.  refused: why one has none.
    """
    for pattern in patterns:
        reason = interfaces.why_not(pattern)
        if reason is None:
            for interface in interfaces.usable(pattern):
                if number(interface.ifindex) is not None:
                    reason = None
                    break
                reason = refused.get(interface.ifindex)
        if reason is not None:
            return reason
    return None
