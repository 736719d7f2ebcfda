"""Nodes that carry attributes in XML: metadata of a reply, and no part of the data.

`attributes` is their text, each with a blank before it and with the namespaces that it uses.
"""

from __future__ import annotations

from collections.abc import Iterable

from .data import Container, Leaf, LeafList, Node
from .schema import SchemaNode


class MarkedLeaf(Leaf):
    """A leaf with attributes."""

    __slots__ = ("attributes",)

    def __init__(self, schema: SchemaNode, value: str, attributes: str) -> None:
        super().__init__(schema, value)
        self.attributes = attributes


class MarkedLeafList(LeafList):
    """A leaf-list, each value of which has the same attributes."""

    __slots__ = ("attributes",)

    def __init__(self, schema: SchemaNode, values: Iterable[str], attributes: str) -> None:
        super().__init__(schema, values)
        self.attributes = attributes


class MarkedContainer(Container):
    """A container or list entry with attributes."""

    __slots__ = ("attributes",)

    def __init__(self, schema: SchemaNode, children: dict[str, Node], attributes: str) -> None:
        super().__init__(schema, children)
        self.attributes = attributes


MARKED = (MarkedLeaf, MarkedLeafList, MarkedContainer)


def part(node: LeafList, values: Iterable[str]) -> LeafList:
    """Some values of a leaf-list, with its attributes."""
    if isinstance(node, MarkedLeafList):
        return MarkedLeafList(node.schema, values, node.attributes)
    return LeafList(node.schema, values)
