"""The edits that a netconf-config-change lists (RFC 6470, section 2.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ...yang.data import Container, Key, ListNode, quote
from ...yang.diff import Change
from ...yang.schema import SchemaNode

MAX_EDITS = 100
"""Edits that one notification lists; when there are more, the nodes above them."""

OCTETS = 250
"""Of an edit's XML, about, without its keys."""


class Edit(NamedTuple):
    """What has been done to an instance of a data node; key: of a list entry, else ()."""

    node: SchemaNode
    key: Key
    operation: str

    @property
    def keys(self) -> Mapping[SchemaNode, Key]:
        """The keys of the lists that it stands in, for the access rules."""
        return {self.node: self.key} if self.key else {}

    @property
    def size(self) -> int:
        """The octets of its XML, about."""
        return OCTETS + sum(map(len, self.key))

    def listed(self) -> dict[str, str]:
        """The entry of the list, for yang/build.py."""
        return {"target": _target(self.node, self.key), "operation": self.operation}


def edits_of(changes: Sequence[Change]) -> tuple[Edit, ...]:
    """The edits that stand for some changes."""
    if len(changes) <= MAX_EDITS:
        return tuple([Edit(change.schema, change.key, _operation(change)) for change in changes])
    parents = {id(change.schema.parent): change.schema.parent for change in changes}
    return tuple(
        [
            Edit(node, (), "merge")
            for node in parents.values()
            if node is not None and node.parent is not None
        ]
    )


def _operation(change: Change) -> str:
    if change.before is None:
        return "create"
    if change.after is None:
        return "delete"
    return "merge" if isinstance(change.after, Container | ListNode) else "replace"


def _target(node: SchemaNode, key: Key) -> str:
    """An instance-identifier in the canonical form of data trees: modules' names as prefixes.

    The node above where a key cannot be written as the literal of an instance-identifier.
    """
    assert node.parent is not None
    above = "" if node.parent.parent is None else _target(node.parent, ())
    literals = [quote(value) for value in key]
    if any(literal.startswith("concat(") for literal in literals) and above:
        return above
    module = node.module.name
    predicates = "".join(
        f"[{module}:{node.children[name].name}={literal}]"
        for name, literal in zip(node.keys, literals, strict=False)
    )
    return f"{above}/{module}:{node.name}{predicates}"
