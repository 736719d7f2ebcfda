"""Parts of a tree: what a filter can look at (filter_reach.py), found before the tree is made.

State data costs what it takes to read it from the kernel: what no filter looks at is not read.
A filter that names the keys of a list's entries looks at these entries only.
"""

from __future__ import annotations

from typing import NamedTuple

from .data import Container, Key, ListNode, Node, is_empty


class Part(NamedTuple):
    """A part of a tree.

    top: a top-level node, by qualified name.  child: a child of it with all below it; None for
    all of the top-level node.  key: of the child, a list, only this entry; None for all.
    """

    top: str
    child: str | None = None
    key: Key | None = None


Reach = frozenset[Part] | None
"""The parts that a filter can look at; None is everything."""


def covers(reach: Reach, top: str, child: str | None = None) -> bool:
    """Whether the filter may look at a node, or at anything in a top-level node."""
    if reach is None:
        return True
    return any(
        part.top == top and (None in (child, part.child) or part.child == child) for part in reach
    )


def keys_in(reach: Reach, top: str, child: str) -> frozenset[Key] | None:
    """The keys of the entries of a list that the filter may look at; None is all of them."""
    if reach is None:
        return None
    keys: set[Key] = set()
    for part in reach:
        if part.top == top and part.child in (None, child):
            if part.key is None:
                return None
            keys.add(part.key)
    return frozenset(keys)


def narrowed(tree: Container, reach: Reach) -> Container:
    """The tree without what is out of reach: the same as it is to the filter.

    Not the same to a `when` or `must`, which may look elsewhere.
    """
    if reach is None:
        return tree
    children: dict[str, Node] = {}
    for top in dict.fromkeys(part.top for part in reach):
        node = tree.children.get(top)
        if isinstance(node, Container):
            node = narrowed_top(node, reach)
        if node is not None and not is_empty(node):
            children[top] = node
    return Container(tree.schema, children)


def narrowed_top(top: Container, reach: Reach) -> Container:
    """A top-level container without what is out of reach."""
    if reach is None:
        return top
    names = {part.child for part in reach if part.top == top.schema.qname}
    if None in names:
        return top
    children: dict[str, Node] = {}
    for name in names:
        assert name is not None
        node = _entries(top.children.get(name), keys_in(reach, top.schema.qname, name))
        if node is not None:
            children[name] = node
    return Container(top.schema, children)


def _entries(node: Node | None, keys: frozenset[Key] | None) -> Node | None:
    """The entries of a list with some keys, in its order if there are several."""
    if keys is None or not isinstance(node, ListNode):
        return node
    found = {key: entry for key in keys if (entry := node.entries.get(key)) is not None}
    if len(found) > 1:
        found = {key: entry for key, entry in node.entries.items() if key in found}
    return ListNode(node.schema, found) if found else None
