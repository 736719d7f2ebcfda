"""The answers to reads: rows in parts that fit a message, made step by step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import DataError
from ..rules import RuleKey
from . import protocol
from .addresses import IPV4, IPV6, Family, parse_flow, text
from .encoding import encode_rule
from .forwarding import Forwarding
from .interfaces import Interface
from .kernel.netlink import KernelEntry
from .protocol import EntryRow, InterfaceRow, MembershipRow, VifCounters
from .router import CompiledRule, Router
from .status import status

Part = dict[str, Any]

Rows = Iterator[tuple[int, Any] | None]
"""Rows with their sizes in octets, at the most; None between them when nothing is ready yet."""

Only = dict[str, list[tuple[str, ...]]]
"""For some subjects, the keys that are asked for; engine/protocol.py, READ, has their shapes."""

_STEP = 32
"""Rows that are made in one step."""

_PART = 24 * 1024
"""Octets of rows after which a part is sent, as they are estimated here: an upcall waits while it
is made."""

_ROW = 400
"""Octets of a row at the most, without its lists and reasons."""

_NAME = 110
"""Octets of an interface's name and a number at the most, when JSON escapes each octet."""


def row_size(text: int) -> int:
    """Octets of a row at the most whose reasons and warnings have so many characters."""
    return _ROW + 6 * text


def decode_only(wire: Any) -> Only:
    """The keys of a request to read; DataError when they have not the shape of it."""
    if wire is None:
        return {}
    if not isinstance(wire, dict) or not all(
        subject in _BY_KEY
        and isinstance(keys, list)
        and len(keys) <= protocol.MAX_ONLY
        and all(
            isinstance(key, list) and all(isinstance(part, str) for part in key) for key in keys
        )
        for subject, keys in wire.items()
    ):
        raise DataError(f'"only" has at most {protocol.MAX_ONLY} keys for each subject')
    return {subject: [tuple(key) for key in keys] for subject, keys in wire.items()}


def read(router: Router, subjects: list[str], only: Only) -> Iterator[Part | None]:
    """Parts of the answer, {subject: rows}; None between them when nothing is ready yet.

    only: of the subjects in it, no other rows.  Rules, statuses and memberships are those of the
    moment when the subject's turn comes.  Every subject gets at least one part.
    """
    for subject in dict.fromkeys(subjects):
        if subject == protocol.COUNTERS:
            yield {subject: dict(router.counters.values)}
        else:
            keys = only.get(subject)
            rows = _READERS[subject](router) if keys is None else _BY_KEY[subject](router, keys)
            yield from in_parts(subject, rows)


def in_parts(subject: str, rows: Rows) -> Iterator[Part | None]:
    """Rows, each with its size in octets, in parts that fit a message; None where none is ready."""
    part: list[Any] = []
    size = 0
    for row in rows:
        if row is None:
            yield None
            continue
        if part and size + row[0] > _PART:
            yield {subject: part}
            part, size = [], 0
        part.append(row[1])
        size += row[0]
    yield {subject: part}


def _rules(router: Router) -> Rows:
    for done, rule in enumerate(list(router.rules.values()), 1):
        wire = encode_rule(rule.rule)
        yield _ROW + _NAME * (len(wire[4]) if wire[0] == "mroute" else 0), wire
        if done % _STEP == 0:
            yield None


def _statuses(router: Router) -> Rows:
    yield from _statuses_of(router, list(router.rules.values()))


def _statuses_by_key(router: Router, keys: list[tuple[str, ...]]) -> Rows:
    found: dict[RuleKey, CompiledRule] = {}
    for key in keys:
        if len(key) == 1:
            found |= {name: rule for name, rule in router.rules.items() if name[0] == key[0]}
        elif key in router.rules:
            found[key] = router.rules[key]
    yield from _statuses_of(router, list(found.values()))


def _statuses_of(router: Router, rules: list[CompiledRule]) -> Rows:
    for done, rule in enumerate(rules, 1):
        if router.rules.get(rule.key) is not rule:
            continue
        row = status(router, rule)
        texts = sum(map(len, row.warnings)) + len(row.reason or "")
        yield row_size(texts) + 4 * len(row.warnings), row
        if done % _STEP == 0:
            yield None


