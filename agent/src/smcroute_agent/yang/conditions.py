"""The conditions of a schema (must, when, references) and where they have to be looked at.

Each condition is anchored at a schema node: as long as the subtree of an instance of that
node is unchanged, the condition holds for all instances below it (xpath/analysis.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from . import problems, types, violations
from .data import Container, Leaf
from .schema import Must, Schema, SchemaNode, When
from .xpath.analysis import EVERYWHERE, dependence
from .xpath.ast import Path
from .xpath.compiled import Expression, schema_expression, select
from .xpath.item import Item, Tree

MAX_WHEN_DEPTH = 16
"""How deep whens may depend on nodes that exist by other whens."""


class Condition(NamedTuple):
    """check: a must, a when, or the type of a reference. steps: the qnames from the anchor
    to the node. names: see `Dependence`; only for those that are anchored at the root."""

    node: SchemaNode
    check: Must | When | types.Type
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
        checks: list[Must | When | types.Type] = [*node.whens, *node.musts]
        if node.type is not None and _refers(node.type):
            checks.append(node.type)
        for check in checks:
            _anchor(schema, node, check, top)


def _anchor(
    schema: Schema,
    node: SchemaNode,
    check: Must | When | types.Type,
    top: SchemaNode | None,
) -> None:
    above, names = _dependence(schema, check)
    if isinstance(check, When) and check.on_parent:
        above += 1
    steps: list[str] = []
    anchor = node
    while anchor is not top and anchor.parent is not None and (above > 0 or top is not None):
        steps.insert(0, anchor.qname)
        anchor = anchor.parent
        above -= 1
    if not steps and node.kind not in ("container", "list", "root", "input"):
        steps, anchor = [node.qname], node.parent or node
    everywhere = anchor.kind == "root"
    if names is not None:
        names = names | {below.name for below in node.descendants()}
    anchor.derived.setdefault("conditions", ())
    anchor.derived["conditions"] += (Condition(node, check, tuple(steps), names, everywhere),)


def _dependence(
    schema: Schema, check: Must | When | types.Type
) -> tuple[int, frozenset[str] | None]:
    if isinstance(check, Must | When):
        return dependence(schema, schema_expression(schema, check.expression.xpath).tree)
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
        if isinstance(kind, types.LeafRef):
            yield from _members(kind.target)


def _refers(kind: types.Type) -> bool:
    return any(
        isinstance(member, types.LeafRef | types.InstanceIdentifier) and member.require_instance
        for member in _members(kind)
    )


def instances(item: Item, steps: tuple[str, ...]) -> list[Item]:
    """The instances along a path of names."""
    items = [item]
    for step in steps:
        items = [child for parent in items for child in parent.named(step)]
    return items


class _Whens:
    """The whens of absent nodes.  It is asked by a tree, and knows none: no cycle holds one."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._depth = 0

    def in_use(self, parent: Item, node: SchemaNode) -> bool:
        """Whether the whens of an absent node allow it to exist."""
        if not node.whens:
            return True
        if self._depth >= MAX_WHEN_DEPTH:
            return False
        self._depth += 1
        try:
            absent: Any = Leaf(node, "") if node.type is not None else Container(node, {})
            context = Item(parent.tree, absent, parent)
            return all(
                schema_expression(self.schema, when.expression.xpath).boolean(
                    parent if when.on_parent else context
                )
                for when in node.whens
            )
        finally:
            self._depth -= 1


class Checker:
    """Evaluates conditions over one tree."""

    def __init__(self, schema: Schema, root: Container) -> None:
        self.schema = schema
        self.in_use = _Whens(schema).in_use
        self.tree = Tree(root, self.in_use)
        self._targets: dict[str, frozenset[str]] = {}

    def expression(self, check: Must | When) -> Expression:
        """The compiled expression of a must or when."""
        return schema_expression(self.schema, check.expression.xpath)

    def check(self, condition: Condition, item: Item) -> None:
        """Look at a condition for all instances below its anchor; raises DataError."""
        check = condition.check
        if isinstance(check, Must):
            expression = self.expression(check)
            for node in instances(item, condition.steps):
                if not expression.boolean(node):
                    raise violations.must_violation(
                        node.path(), check.expression.source, check.message, check.app_tag
                    )
        elif isinstance(check, When):
            for node in instances(item, condition.steps):
                if not self.when(check, node):
                    raise violations.when_violation(
                        condition.node, node.path(), check.expression.source
                    )
        else:
            for node in instances(item, condition.steps):
                if not self.refers(check, node, node.string()):
                    raise violations.missing_instance(
                        condition.node, node.path(), self.external(node)
                    )

    def when(self, when: When, node: Item) -> bool:
        """Whether a when allows a node."""
        context = node.parent if when.on_parent and node.parent is not None else node
        return self.expression(when).boolean(context)

    @staticmethod
    def external(node: Item) -> str:
        """The value for a message."""
        return node.string()

    def refers(self, kind: types.Type, node: Item, value: str) -> bool:
        """Whether a value is all right as a reference; values of other types always are."""
        if isinstance(kind, types.Union):
            for member in kind.members:
                try:
                    member.parse(value)
                except problems.ValueProblem:
                    continue
                if self.refers(member, node, value):
                    return True
            return False
        if isinstance(kind, types.LeafRef):
            if not kind.require_instance:
                return self.refers(kind.target, node, value)
            return value in self.targets(kind, node) and self.refers(kind.target, node, value)
        if isinstance(kind, types.InstanceIdentifier) and kind.require_instance:
            return bool(select(self.schema, value, node))
        return True

    def targets(self, kind: types.LeafRef, node: Item) -> frozenset[str]:
        """The values that a leafref may have; found once for a path that is the same for all."""
        found = self._targets.get(kind.path)
        if found is None:
            expression = schema_expression(self.schema, kind.path)
            found = frozenset(target.string() for target in expression.nodes(node))
            if _is_fixed(expression):
                self._targets[kind.path] = found
        return found


def _is_fixed(expression: Expression) -> bool:
    tree = expression.tree
    return (
        isinstance(tree, Path)
        and tree.start == "/"
        and not any(step.predicates for step in tree.steps)
    )
