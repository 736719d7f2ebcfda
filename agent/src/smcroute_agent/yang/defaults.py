"""How defaults are reported (RFC 6243, section 3).

A data tree holds what was set, so it is in the mode `explicit`; the other modes are made of it.
State data is reported as it is: what it does not hold is not known to be the default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .checker import Checker
from .data import Container, Key, Leaf, LeafList, ListNode, Node, is_empty
from .marks import MarkedLeaf, MarkedLeafList
from .schema import Schema, SchemaNode
from .xpath.item import Item, default_case

NAMESPACE = "urn:ietf:params:xml:ns:netconf:default:1.0"
"""Of the attribute `default` (RFC 6243, section 6)."""

DEFAULT_TAG = f' xmlns:wd="{NAMESPACE}" wd:default="true"'

Make = Callable[[SchemaNode], Leaf | LeafList]
"""The leaf or leaf-list that a node's defaults make."""


def explicit(schema: Schema, tree: Container) -> Container:
    """What was set, be it the default or not (section 3.3)."""
    return tree


def report_all(schema: Schema, tree: Container) -> Container:
    """All values in use (section 3.1)."""
    return in_use(schema, tree, _plain)


def report_all_tagged(schema: Schema, tree: Container) -> Container:
    """All values in use; those that nobody set are tagged (section 3.4)."""
    return in_use(schema, tree, marked(DEFAULT_TAG))


def trim(schema: Schema, tree: Container) -> Container:
    """Without leaves that have their default, set or not (section 3.2)."""
    return Container(tree.schema, _trimmed(tree))


MODES: Mapping[str, Callable[[Schema, Container], Container]] = {
    "report-all": report_all,
    "report-all-tagged": report_all_tagged,
    "trim": trim,
    "explicit": explicit,
}


def _plain(schema: SchemaNode) -> Leaf | LeafList:
    if schema.kind == "leaf":
        return Leaf(schema, schema.defaults[0])
    return LeafList(schema, schema.defaults)


def marked(attributes: str) -> Make:
    """Makes leaves with attributes."""

    def make(schema: SchemaNode) -> Leaf | LeafList:
        if schema.kind == "leaf":
            return MarkedLeaf(schema, schema.defaults[0], attributes)
        return MarkedLeafList(schema, schema.defaults, attributes)

    return make


def in_use(schema: Schema, tree: Container, make: Make) -> Container:
    """The tree with the defaults in use (RFC 7950, sections 7.6.1 and 7.7.2)."""
    checker = Checker(schema, tree)
    return _filled(checker, checker.tree.root, tree, make)


def _filled(checker: Checker, item: Item, node: Container, make: Make) -> Container:
    children = dict(node.children)
    for name, schema in node.schema.children.items():
        if not _has_defaults(schema):
            continue
        present = children.get(name)
        if isinstance(present, ListNode):
            children[name] = _entries(checker, item, present, make)
        elif isinstance(present, Container):
            inner = Item(item.tree, present, item)
            children[name] = _filled(checker, inner, present, make)
        elif present is None:
            made = _absent(checker, item, node, schema, make)
            if made is not None:
                children[name] = made
    return Container(node.schema, children)


def _entries(checker: Checker, item: Item, node: ListNode, make: Make) -> ListNode:
    entries: dict[Key, Container] = {}
    for key, entry in node.entries.items():
        entries[key] = _filled(checker, Item(item.tree, entry, item, key), entry, make)
    return ListNode(node.schema, entries)


def _absent(
    checker: Checker, item: Item, parent: Container, schema: SchemaNode, make: Make
) -> Node | None:
    """What stands in for a node that is not there."""
    if schema.kind == "list" or schema.presence:
        return None
    if not default_case(parent, schema) or not checker.in_use(item, schema):
        return None
    if schema.kind != "container":
        return make(schema)
    empty = Container(schema, {})
    made = _filled(checker, Item(item.tree, empty, item), empty, make)
    return None if is_empty(made) else made


def _has_defaults(schema: SchemaNode) -> bool:
    """Whether there are defaults of configuration at or below a node."""
    found: bool | None = schema.derived.get("has-defaults")
    if found is None:
        # A key has no default (RFC 7950, section 7.8.2).
        own = bool(schema.defaults) and not schema.is_key
        found = schema.config and (own or any(map(_has_defaults, schema.children.values())))
        schema.derived["has-defaults"] = found
    return found


def _trimmed(node: Container) -> dict[str, Node]:
    children: dict[str, Node] = {}
    for name, child in node.children.items():
        if not _has_defaults(child.schema):
            children[name] = child
        elif isinstance(child, ListNode):
            entries = {
                key: Container(child.schema, _trimmed(entry))
                for key, entry in child.entries.items()
            }
            children[name] = ListNode(child.schema, entries)
        elif isinstance(child, Container):
            trimmed = Container(child.schema, _trimmed(child))
            if not is_empty(trimmed):
                children[name] = trimmed
        elif not _is_default(child):
            children[name] = child
    return children


def _is_default(node: Leaf | LeafList) -> bool:
    values = (node.value,) if isinstance(node, Leaf) else tuple(node.values)
    return values == node.schema.defaults
