"""The nodes that a leafref or an instance-identifier refers to (RFC 7950, section 9.9, 9.13)."""

from __future__ import annotations

from collections.abc import Callable

from .. import types
from ..value_problem import ValueProblem
from .item import Item

Select = Callable[[str, Item], list[Item]]
"""Evaluates a path, with modules' names for prefixes, from a context node."""


def dereferenced(select: Select, item: Item) -> list[Item]:
    """The target nodes of a reference, none for other types."""
    kind, value = item.schema.type, item.string()
    if isinstance(kind, types.Union):
        try:
            kind = kind.match(value)[1]
        except ValueProblem:
            return []
    if isinstance(kind, types.LeafRef):
        return [node for node in select(kind.path, item) if node.string() == value]
    if isinstance(kind, types.InstanceIdentifier):
        return select(value, item)
    return []
