"""How much of a selected node is wanted: RFC 8526's max-depth."""

from __future__ import annotations

from collections.abc import Callable

from .data import Container, Key, ListNode, Node

Shape = Callable[[Node], Node]
"""What of a selected node, with all that is below it, goes into a reply."""


def whole(node: Node) -> Node:
    """All of it."""
    return node


def levels(depth: int) -> Shape:
    """The node and `depth` - 1 levels below it; the keys of an entry belong to the entry."""

    def shape(node: Node) -> Node:
        return _cut(node, depth)

    return shape


def _cut(node: Node, depth: int) -> Node:
    if isinstance(node, ListNode):
        entries: dict[Key, Container] = {}
        for key, entry in node.entries.items():
            cut = _cut(entry, depth)
            assert isinstance(cut, Container)
            entries[key] = cut
        return ListNode(node.schema, entries)
    if not isinstance(node, Container):
        return node
    kept = node.children if depth > 1 else {key: node.children[key] for key in node.schema.keys}
    return Container(node.schema, {name: _cut(child, depth - 1) for name, child in kept.items()})
