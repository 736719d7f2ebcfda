"""The rules of static multicast routing: the words that all parts share.

Addresses, prefixes and names are strings in the canonical form of yang/smcroute.yang:
a source is "*", "192.0.2.1" or "192.0.2.0/24", a group "225.1.2.3" or "225.0.0.0/24", a
single address never carries a length, IPv6 is written as RFC 5952 says.  An interface
ending in "+" is a wildcard.
"""

from __future__ import annotations

from typing import NamedTuple

ANY_SOURCE = "*"
WILDCARD = "+"


class Phyint(NamedTuple):
    """What holds for an interface; None where nothing was said and the default holds."""

    name: str
    enabled: bool | None = None
    mrdisc: bool | None = None
    ttl_threshold: int | None = None


class Mgroup(NamedTuple):
    """A group, or each group of a range, to join on an interface."""

    interface: str
    source: str
    group: str


class Mroute(NamedTuple):
    """A multicast route: static for one source and one group, else a template."""

    interface: str
    source: str
    group: str
    out_interfaces: tuple[str, ...] = ()


Rule = Phyint | Mgroup | Mroute

RuleKey = tuple[str, ...]
"""("phyint", name), or ("mgroup" | "mroute", interface, source, group)."""


def rule_key(rule: Rule) -> RuleKey:
    """What identifies a rule: its kind and the key leaves of its YANG list."""
    if isinstance(rule, Phyint):
        return ("phyint", rule.name)
    kind = "mgroup" if isinstance(rule, Mgroup) else "mroute"
    return (kind, rule.interface, rule.source, rule.group)


def matches_interface(pattern: str, name: str) -> bool:
    """Whether an interface name, or a wildcard such as "eth+", stands for `name`."""
    if pattern.endswith(WILDCARD):
        return name.startswith(pattern[:-1])
    return pattern == name
