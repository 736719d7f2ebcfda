"""Subtree filtering (RFC 6241, section 6).

The filter is first matched with the schema (`_Plan`); what that yields is then taken from the
data, so that nothing is looked up or parsed again for every entry of a list.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any

from .content import Element, resolver
from .data import Container, Key, LeafList, ListNode, Node, having
from .depth import Shape, whole
from .marks import part
from .schema import Schema, SchemaNode
from .types import WHITESPACE
from .value_problem import ValueProblem
from .xpath.item import EVERYTHING, TooMuchWork


def subtree(
    schema: Schema,
    tree: Container,
    filter_element: Element,
    *,
    shape: Shape = whole,
    work: int = EVERYTHING,
) -> Container:
    """What a <filter type="subtree"> selects; an empty filter selects nothing.

    Keys of the list entries on the way are always among it.  What the schema does not know
    selects nothing and is no error.  Raises TooMuchWork when it has to look at more than
    `work` nodes.
    """
    plans = _plans(schema, tree.schema, filter_element)
    return Container(tree.schema, _Filter(shape, work).children(tree, plans))


def keys_pinned(schema: Schema, node: SchemaNode, element: Element) -> Key | None:
    """The key of the one entry of a list that a filter element can select, if it names all."""
    return _plan(schema, node, element).key if node.kind == "list" else None


class _Plan:
    """A filter element as it applies to one schema node.

    value: the canonical value of a content match; None for other elements, and `_NO_VALUE`
    where no value can be equal. branches: it has elements. matches: for each content match
    node among them, its plans: more than one where its name, without a namespace, means
    several nodes. others: the plans of all other elements; selects: there are such, known to
    the schema or not.
    """

    __slots__ = ("branches", "key", "matches", "others", "schema", "selects", "simple", "value")

    def __init__(self, schema: SchemaNode, value: str | None, branches: bool) -> None:
        self.schema = schema
        self.value = value
        self.branches = branches
        self.matches: list[list[_Plan]] = []
        self.others: list[_Plan] = []
        self.selects = False
        self.simple: list[_Plan] = []
        """The content matches that an entry of a list can be tested for at once."""
        self.key: Key | None = None
        """The key of a list entry, where content matches pin it down."""


_NO_VALUE = "\0"


def _plans(schema: Schema, parent: SchemaNode, elements: Iterable[Element]) -> list[_Plan]:
    return [
        plan
        for element in elements
        if isinstance(element.tag, str) and not len(element.attrib)
        for node in _named(parent, element.tag)
        for plan in (_plan(schema, node, element),)
    ]


def _plan(schema: Schema, node: SchemaNode, element: Element) -> _Plan:
    text = (element.text or "").strip(WHITESPACE)
    branches = _has_elements(element)
    plan = _Plan(node, None if branches or not text else _value(schema, node, element), branches)
    if not branches or not node.children:
        return plan
    for child in element:
        if not isinstance(child.tag, str):
            continue
        if (child.text or "").strip(WHITESPACE) and not _has_elements(child):
            plan.matches.append(_plans(schema, node, [child]))
        else:
            plan.selects = True
            plan.others += _plans(schema, node, [child])
    if node.kind == "list":
        plan.simple = [found[0] for found in plan.matches if len(found) == 1]
        values = {found.schema.qname: found.value for found in plan.simple}
        key = tuple(values[name] for name in node.keys if name in values)
        plan.key = key if key and len(key) == len(node.keys) else None  # type: ignore[assignment]
    return plan


def _value(schema: Schema, node: SchemaNode, element: Element) -> str:
    """The canonical form of a content match."""
    text = element.text.strip(WHITESPACE)
    if node.children:
        return _NO_VALUE
    if node.type is None:
        return str(text)
    try:
        return node.type.parse(text, resolver(schema.namespaces, element))
    except ValueProblem:
        return _NO_VALUE


def _named(parent: SchemaNode, tag: str) -> list[SchemaNode]:
    """The children that a filter element's name means; without a namespace, any (6.2.1)."""
    if tag.startswith("{"):
        found = parent.children.get(tag)
        return [found] if found is not None else []
    return [node for node in parent.children.values() if node.name == tag]


def _has_elements(element: Element) -> bool:
    return any(isinstance(child.tag, str) for child in element)


