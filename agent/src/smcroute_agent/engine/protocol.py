"""What the engine and the agent say to each other over their channel: names, limits, shapes.

Requests of the agent: {"id": N, "do": "apply" | "read", ...}; answers of the engine carry the
same id, and either "ok", "error" or "rows"; events carry "event" and no id.  A row is a JSON array
whose positions are those of its NamedTuple here; encoding.py has rules, keys and errors.

Both sides import this module, so that a shape is written down once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..rules import RuleKey

MAX_RULES = 200_000
"""Rules that the engine holds at the most."""

MAX_MEMBERSHIPS = 2048
"""Groups (with their sources) joined at the most, over all mgroups and interfaces."""

MAX_OUT_INTERFACES = 256
"""Out-interfaces of one mroute at the most; the kernel serves 32, the others may be missing."""

MAX_OUT_INTERFACES_IN_ALL = 2_000_000
"""Out-interfaces of all mroutes together at the most; each takes up to 80 octets of memory."""

MAX_LENGTH_PAIRS = 256
"""Different pairs of prefix lengths (source, group) among the mroutes of one family at the most:
the time for the first packet of a flow grows with them."""

MAX_ROWS = 100 * 1024
"""Octets of rows in one message of a read, or of warnings in an answer, at the most; "omitted"
counts the warnings left out, statuses show them all."""

APPLY = "apply"
"""With "remove", "add", "more"; in the first part also "replace_all" (the rules that are not added
go), "flush" (learned and stop entries go), "lenient" (for want of VIFs, rules wait) and
"rehearsal" (nothing changes: only whether the change would be refused).  A rehearsal with
"pending" answers with rows of PENDING, too: (key, reason) of the added rules that would wait."""

READ = "read"
"""With "what", a list of SUBJECTS, and "only": {subject: keys} for rows of some keys alone.  The
key of a status is its rule's, or [kind] for all rules of a kind; of an entry [source, group];
of an interface [name]."""

MAX_ONLY = 256
"""Keys of one subject in "only" at the most."""

RULES = "rules"
INTERFACES = "interfaces"
MEMBERSHIPS = "memberships"
ENTRIES = "entries"
STATUSES = "statuses"
COUNTERS = "counters"
SUBJECTS = (RULES, INTERFACES, MEMBERSHIPS, ENTRIES, STATUSES, COUNTERS)
"""What can be read.  COUNTERS answers with one object, the others with rows."""

STATIC = "static"
LEARNED = "learned"
STOP = "stop"

INSTALLED = "installed"
TEMPLATE = "template"
PENDING = "pending"

ROUTE_LEARNED = "route-learned"
ROUTE_EXPIRED = "route-expired"
ROUTE_MOVED = "route-moved"
INTERFACE_PENDING = "interface-pending"
INTERFACE_ACTIVE = "interface-active"
CACHE_LIMIT_REACHED = "cache-limit-reached"
EVENTS: dict[str, tuple[str, ...]] = {
    ROUTE_LEARNED: ("source", "group", "in-interface", "out-interfaces"),
    ROUTE_EXPIRED: ("source", "group", "in-interface"),
    ROUTE_MOVED: ("source", "group", "in-interface", "from-interface"),
    INTERFACE_PENDING: ("interface", "reason"),
    INTERFACE_ACTIVE: ("interface",),
    CACHE_LIMIT_REACHED: ("limit",),
}
"""The members of each event beside "event"; "out-interfaces" is a list of names."""

COUNTER_NAMES = (
    "upcalls",
    "learned",
    "stopped",
    "expired",
    "moved",
    "cache_limit_reached",
    "kernel_refusals",
    "events_dropped",
)
"""Counted since the engine was started."""

Wire = list[Any]


class VifCounters(NamedTuple):
    """What the kernel counts of a VIF or MIF: packets that it forwarded, and their octets."""

    in_packets: int
    out_packets: int
    in_bytes: int
    out_bytes: int


class InterfaceRow(NamedTuple):
    """An interface, whether a rule uses it or not.

    reason: why it cannot be used.  ipv4, ipv6: VifCounters of its VIF and MIF.  flags: those of
    netdevice(7).
    """

    name: str
    ifindex: int
    vif: int | None
    mif: int | None
    reason: str | None = None
    ipv4: VifCounters | None = None
    ipv6: VifCounters | None = None
    flags: int = 0


class MembershipRow(NamedTuple):
    """A group that is joined; source is "*" for any."""

    interface: str
    source: str
    group: str


class EntryRow(NamedTuple):
    """An entry of the kernel's multicast forwarding cache.

    origin: STATIC, LEARNED or STOP.  out_interfaces: (name, TTL threshold).  packets counts all
    packets of the flow, those on a wrong interface too.  uptime: seconds since the engine made
    it, or took it over.  idle: seconds since the last packet, None when there was none.
    """

    source: str
    group: str
    in_interface: str
    origin: str
    out_interfaces: tuple[tuple[str, int], ...]
    packets: int
    bytes: int
    wrong_interface: int
    uptime: int
    idle: int | None


class StatusRow(NamedTuple):
    """What has become of a rule: INSTALLED, TEMPLATE or PENDING; the reason says why it waits."""

    key: RuleKey
    state: str
    reason: str | None
    warnings: tuple[str, ...]


def entry_row(wire: Wire) -> EntryRow:
    """The row of a forwarding cache entry as received."""
    source, group, interface, origin, outs, *counts = wire
    legs = tuple((name, ttl) for name, ttl in outs)
    return EntryRow(source, group, interface, origin, legs, *counts)


def status_row(wire: Wire) -> StatusRow:
    """The row of a rule's status as received."""
    key, state, reason, warnings = wire
    return StatusRow(tuple(key), state, reason, tuple(warnings))
