"""Subtree filtering (RFC 6241, section 6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .data import Container, Key, LeafList, ListNode, Node
from .parse import Element, resolver
from .schema import Schema, SchemaNode
from .types import WHITESPACE
from .value_problem import ValueProblem


def subtree(schema: Schema, tree: Container, filter_element: Element) -> Container:
    """What a <filter type="subtree"> selects; an empty filter selects nothing.

    Keys of the list entries on the way are always among it.  What the schema does not know
    selects nothing and is no error.
    """
    return Container(tree.schema, _Filter(schema).children(tree, list(filter_element)))


class _Filter:
    """One filter; the methods follow its elements down the tree."""

    def __init__(self, schema: Schema) -> None:
        self.namespaces = schema.namespaces

    def children(self, tree: Container, elements: Iterable[Element]) -> dict[str, Node]:
        """The union of what sibling filter elements select (section 6.2.5)."""
        selected: dict[str, Node] = {}
        for element in elements:
            if not isinstance(element.tag, str):
                continue
            for node in _named(tree, element.tag):
                found = self.node(node, element)
                if found is not None:
                    name = node.schema.qname
                    present = selected.get(name)
                    selected[name] = found if present is None else union(present, found)
        return selected

    def node(self, node: Node, element: Element) -> Node | None:
        """What of one node an element selects, None when nothing."""
        if not _attributes_match(node, element):
            return None
        if isinstance(node, ListNode):
            return self.entries(node, element)
        if isinstance(node, Container):
            return self.container(node, element)
        text = (element.text or "").strip(WHITESPACE)
        if _has_elements(element):
            return node if node.schema.type is None else None
        if not text:
            return node
        value = self.value(node.schema, text, element)
        if isinstance(node, LeafList):
            if value is None or value not in node.values:
                return None
            return LeafList(node.schema, {value: None})
        return node if node.value == value else None

    def value(self, schema: SchemaNode, text: str, element: Element) -> str | None:
        """The canonical form of a content match; None when no value can be equal."""
        if schema.type is None:
            return text
        try:
            return schema.type.parse(text, resolver(self.namespaces, element))
        except ValueProblem:
            return None

    def container(self, node: Container, element: Element) -> Container | None:
        """A container or entry: content matches must hold, the rest selects (6.2.5)."""
        if not _has_elements(element):
            return None if (element.text or "").strip(WHITESPACE) else node
        matches, others = self.split(node.schema, element)
        held: dict[str, Node] = {}
        for schemas, child in matches:
            found = [(schema, self.match(node, schema, child)) for schema in schemas]
            hits = [(schema.qname, hit) for schema, hit in found if hit is not None]
            if not hits:
                return None
            for name, hit in hits:
                held[name] = union(held[name], hit) if name in held else hit
        if not others:
            return node
        selected = self.children(node, others)
        if not selected and not held:
            return None
        for name in node.schema.keys:
            held[name] = node.children[name]
        for name, child in held.items():
            selected[name] = union(selected[name], child) if name in selected else child
        return Container(node.schema, selected)

    def match(self, node: Container, schema: SchemaNode, element: Element) -> Node | None:
        child = node.children.get(schema.qname)
        return self.node(child, element) if child is not None else None

    def split(
        self, schema: SchemaNode, element: Element
    ) -> tuple[list[tuple[list[SchemaNode], Element]], list[Element]]:
        """Content match nodes with the leaves that they may mean, and all other elements."""
        matches, others = [], []
        for child in element:
            if not isinstance(child.tag, str):
                continue
            if (child.text or "").strip(WHITESPACE) and not _has_elements(child):
                matches.append((_schemas(schema, child.tag), child))
            else:
                others.append(child)
        return matches, others

    def entries(self, node: ListNode, element: Element) -> ListNode | None:
        """Entries: by key at once when the filter names all keys, else one after the other."""
        if not _has_elements(element):
            return None if (element.text or "").strip(WHITESPACE) else node
        key = self.exact_key(node.schema, element)
        if key is not None:
            entry = node.entries.get(key)
            candidates = {key: entry} if entry is not None else {}
        else:
            candidates = node.entries
        found: dict[Key, Container] = {}
        for name, entry in candidates.items():
            part = self.container(entry, element)
            if part is not None:
                found[name] = part
        return ListNode(node.schema, found) if found else None

    def exact_key(self, schema: SchemaNode, element: Element) -> Key | None:
        """The key that content matches pin down, None when they do not."""
        if not schema.keys:
            return None
        values = []
        for name in schema.keys:
            child = element.find(name)
            if child is None:
                child = element.find(schema.children[name].name)
            if child is None or not (child.text or "").strip(WHITESPACE):
                return None
            value = self.value(schema.children[name], child.text.strip(WHITESPACE), child)
            if value is None:
                return None
            values.append(value)
        return tuple(values)


def _schemas(parent: SchemaNode, tag: str) -> list[SchemaNode]:
    """The children that a filter element's name means; without a namespace, any (6.2.1)."""
    if tag.startswith("{"):
        found = parent.children.get(tag)
        return [found] if found is not None else []
    return [node for node in parent.children.values() if node.name == tag]


def _named(tree: Container, tag: str) -> list[Node]:
    found = (tree.children.get(schema.qname) for schema in _schemas(tree.schema, tag))
    return [node for node in found if node is not None]


def _has_elements(element: Element) -> bool:
    return any(isinstance(child.tag, str) for child in element)


def _attributes_match(node: Node, element: Element) -> bool:
    """Attribute match (6.2.2): data of these models carries no attribute to be equal to."""
    return not len(element.attrib)


def union(left: Node, right: Node) -> Node:
    """Two selections of the same node as one."""
    if left is right:
        return left
    if isinstance(left, Container) and isinstance(right, Container):
        children = dict(left.children)
        for name, node in right.children.items():
            children[name] = union(children[name], node) if name in children else node
        return Container(left.schema, children)
    if isinstance(left, ListNode) and isinstance(right, ListNode):
        entries: dict[Any, Container] = dict(left.entries)
        for key, entry in right.entries.items():
            merged = union(entries[key], entry) if key in entries else entry
            assert isinstance(merged, Container)
            entries[key] = merged
        return ListNode(left.schema, entries)
    if isinstance(left, LeafList) and isinstance(right, LeafList):
        return LeafList(left.schema, (*left.values, *right.values))
    return left