def _interfaces(router: Router) -> Rows:
    yield from _interfaces_of(router, list(router.interfaces.by_index))


def _interfaces_by_key(router: Router, keys: list[tuple[str, ...]]) -> Rows:
    found = (router.interfaces.by_name.get(key[0]) for key in keys if len(key) == 1)
    yield from _interfaces_of(router, [held.ifindex for held in found if held is not None])


def _interfaces_of(router: Router, indexes: list[int]) -> Rows:
    for done, ifindex in enumerate(indexes, 1):
        interface = router.interfaces.by_index.get(ifindex)
        if interface is not None:
            yield _ROW + len(interface.reason or ""), _interface(router, interface)
        if done % _STEP == 0:
            yield None


def _interface(router: Router, interface: Interface) -> InterfaceRow:
    vif, ipv4 = _vif(router, IPV4, interface.ifindex)
    mif, ipv6 = _vif(router, IPV6, interface.ifindex)
    flags = router.interfaces.flags(interface.ifindex)
    return InterfaceRow(
        interface.name, interface.ifindex, vif, mif, interface.reason, ipv4, ipv6, flags
    )


def _vif(router: Router, family: Family, ifindex: int) -> tuple[int | None, VifCounters | None]:
    """The number of an interface's VIF in a family, and what the kernel has counted of it."""
    forwarding = router.forwarding.get(family)
    vif = forwarding.vifs.number(ifindex) if forwarding is not None else None
    if vif is None:
        return None, None
    return vif, router.kernels[family].vif_counters(vif)


def _memberships(router: Router) -> Rows:
    for done, (member, name) in enumerate(list(router.memberships.joined.items()), 1):
        source = text(member.family, member.source) if member.source else "*"
        yield _ROW, MembershipRow(name, source, text(member.family, member.group))
        if done % _STEP == 0:
            yield None


def _entries(router: Router) -> Rows:
    for family, forwarding in router.forwarding.items():
        for entries in router.kernels[family].dump():
            for entry in entries:
                row = _entry(router, family, forwarding, entry)
                if row is not None:
                    yield _ROW + _NAME * len(row.out_interfaces), row
            yield None


def _entries_by_key(router: Router, keys: list[tuple[str, ...]]) -> Rows:
    for key in keys:
        found = _entry_by_key(router, key)
        if found is not None:
            yield _ROW + _NAME * len(found.out_interfaces), found
        yield None


def _entry_by_key(router: Router, key: tuple[str, ...]) -> EntryRow | None:
    try:
        family, source, group = parse_flow(*key)
    except (DataError, TypeError):
        return None  # a filter may name what can be no flow
    kernel, forwarding = router.kernels.get(family), router.forwarding.get(family)
    if kernel is None or forwarding is None:
        return None
    entry = kernel.entry(source.address, group.address)
    return None if entry is None else _entry(router, family, forwarding, entry)


def _entry(
    router: Router, family: Family, forwarding: Forwarding, entry: KernelEntry
) -> EntryRow | None:
    held = forwarding.entries.find(entry.source, entry.group)
    interface = router.interfaces.by_index.get(entry.in_ifindex)
    if held is None or interface is None:
        return None
    legs = []
    for ifindex, threshold in entry.legs:
        out = router.interfaces.by_index.get(ifindex)
        if out is not None:
            legs.append((out.name, threshold))
    return EntryRow(
        text(family, entry.source),
        text(family, entry.group),
        interface.name,
        held.origin,
        tuple(legs),
        entry.packets,
        entry.bytes,
        entry.wrong_interface,
        int(time.monotonic() - held.since),
        entry.idle,
    )


_READERS: dict[str, Callable[[Router], Rows]] = {
    protocol.RULES: _rules,
    protocol.STATUSES: _statuses,
    protocol.INTERFACES: _interfaces,
    protocol.MEMBERSHIPS: _memberships,
    protocol.ENTRIES: _entries,
}

_BY_KEY: dict[str, Callable[[Router, list[tuple[str, ...]]], Rows]] = {
    protocol.STATUSES: _statuses_by_key,
    protocol.INTERFACES: _interfaces_by_key,
    protocol.ENTRIES: _entries_by_key,
}
