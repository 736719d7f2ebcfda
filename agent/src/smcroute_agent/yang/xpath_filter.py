"""Filtering by XPath (RFC 6241, section 8.9): the selected nodes with their ancestors and keys."""

from __future__ import annotations

from collections.abc import Iterable

from .data import Container, Key, LeafList, ListNode, Node
from .depth import Shape, whole
from .filter import union
from .filter_reach import of_xpath
from .marks import part
from .reach import Reach
from .schema import Schema
from .xpath.compiled import Expression, compile_expression
from .xpath.context import Resolve
from .xpath.item import Item, Tree
from .xpath.lexer import XPathError
from .xpath.paths import Names

MAX_WORK = 1_000_000
"""Nodes that one filter may visit: two seconds or so of a processor."""

MAX_LENGTH = 16384
"""Characters of a filter."""


def reach(schema: Schema, expression: Expression, resolve: Resolve) -> Reach:
    """What an expression of `compiled` can look at."""
    return of_xpath(expression.tree, Names(schema, _prefixed(resolve)))


def compiled(schema: Schema, text: str, resolve: Resolve) -> Expression:
    """The expression of a filter; names without a prefix are in no namespace.

    Raises XPathError when it is wrong or gives no node-set.
    """
    if len(text) > MAX_LENGTH:
        raise XPathError(f"a filter has at most {MAX_LENGTH} characters")
    expression = compile_expression(schema, text, _prefixed(resolve))
    if expression.kind != "nodes":
        raise XPathError(f"the expression gives a {expression.kind} and not nodes")
    return expression


def _prefixed(resolve: Resolve) -> Resolve:
    return lambda prefix: resolve(prefix) if prefix else None


def select(
    tree: Container, expression: Expression, *, shape: Shape = whole, work: int = MAX_WORK
) -> Container:
    """What an expression selects of a tree.

    The order is that of the tree.  Raises TooMuchWork when more than `work` nodes would
    have to be visited.
    """
    root = Tree(tree, None, work).root
    selection = _Selection()
    for item in expression.nodes(root):
        selection.add(item)
    found = selection.take(tree, shape)
    return found if isinstance(found, Container) else Container(tree.schema, {})


class _Selection:
    """What is selected at and below a node: all of it, or parts by name and by key."""

    __slots__ = ("all", "parts")

    def __init__(self) -> None:
        self.all = False
        self.parts: dict[str, dict[Key, _Selection]] = {}

    def add(self, item: Item) -> None:
        """Select an item with what is below it; a text stands for its leaf."""
        way: list[Item] = []
        above: Item | None = item.parent if item.text else item
        while above is not None and above.parent is not None:
            way.append(above)
            above = above.parent
        selection = self
        for step in reversed(way):
            found = selection.parts.setdefault(step.schema.qname, {})
            selection = found.setdefault(step.key, _Selection())
        selection.all = True

    def take(self, node: Container, shape: Shape) -> Node:
        """The selected parts of a container or entry."""
        if self.all:
            return self._all(node, shape)
        children: dict[str, Node] = {name: node.children[name] for name in node.schema.keys}
        for name, parts in self.parts.items():
            children[name] = _part(node.children[name], parts, shape)
        return Container(node.schema, children)

    def _all(self, node: Container, shape: Shape) -> Node:
        """The whole node; where it is cut, what is selected below the cut is there too."""
        found = shape(node) if node.schema.kind != "root" else _each(node, shape)
        if shape is whole or not self.parts:
            return found
        below = _Selection()
        below.parts = self.parts
        return union(found, below.take(node, shape))


def _each(root: Container, shape: Shape) -> Container:
    return Container(root.schema, {name: shape(node) for name, node in root.children.items()})


def _part(node: Node, parts: dict[Key, _Selection], shape: Shape) -> Node:
    if isinstance(node, ListNode):
        return ListNode(node.schema, dict(_entries(node, parts, shape)))
    if isinstance(node, LeafList):
        values = list(node.values)
        return part(node, [values[index] for index in sorted(int(key[0]) for key in parts)])
    if isinstance(node, Container):
        return parts[()].take(node, shape)
    return node


def _entries(
    node: ListNode, parts: dict[Key, _Selection], shape: Shape
) -> Iterable[tuple[Key, Container]]:
    keys = parts if len(parts) == 1 else [key for key in node.entries if key in parts]
    for key in keys:
        entry = parts[key].take(node.entries[key], shape)
        assert isinstance(entry, Container)
        yield key, entry
