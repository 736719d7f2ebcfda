"""The operational state as a data tree: running, and what the engine and the kernel say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from .. import __version__, model
from ..engine import protocol
from ..yang.build import build
from ..yang.data import Container, Key, Leaf, LeafList, ListNode, Node, key_of, replaced
from ..yang.reach import Reach, covers, keys_in, narrowed_top
from ..yang.schema import Schema, SchemaNode
from .engine_client import EngineClient

Values = Iterable[tuple[str, Any]]
"""Local names of leaves and what they hold; None leaves the leaf out."""


FLAGS = {
    "up": 0x1,
    "broadcast": 0x2,
    "loopback": 0x8,
    "point-to-point": 0x10,
    "running": 0x40,
    "allmulti": 0x200,
    "multicast": 0x1000,
}
"""The bits of the leaf flags, and those of netdevice(7)."""

Wanted = Mapping[str, Collection[Key] | None]
"""The names of SUBJECTS that a filter can look at, and the keys of lists; None is all."""


LARGE = 1000
"""Rows from which on nodes are made of them in a thread, and other sessions go on meanwhile."""

_worker = ThreadPoolExecutor(1, "state")

OwnCounters = Callable[[], Mapping[str, int]]
"""What the agent has counted itself, by the names of the leaves."""


class Facts(NamedTuple):
    """What does not change while the daemon runs; boot_time as yang:date-and-time."""

    identity: str
    table: int
    boot_time: str


SUBJECTS = {
    "phyint": protocol.STATUSES,
    "mgroup": protocol.STATUSES,
    "mroute": protocol.STATUSES,
    "interface": protocol.INTERFACES,
    "membership": protocol.MEMBERSHIPS,
    "forwarding-entry": protocol.ENTRIES,
    "agent": protocol.COUNTERS,
}
"""The children of the top container that state data is in, and what of the engine it is."""


class Operational:
    """Reads the state of the router in one sweep."""

    def __init__(
        self, schema: Schema, engine: EngineClient, facts: Facts, counters: OwnCounters
    ) -> None:
        self._schema = schema
        self._engine = engine
        self._facts = facts
        self._counters = counters
        self._makers: dict[str, Callable[[SchemaNode, Any], Node]] = {
            "interface": _interfaces,
            "membership": lambda node, rows: _list(node, map(_membership, rows)),
            "forwarding-entry": _entries,
            "agent": self._agent,
        }

    async def tree(self, running: Container, reach: Reach = None) -> Container:
        """`running` with the state data in it that is in reach."""
        top = self._schema.root.children[f"{{{model.NAMESPACE}}}{model.TOP}"]
        wanted = {
            name: keys_in(reach, top.qname, top.child(name).qname)
            for name in SUBJECTS
            if covers(reach, top.qname, top.child(name).qname)
        }
        if not wanted:
            return running
        subjects = sorted({SUBJECTS[name] for name in wanted})
        rows = await self._engine.read(*subjects, only=_only(wanted))
        present = running.children.get(top.qname)
        configured = present if isinstance(present, Container) else Container(top, {})
        configured = narrowed_top(configured, reach)
        if sum(map(len, rows.values())) < LARGE:
            state = self._state(configured, wanted, rows)
        else:
            loop = asyncio.get_running_loop()
            state = await loop.run_in_executor(_worker, self._state, configured, wanted, rows)
        return replaced(running, {top.qname: state})

    def _state(self, configured: Container, wanted: Wanted, rows: dict[str, Any]) -> Container:
        top = configured.schema
        nodes: list[Node] = [
            *_with_status(configured, wanted, rows.get(protocol.STATUSES, [])),
            *(
                make(top.child(name), rows[SUBJECTS[name]])
                for name, make in self._makers.items()
                if name in wanted
            ),
        ]
        return replaced(configured, {node.schema.qname: node for node in nodes})

    def _agent(self, schema: SchemaNode, counters: Any) -> Container:
        agent = _container(
            schema,
            (
                ("version", __version__),
                ("identity", self._facts.identity),
                ("table-id", self._facts.table),
                ("boot-time", self._facts.boot_time),
            ),
        )
        names = {**(counters if isinstance(counters, dict) else {}), **self._counters()}
        node = schema.child("counters")
        known = {child.name for child in node.children.values()}
        values = ((name.replace("_", "-"), value) for name, value in names.items())
        inner = _container(node, (item for item in values if item[0] in known))
        return replaced(agent, {node.qname: inner})


def _only(wanted: Wanted) -> dict[str, list[Key]]:
    """The keys of the rows that are wanted, for the subjects of which not all are."""
    only: dict[str, list[Key]] = {}
    kinds = {kind: wanted[kind] for kind in model.KINDS if kind in wanted}
    if len(kinds) < len(model.KINDS) or any(keys is not None for keys in kinds.values()):
        only[protocol.STATUSES] = [
            (kind, *key) for kind, keys in kinds.items() for key in ([()] if keys is None else keys)
        ]
    for name in ("forwarding-entry", "interface"):
        keys = wanted.get(name)
        if keys is not None:
            only[SUBJECTS[name]] = list(keys)
    return only


def _container(schema: SchemaNode, values: Values) -> Container:
    children: dict[str, Node] = {}
    for name, value in values:
        if value is not None:
            node = schema.child(name)
            children[node.qname] = Leaf(node, str(value))
    return Container(schema, children)


def _list(schema: SchemaNode, rows: Iterable[Values]) -> ListNode:
    entries = (_container(schema, values) for values in rows)
    return ListNode(schema, {key_of(entry): entry for entry in entries})


def _interfaces(schema: SchemaNode, rows: list[list[Any]]) -> ListNode:
    found: dict[Key, Container] = {}
    for wire in rows:
        row = protocol.InterfaceRow(*wire)
        values: dict[str, Any] = {
            "name": row.name,
            "if-index": row.ifindex,
            "vif": row.vif,
            "mif": row.mif,
            "reason": row.reason,
            "flags": " ".join(name for name, flag in FLAGS.items() if row.flags & flag) or None,
        }
        for family, counters in (("ipv4", row.ipv4), ("ipv6", row.ipv6)):
            if counters is not None:
                named = protocol.VifCounters(*counters)._asdict()
                values[family] = {name.replace("_", "-"): n for name, n in named.items()}
        found[(row.name,)] = build(schema, values)
    return ListNode(schema, found)


def _membership(wire: list[Any]) -> Values:
    row = protocol.MembershipRow(*wire)
    return (("interface", row.interface), ("source", row.source), ("group", row.group))


def _entries(schema: SchemaNode, rows: list[list[Any]]) -> ListNode:
    outs = schema.child("out-interface")
    name, threshold = outs.child("name"), outs.child("ttl-threshold")
    # There may be many thousands of them: what is the same in all is looked up once.
    leaves = [
        (place, schema.child(field.replace("_", "-")))
        for place, field in enumerate(protocol.EntryRow._fields)
        if field != "out_interfaces"
    ]
    found: dict[Key, Container] = {}
    for wire in rows:
        row = protocol.entry_row(wire)
        children: dict[str, Node] = {
            node.qname: Leaf(node, str(row[place]))
            for place, node in leaves
            if row[place] is not None
        }
        if row.out_interfaces:
            legs: dict[Key, Container] = {}
            for interface, ttl in row.out_interfaces:
                leg: dict[str, Node] = {
                    name.qname: Leaf(name, interface),
                    threshold.qname: Leaf(threshold, str(ttl)),
                }
                legs[(interface,)] = Container(outs, leg)
            children[outs.qname] = ListNode(outs, legs)
        found[(row.source, row.group)] = Container(schema, children)
    return ListNode(schema, found)


def _with_status(
    configured: Container, wanted: Collection[str], rows: list[list[Any]]
) -> Iterator[ListNode]:
    """The wanted lists of rules, with what has become of each rule."""
    statuses = {row.key: row for row in map(protocol.status_row, rows)}
    for kind in model.KINDS:
        node = configured.get(kind)
        if kind not in wanted or not isinstance(node, ListNode):
            continue
        state, reason = node.schema.child("state"), node.schema.child("reason")
        entries: dict[Key, Container] = {}
        for key, entry in node.entries.items():
            status = statuses.get((kind, *key))
            if status is not None:
                children = dict(entry.children)
                children[state.qname] = Leaf(state, status.state)
                if status.reason is not None:
                    children[reason.qname] = Leaf(reason, status.reason)
                if status.warnings:
                    warning = node.schema.child("warning")
                    children[warning.qname] = LeafList(warning, status.warnings)
                entry = Container(entry.schema, children)
            entries[key] = entry
        yield ListNode(node.schema, entries)