class _Filter:
    """Takes from the data what plans say."""

    def __init__(self, shape: Shape, work: int) -> None:
        self.shape = shape
        self.work = work

    def spend(self, work: int) -> None:
        """So many nodes are looked at."""
        self.work -= work
        if self.work < 0:
            raise TooMuchWork

    def children(self, tree: Container, plans: Iterable[_Plan]) -> dict[str, Node]:
        """The union of what sibling filter elements select (section 6.2.5)."""
        found: dict[str, list[Node]] = {}
        for plan in plans:
            name = plan.schema.qname
            self.spend(1)
            child = tree.children.get(name)
            node = self.node(child, plan) if child is not None else None
            if node is not None:
                found.setdefault(name, []).append(node)
        return {name: self.together(nodes) for name, nodes in found.items()}

    def together(self, nodes: list[Node]) -> Node:
        """Selections of the same node as one."""
        if len(nodes) == 1:
            return nodes[0]
        if not isinstance(nodes[0], ListNode):
            return functools.reduce(union, nodes)
        entries: dict[Any, Container] = {}
        for node in nodes:
            assert isinstance(node, ListNode)
            self.spend(len(node.entries))
            for key, entry in node.entries.items():
                merged = union(entries[key], entry) if key in entries else entry
                assert isinstance(merged, Container)
                entries[key] = merged
        return ListNode(nodes[0].schema, entries)

    def node(self, node: Node, plan: _Plan) -> Node | None:
        """What of one node a plan selects, None when nothing."""
        if plan.value is _NO_VALUE:
            return None
        if isinstance(node, ListNode):
            return self.entries(node, plan)
        if isinstance(node, Container):
            return self.container(node, plan)
        if plan.branches:
            return node if node.schema.type is None else None
        if plan.value is None:
            return node
        if isinstance(node, LeafList):
            return part(node, (plan.value,)) if plan.value in node.values else None
        return node if node.value == plan.value else None

    def container(self, node: Container, plan: _Plan) -> Container | None:
        """A container or entry: content matches must hold, the rest selects (6.2.5)."""
        if not plan.branches:
            return self.all(node)
        held: dict[str, Node] = {}
        for alternatives in plan.matches:
            hits = self.children(node, alternatives)
            if not hits:
                return None
            for name, hit in hits.items():
                held[name] = union(held[name], hit) if name in held else hit
        if not plan.selects:
            return self.all(node)
        selected = self.children(node, plan.others)
        if not selected and not held:
            return None
        for name in node.schema.keys:
            held[name] = node.children[name]
        for name, child in held.items():
            selected[name] = union(selected[name], child) if name in selected else child
        return Container(node.schema, selected)

    def all(self, node: Container) -> Container:
        """A container or entry as a whole."""
        shaped = self.shape(node)
        assert isinstance(shaped, Container)
        return shaped

    def entries(self, node: ListNode, plan: _Plan) -> ListNode | None:
        """Entries: by key at once when the filter names all keys, else one after the other."""
        if not plan.branches:
            shaped = self.shape(node)
            assert isinstance(shaped, ListNode)
            return shaped
        entries: MutableMapping[Key, Container] = node.entries
        if plan.key is not None:
            entry = entries.get(plan.key)
            entries = {plan.key: entry} if entry is not None else {}
        self.spend(len(entries) * max(1, len(plan.simple)))
        for match in plan.simple:
            assert match.value is not None
            entries = dict(having(entries, match.schema.qname, match.value))
        if plan.selects or len(plan.simple) < len(plan.matches) or self.shape is not whole:
            entries = dict(self.parts(entries, plan))
        return ListNode(node.schema, entries) if entries else None

    def parts(
        self, entries: MutableMapping[Key, Container], plan: _Plan
    ) -> Iterator[tuple[Key, Container]]:
        for key, entry in entries.items():
            part = self.container(entry, plan)
            if part is not None:
                yield key, part


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
        entries: dict[Any, Container] = dict(left.entries.items())
        for key, entry in right.entries.items():
            merged = union(entries[key], entry) if key in entries else entry
            assert isinstance(merged, Container)
            entries[key] = merged
        return ListNode(left.schema, entries)
    if isinstance(left, LeafList) and isinstance(right, LeafList):
        return part(left, dict.fromkeys((*left.values, *right.values)))
    return left
