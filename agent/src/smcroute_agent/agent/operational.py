"""The operational state as a data tree: running, and what the engine and the kernel say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .. import __version__, model
from ..engine import protocol
from ..yang.data import Container, Key, Leaf, LeafList, ListNode, Node, key_of, replaced
from ..yang.schema import Schema, SchemaNode
from .engine_client import EngineClient

Values = Iterable[tuple[str, Any]]
"""Local names of leaves and what they hold; None leaves the leaf out."""


@dataclass(frozen=True)
class Facts:
    """What does not change while the daemon runs; boot_time as yang:date-and-time."""

    identity: str
    table: int
    boot_time: str


class Operational:
    """Reads the state of the router in one sweep."""

    def __init__(self, schema: Schema, engine: EngineClient, facts: Facts) -> None:
        self._schema = schema
        self._engine = engine
        self._facts = facts

    async def tree(self, running: Container) -> Container:
        """`running` with all state data in it."""
        rows = await self._engine.read(
            protocol.INTERFACES,
            protocol.MEMBERSHIPS,
            protocol.ENTRIES,
            protocol.STATUSES,
            protocol.COUNTERS,
        )
        top = self._schema.root.children[f"{{{model.NAMESPACE}}}{model.TOP}"]
        present = running.children.get(top.qname)
        configured = present if isinstance(present, Container) else Container(top, {})
        lists: list[Node] = [
            _list(top.child("interface"), map(_interface, rows[protocol.INTERFACES])),
            _list(top.child("membership"), map(_membership, rows[protocol.MEMBERSHIPS])),
            _entries(top.child("forwarding-entry"), rows[protocol.ENTRIES]),
            self._agent(top.child("agent"), rows[protocol.COUNTERS]),
            *_with_status(configured, rows[protocol.STATUSES]),
        ]
        state = replaced(configured, {node.schema.qname: node for node in lists})
        return replaced(running, {top.qname: state})

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
        names = counters if isinstance(counters, dict) else {}
        node = schema.child("counters")
        known = {child.name for child in node.children.values()}
        values = ((name.replace("_", "-"), value) for name, value in names.items())
        inner = _container(node, (item for item in values if item[0] in known))
        return replaced(agent, {node.qname: inner})


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


def _interface(wire: list[Any]) -> Values:
    row = protocol.InterfaceRow(*wire)
    return (("name", row.name), ("if-index", row.ifindex), ("vif", row.vif), ("mif", row.mif))


def _membership(wire: list[Any]) -> Values:
    row = protocol.MembershipRow(*wire)
    return (("interface", row.interface), ("source", row.source), ("group", row.group))


def _entries(schema: SchemaNode, rows: list[list[Any]]) -> ListNode:
    outs = schema.child("out-interface")
    name, threshold = outs.child("name"), outs.child("ttl-threshold")
    found: dict[Key, Container] = {}
    for wire in rows:
        row = protocol.entry_row(wire)
        entry = _container(
            schema,
            (
                ("source", row.source),
                ("group", row.group),
                ("in-interface", row.in_interface),
                ("origin", row.origin),
                ("packets", row.packets),
                ("bytes", row.bytes),
                ("wrong-interface", row.wrong_interface),
            ),
        )
        if row.out_interfaces:
            legs: dict[Key, Container] = {}
            for interface, ttl in row.out_interfaces:
                leg: dict[str, Node] = {
                    name.qname: Leaf(name, interface),
                    threshold.qname: Leaf(threshold, str(ttl)),
                }
                legs[(interface,)] = Container(outs, leg)
            entry.children[outs.qname] = ListNode(outs, legs)
        found[(row.source, row.group)] = entry
    return ListNode(schema, found)


def _with_status(configured: Container, rows: list[list[Any]]) -> Iterator[ListNode]:
    """The lists of rules, with what has become of each rule."""
    statuses = {row.key: row for row in map(protocol.status_row, rows)}
    for kind in model.KINDS:
        node = configured.get(kind)
        if not isinstance(node, ListNode):
            continue
        state, reason = node.schema.child("state"), node.schema.child("reason")
        warning = node.schema.child("warning")
        entries: dict[Key, Container] = {}
        for key, entry in node.entries.items():
            status = statuses.get((kind, *key))
            if status is not None:
                children = dict(entry.children)
                children[state.qname] = Leaf(state, status.state)
                if status.reason is not None:
                    children[reason.qname] = Leaf(reason, status.reason)
                if status.warnings:
                    children[warning.qname] = LeafList(warning, status.warnings)
                entry = Container(entry.schema, children)
            entries[key] = entry
        yield ListNode(node.schema, entries)
