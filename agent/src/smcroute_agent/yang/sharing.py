"""Equal parts of two trees as the same objects."""

from __future__ import annotations

from .data import Container, Leaf, LeafList, ListNode, Node


def shared(before: Container, after: Container) -> Container:
    """`after` with the equal parts of `before` in it; `before` itself when all is equal.

    So what did not change keeps its rendered XML, and a difference is found quickly.
    """
    if before is after:
        return before
    old, new = before.children, after.children
    children: dict[str, Node] = {}
    same = len(old) == len(new)
    for name, node in new.items():
        present = old.get(name)
        chosen = _shared_node(present, node) if present is not None else node
        same = same and chosen is present
        children[name] = chosen
    return before if same else Container(after.schema, children)


def _shared_node(present: Node, node: Node) -> Node:
    if present is node:
        return node
    if isinstance(node, Container) and isinstance(present, Container):
        return shared(present, node)
    if isinstance(node, ListNode) and isinstance(present, ListNode):
        entries = {
            key: shared(present.entries[key], entry) if key in present.entries else entry
            for key, entry in node.entries.items()
        }
        same = len(entries) == len(present.entries) and all(
            present.entries.get(key) is entry for key, entry in entries.items()
        )
        if same and (not node.schema.ordered_by_user or list(entries) == list(present.entries)):
            return present
        return ListNode(node.schema, entries)
    if isinstance(node, Leaf | LeafList) and node == present:
        return present
    return node
