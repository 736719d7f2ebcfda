"""The conditions of a schema (must, when, references) and where they have to be looked at.

Each condition is anchored at a schema node: as long as the subtree of an instance of that
node is unchanged, the condition holds for all instances below it (xpath/analysis.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from . import types
from .schema import Must, Schema, SchemaNode, When
from .xpath.analysis import EVERYWHERE, dependence
from .xpath.compiled import schema_expression

Check = Must | When | types.Type
"""What has to be true of a node; of a type, that the reference leads somewhere."""


class Condition(NamedTuple):
    """check: a must, a when, or the type of a reference; None: what has to be in the node while
    its when holds is there. steps: the qnames from the anchor to the node. names: see
    `Dependence`; only for those that are anchored at the root."""

    node: SchemaNode
    check: Check | None
    steps: tuple[str, ...]
    names: frozenset[str] | None
    everywhere: bool


def anchored(schema: Schema, node: SchemaNode) -> tuple[Condition, ...]:
    """The conditions that have to be looked at when an instance of a node has changed."""
    if "anchored" not in schema.root.derived:
        schema.root.derived["anchored"] = True
        for top in schema.root.children.values():
            _anchor_all(schema, top)
    found: tuple[Condition, ...] = node.derived.get("conditions", ())
    return found


def anchor_message(schema: Schema, node: SchemaNode) -> tuple[Condition, ...]:
    """All conditions in the input or output of an RPC, or in a notification, with their steps from
    it."""
    if "conditions" not in node.derived:
        _anchor_all(schema, node, top=node)
    found: tuple[Condition, ...] = node.derived.get("conditions", ())
    return found


def _anchor_all(schema: Schema, start: SchemaNode, top: SchemaNode | None = None) -> None:
    for node in start.descendants():
        if not node.config and top is None:
            continue
        checks: list[Check] = [*node.whens, *node.musts]
        if node.type is not None and _refers(node.type):
            checks.append(node.type)
        existence = _existence(schema, node) if checks else None
        for check in checks:
            above, names = _dependence(schema, check)
            if existence is not None:
                above, names = max(above, existence), None
            if names is not None:
                names |= {below.name for below in node.descendants()}
            _anchor(node, check, above, names, top)
        if top is None:
            _anchor_demands(schema, node)


def _anchor_demands(schema: Schema, node: SchemaNode) -> None:
    """Whens that look out of a node decide what has to be in it while it is unchanged itself."""
    whens = [when for choice in node.all_choices() if choice.mandatory for when in choice.whens]
    for child in node.children.values():
        if child.config and _demands(child):
            whens += child.whens
    found = [_dependence(schema, when) for when in whens]
    # A when counts its levels from the child.
    above = max((above - 1 for above, _ in found), default=0)
    if above > 0:
        known = [names for _, names in found if names is not None]
        names = frozenset[str]().union(*known) if len(known) == len(found) else None
        _anchor(node, None, above, names, None)


def _demands(node: SchemaNode) -> bool:
    """Whether a node, or what is in it while it is empty, has to be there."""
    if node.mandatory or node.min_elements:
        return True
    return (
        node.kind == "container"
        and not node.presence
        and (
            any(choice.mandatory for choice in node.all_choices())
            or any(_demands(child) for child in node.children.values() if child.config)
        )
    )


def _existence(schema: Schema, node: SchemaNode) -> int | None:
    """How many levels above a node one has to look to know whether it is implied; None for one
    that is there when it is in the data."""
    found, level = None, 0
    above: SchemaNode | None = node
    while above is not None and above.implied:
        reaches = [_dependence(schema, when)[0] for when in above.whens]
        reaches += [1] if above.case is not None else []
        found = max((found or 0, *(level + reach for reach in reaches))) if reaches else found
        above, level = above.parent, level + 1
    return found


def _anchor(
    node: SchemaNode,
    check: Check | None,
    above: int,
    names: frozenset[str] | None,
    top: SchemaNode | None,
) -> None:
    steps: list[str] = []
    anchor = node
    while anchor is not top and anchor.parent is not None and (above > 0 or top is not None):
        steps.insert(0, anchor.qname)
        anchor = anchor.parent
        above -= 1
    if not steps and node.kind in ("leaf", "leaf-list", "anydata", "anyxml"):
        steps, anchor = [node.qname], node.parent or node
    everywhere = anchor.kind == "root"
    anchor.derived.setdefault("conditions", ())
    anchor.derived["conditions"] += (Condition(node, check, tuple(steps), names, everywhere),)


def _dependence(schema: Schema, check: Check) -> tuple[int, frozenset[str] | None]:
    """How many levels above its node a check looks, and the names that it depends on."""
    if isinstance(check, Must | When):
        above, names = dependence(schema, schema_expression(schema, check.expression.xpath).tree)
        return above + (isinstance(check, When) and check.on_parent), names
    above, names = 0, frozenset[str]()
    for member in _members(check):
        if isinstance(member, types.LeafRef) and member.require_instance:
            found = dependence(schema, schema_expression(schema, member.path).tree)
            above = max(above, found.above)
            if found.names is None:
                return above, None
            names |= found.names
        elif isinstance(member, types.InstanceIdentifier) and member.require_instance:
            return EVERYWHERE, None
    return above, names


def _members(kind: types.Type) -> Iterator[types.Type]:
    if isinstance(kind, types.Union):
        for member in kind.members:
            yield from _members(member)
    else:
        yield kind


def _refers(kind: types.Type) -> bool:
    return any(
        isinstance(member, types.LeafRef | types.InstanceIdentifier) and member.require_instance
        for member in _members(kind)
    )
