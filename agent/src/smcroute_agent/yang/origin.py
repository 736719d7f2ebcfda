"""Where the configuration in the operational state comes from (RFC 8342, section 5.3.4).

Of what the tree holds, configuration is intended; a leaf that only stands for its default
(yang/defaults.py makes it a MarkedLeaf) is a default; a container that nobody configured and
that is there for its state is the system's.  State data has no origin.
"""

from __future__ import annotations

from collections.abc import Callable

from .data import Container, Key, ListNode, Node
from .marks import MarkedContainer, MarkedLeaf, MarkedLeafList

NAMESPACE = "urn:ietf:params:xml:ns:yang:ietf-origin"
MODULE = "ietf-origin"

INTENDED = f"{MODULE}:intended"
DEFAULT = f"{MODULE}:default"
SYSTEM = f"{MODULE}:system"

Accept = Callable[[str], bool]
"""Whether nodes of an origin, an identity "module:name", are wanted."""


def annotation(origin: str) -> str:
    """The attribute of an origin."""
    name = origin.rpartition(":")[2]
    return f' xmlns:or="{NAMESPACE}" or:origin="or:{name}"'


def annotated(selected: Container, tree: Container) -> Container:
    """What was selected of a tree, with the origin of its top-level configuration; nodes below
    have the same, but those that say another."""
    children: dict[str, Node] = {}
    for name, node in selected.children.items():
        if node.schema.config and isinstance(node, Container):
            origin = _of_container(tree.children[name])
            node = MarkedContainer(node.schema, node.children, annotation(origin))
        children[name] = node
    return Container(selected.schema, children)


def of_origin(tree: Container, accept: Accept) -> Container:
    """The configuration of wanted origins, with what is above it, and all state data."""
    return Container(tree.schema, _children(tree, accept))


def _children(parent: Container, accept: Accept) -> dict[str, Node]:
    kept: dict[str, Node] = {}
    for name, node in parent.children.items():
        if not node.schema.config:
            kept[name] = node
            continue
        found = _kept(node, accept)
        if found is not None:
            kept[name] = found
    return kept


def _kept(node: Node, accept: Accept) -> Node | None:
    if isinstance(node, ListNode):
        entries: dict[Key, Container] = {}
        for key, entry in node.entries.items():
            part = _entry(entry, accept)
            if part is not None:
                entries[key] = part
        return ListNode(node.schema, entries) if entries else None
    if isinstance(node, Container):
        children = _children(node, accept)
        # A container without presence says nothing by itself; an empty one was cut off.
        own = (node.schema.presence or not node.children) and accept(INTENDED)
        return Container(node.schema, children) if children or own else None
    implied = isinstance(node, MarkedLeaf | MarkedLeafList)
    return node if accept(DEFAULT if implied else INTENDED) else None


def _entry(entry: Container, accept: Accept) -> Container | None:
    children = _children(entry, accept)
    keys = entry.schema.keys
    if not accept(INTENDED) and all(name in keys for name in children):
        return None
    return Container(entry.schema, children | {name: entry.children[name] for name in keys})


def _of_container(node: Node) -> str:
    return INTENDED if _is_configured(node) else SYSTEM


def _is_configured(node: Node) -> bool:
    """Whether somebody configured the node or anything below it.  A container without
    content is one whose content was cut off (depth.py)."""
    if isinstance(node, Container):
        inner = [child for child in node.children.values() if child.schema.config]
        return node.schema.presence or not node.children or any(map(_is_configured, inner))
    if isinstance(node, ListNode):
        return bool(node.entries)
    return not isinstance(node, MarkedLeaf | MarkedLeafList)
