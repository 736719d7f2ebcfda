"""Configuration or state data alone: RFC 8526's config-filter."""

from __future__ import annotations

from .data import Container, Key, ListNode, Node


def of_config(tree: Container, wanted: bool) -> Container:
    """Nodes that are configuration, or nodes that are state data with what is above them."""
    return Container(tree.schema, _children(tree, wanted))


def _children(parent: Container, wanted: bool) -> dict[str, Node]:
    kept: dict[str, Node] = {}
    for name, node in parent.children.items():
        if not node.schema.config:
            if not wanted:
                kept[name] = node
            continue
        found = _kept(node, wanted)
        if found is not None:
            kept[name] = found
    return kept


def _kept(node: Node, wanted: bool) -> Node | None:
    """What is wanted of a configuration node."""
    if isinstance(node, ListNode):
        entries: dict[Key, Container] = {}
        for key, entry in node.entries.items():
            children = _children(entry, wanted)
            if children or wanted:
                keys = {name: entry.children[name] for name in entry.schema.keys}
                entries[key] = Container(entry.schema, children | keys)
        return ListNode(node.schema, entries) if entries else None
    if isinstance(node, Container):
        children = _children(node, wanted)
        # A container that is there for its state alone is no configuration.
        mine = wanted and (node.schema.presence or not node.children)
        return Container(node.schema, children) if children or mine else None
    return node if wanted else None
