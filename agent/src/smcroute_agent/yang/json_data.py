"""Data trees as JSON (RFC 7951); json_input.py reads it."""

from __future__ import annotations

import json
from typing import Any

from . import instance, types
from .data import Container, LeafList, ListNode, Node
from .serialize import ordered

_NUMBERS = ("int8", "int16", "int32", "uint8", "uint16", "uint32")
"""The types whose values are JSON numbers (RFC 7951, section 6.1)."""

INSTANCES = (types.InstanceIdentifier, types.NodeInstanceIdentifier)
"""The types whose values name modules in another way than in XML (section 6.11)."""


def to_json(tree: Container) -> str:
    """The children of a root as the text of one JSON object, one member a line."""
    return json.dumps(_object(tree), indent=2, ensure_ascii=False) + "\n"


def _object(node: Container) -> dict[str, Any]:
    """A container or entry; a name carries its module where that is not its parent's."""
    parent = node.schema.module.name
    found: dict[str, Any] = {}
    for child in ordered(node):
        module = child.schema.module.name
        name = child.schema.name if module == parent else f"{module}:{child.schema.name}"
        found[name] = _value(child)
    return found


def _value(node: Node) -> Any:
    if isinstance(node, Container):
        return _object(node)
    if isinstance(node, ListNode):
        return [_object(entry) for entry in node.entries.values()]
    if isinstance(node, LeafList):
        return [_scalar(node.schema.type, value) for value in node.values]
    return _scalar(node.schema.type, node.value)


def _scalar(kind: types.Type | None, value: str) -> Any:
    if kind is None:
        raise ValueError("anydata and anyxml are not written as JSON")
    actual = types.actual(kind, value)
    if actual is None:
        return value
    if actual.base in _NUMBERS:
        return int(value)
    if actual.base == "boolean":
        return value == "true"
    if isinstance(actual, INSTANCES):
        return instance.to_json(value)
    return [None] if actual.base == "empty" else value
