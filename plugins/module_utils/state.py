# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operational state of a router: what to ask for, and the reply as a playbook sees it."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, NamedTuple

from ansible_collections.mcast.smcroute.plugins.module_utils.codec import NAMESPACE
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import (
    GROUP,
    PHYINT,
    ROUTE,
    Kind,
)

Row = Dict[str, Any]
KINDS = (PHYINT, GROUP, ROUTE)


class Leaf(NamedTuple):
    """A leaf of the YANG module, and what it becomes; one that is not there is None."""

    name: str
    leaf: str
    read: Callable[[str], Any] = str


_FLOW = (Leaf("source", "source"), Leaf("group", "group"))

AGENT = (
    Leaf("version", "version"),
    Leaf("identity", "identity"),
    Leaf("table_id", "table-id", int),
    Leaf("boot_time", "boot-time"),
)
COUNTERS = tuple(
    Leaf(name.replace("-", "_"), name, int)
    for name in (
        *("upcalls", "learned", "stopped", "expired", "moved", "cache-limit-reached"),
        *("kernel-refusals", "events-dropped", "edits", "errors"),
    )
)
INTERFACE = (
    Leaf("name", "name"),
    Leaf("if_index", "if-index", int),
    Leaf("vif", "vif", int),
    Leaf("mif", "mif", int),
    Leaf("reason", "reason"),
    Leaf("flags", "flags", str.split),
)
FORWARDED = (
    Leaf("in_packets", "in-packets", int),
    Leaf("in_bytes", "in-bytes", int),
    Leaf("out_packets", "out-packets", int),
    Leaf("out_bytes", "out-bytes", int),
)
MEMBERSHIP = (Leaf("interface", "interface"), *_FLOW)
FORWARDING_ENTRY = (
    *_FLOW,
    Leaf("in_interface", "in-interface"),
    Leaf("origin", "origin"),
    Leaf("packets", "packets", int),
    Leaf("bytes", "bytes", int),
    Leaf("wrong_interface", "wrong-interface", int),
    Leaf("uptime", "uptime", int),
    Leaf("idle", "idle", int),
)
_COUNTS = ("packets", "bytes")


def query(*parts: str) -> str:
    """The content of a subtree filter for parts of the container smcroute."""
    return f'<smcroute xmlns="{NAMESPACE}">{"".join(parts)}</smcroute>'


def flows(source: str | None = None, group: str | None = None, origin: str | None = None) -> str:
    """The part of a query for the forwarding entries that match."""
    wanted = (("source", source), ("group", group), ("origin", origin))
    matches = "".join(f"<{leaf}>{value}</{leaf}>" for leaf, value in wanted if value)
    return f"<forwarding-entry>{matches}</forwarding-entry>"


def _statuses(kind: Kind, leaves: str) -> str:
    keys = "".join(f"<{option.leaf}/>" for option in kind.keys)
    return f"<{kind.list_name}>{keys}{leaves}</{kind.list_name}>"


PENDING = "<state>pending</state><reason/>"
PENDING_RULES = "".join(_statuses(kind, PENDING) for kind in KINDS)
WARNED_RULES = "".join(_statuses(kind, "<warning/>") for kind in KINDS)


def pending_of(kind: Kind) -> str:
    """The part of a query for the pending rules of one kind."""
    return _statuses(kind, PENDING)


def agent(data: Any) -> Row:
    """The daemon itself, with its counters."""
    for element in _elements(data, "agent"):
        row = _row(AGENT, element)
        counters = element.find(_tag("counters"))
        row["counters"] = {} if counters is None else _row(COUNTERS, counters)
        return row
    return {}


def interfaces(data: Any) -> list[Row]:
    """The interfaces of the router by name, with what each has forwarded of a family."""
    rows = []
    for element in _elements(data, "interface"):
        row = _row(INTERFACE, element)
        row["flags"] = row["flags"] or []
        for family in ("ipv4", "ipv6"):
            counters = element.find(_tag(family))
            row[family] = None if counters is None else _row(FORWARDED, counters)
        rows.append(row)
    return sorted(rows, key=lambda row: str(row["name"]))


def memberships(data: Any) -> list[Row]:
    """The groups that the router has joined."""
    return _rows(MEMBERSHIP, _elements(data, "membership"))


def forwarding_entries(data: Any) -> list[Row]:
    """The kernel's entries by source and group."""
    rows = []
    for element in _elements(data, "forwarding-entry"):
        row = _row(FORWARDING_ENTRY, element)
        legs = {
            leg.findtext(_tag("name")): int(leg.findtext(_tag("ttl-threshold")) or 1)
            for leg in element.findall(_tag("out-interface"))
        }
        row["out_interfaces"] = sorted(legs)
        row["ttl_thresholds"] = legs
        rows.append(row)
    return sorted(rows, key=lambda row: (row["source"], row["group"]))


def pending(data: Any) -> list[Row]:
    """The rules that cannot act yet, with the reason."""

    def waits(rule: Any) -> Row | None:
        if rule.findtext(_tag("state")) != "pending":
            return None
        return {"reason": rule.findtext(_tag("reason")) or ""}

    return list(_rules(data, waits))


def rule_warnings(data: Any) -> list[Row]:
    """The rules that are accepted but deserve a look, with what is to be looked at."""

    def said(rule: Any) -> Row | None:
        texts = [element.text or "" for element in rule.findall(_tag("warning"))]
        return {"warnings": texts} if texts else None

    return list(_rules(data, said))


def with_rates(before: list[Row], after: list[Row], seconds: float) -> list[Row]:
    """The later entries, with what passed a second since the earlier ones were read.

    An entry that is new, or was made anew and counts from zero, has passed what it counts.
    """
    old = {(row["source"], row["group"]): row for row in before}
    rows = []
    for row in after:
        rates = {}
        for name in _COUNTS:
            start = old.get((row["source"], row["group"]), {}).get(name) or 0
            now = row[name] or 0
            passed = now - start if now >= start else now
            rates[f"{name}_per_second"] = round(passed / seconds, 3)
        rows.append({**row, **rates})
    return rows


def _rules(data: Any, said: Callable[[Any], Row | None]) -> Iterable[Row]:
    for kind in KINDS:
        rows = []
        for element in _elements(data, kind.list_name):
            more = said(element)
            if more is not None:
                keys = {o.name: element.findtext(_tag(o.leaf)) or "" for o in kind.keys}
                rows.append({"kind": kind.noun, **keys, **more})
        yield from sorted(rows, key=kind.key_of)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _elements(data: Any, name: str) -> list[Any]:
    tops = () if data is None else data.findall(_tag("smcroute"))
    return [element for top in tops for element in top.findall(_tag(name))]


def _row(leaves: Iterable[Leaf], element: Any) -> Row:
    row: Row = {}
    for leaf in leaves:
        text = element.findtext(_tag(leaf.leaf))
        row[leaf.name] = None if text is None else leaf.read(text)
    return row


def _rows(leaves: tuple[Leaf, ...], elements: Iterable[Any]) -> list[Row]:
    rows = [_row(leaves, element) for element in elements]
    return sorted(rows, key=lambda row: tuple(str(row[leaf.name]) for leaf in leaves))
