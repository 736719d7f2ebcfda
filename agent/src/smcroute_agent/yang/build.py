"""Data trees from plain Python values: operational rows become nodes quickly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .data import Container, Key, Leaf, LeafList, ListNode, Node, is_empty
from .schema import SchemaNode

Plain = Any
"""str, int, bool, None; a mapping for a container or entry; a sequence for the rest."""


def build(schema: SchemaNode, values: Mapping[str, Plain]) -> Container:
    """A container, entry or root from local names and plain values.

    A leaf is a str in canonical form, an int or a bool; None leaves it out.  A leaf-list is
    a sequence of such; a list a sequence of mappings.  The values are trusted: they come
    from this program, not from a client.  KeyError at a name that the schema has not.
    """
    children: dict[str, Node] = {}
    for name, value in values.items():
        if value is None:
            continue
        child = schema.child(name)
        node = build_node(child, value)
        if not is_empty(node):
            children[child.qname] = node
    return Container(schema, children)


def build_node(schema: SchemaNode, value: Plain) -> Node:
    """One node from its plain value."""
    if schema.kind == "list":
        return ListNode(schema, _entries(schema, [build(schema, item) for item in value]))
    if schema.kind == "leaf-list":
        return LeafList(schema, [text(item) for item in value])
    if schema.kind in ("leaf", "anydata", "anyxml"):
        return Leaf(schema, text(value))
    return build(schema, value)


def text(value: str | int | bool) -> str:
    """The canonical text of a plain value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _entries(schema: SchemaNode, items: Iterable[Container]) -> dict[Key, Container]:
    if not schema.keys:
        return {(str(index),): entry for index, entry in enumerate(items, 1)}
    names = schema.keys
    found: dict[Key, Container] = {}
    for entry in items:
        children = entry.children
        found[tuple([children[name].value for name in names])] = entry  # type: ignore[union-attr,misc]
    return found


def rows(schema: SchemaNode, names: Sequence[str], values: Iterable[Sequence[Plain]]) -> ListNode:
    """A list from rows whose columns are the named children; faster than `build`.

    The column of an inner list holds mappings as for `build`, or rows in the order of its
    children (keys first), whose values are hashable.  None leaves a value out.
    """
    return _Rows(schema, names).list(values)


class _Rows:
    """How the rows of one list become entries."""

    def __init__(self, schema: SchemaNode, names: Sequence[str]) -> None:
        self.schema = schema
        columns = [schema.child(name) for name in names]
        self.columns = [(column.qname, _maker(column)) for column in columns]
        qnames = [column.qname for column in columns]
        self.key = [qnames.index(key) for key in schema.keys]

    def list(self, values: Iterable[Sequence[Plain]]) -> ListNode:
        schema, columns, positions = self.schema, self.columns, self.key
        found: dict[Key, Container] = {}
        for row in values:
            children: dict[str, Node] = {}
            for (qname, make), value in zip(columns, row, strict=True):
                if value is not None:
                    node = make(value)
                    if node is not None:
                        children[qname] = node
            key = tuple([text(row[position]) for position in positions])
            found[key or (str(len(found) + 1),)] = Container(schema, children)
        return ListNode(schema, found)


def _maker(schema: SchemaNode) -> Callable[[Any], Node | None]:
    """How the value of one column becomes a node."""
    if schema.kind == "leaf":
        return _leaves(schema)
    if schema.kind != "list":
        return lambda value: build_node(schema, value) if value else None
    names = [child.name for child in schema.children.values()]
    known: dict[tuple[tuple[Any, ...], ...], ListNode] = {}

    def inner(value: Any) -> Node | None:
        if not value:
            return None
        if isinstance(value[0], Mapping):
            return build_node(schema, value)
        name = tuple([tuple(row) for row in value])
        found = known.get(name)
        if found is None:
            found = known[name] = rows(schema, names[: len(value[0])], value)
        return found

    return inner


def _leaves(schema: SchemaNode) -> Callable[[Any], Leaf]:
    """Leaves of one column; equal values share one."""
    known: dict[tuple[type, Any], Leaf] = {}

    def leaf(value: Any) -> Leaf:
        name = (value.__class__, value)
        found = known.get(name)
        if found is None:
            found = known[name] = Leaf(schema, text(value))
        return found

    return leaf
