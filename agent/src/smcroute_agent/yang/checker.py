"""Whether the conditions of a schema hold in one tree."""

from __future__ import annotations

from typing import Any

from . import problems, types, violations
from .conditions import Condition
from .data import Container, Leaf
from .schema import Must, Schema, SchemaNode, When
from .xpath.ast import Path
from .xpath.compiled import Expression, schema_expression, select
from .xpath.item import Item, Tree

MAX_WHEN_DEPTH = 16
"""How deep whens may depend on nodes that exist by other whens."""


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
        self._targets: dict[tuple[str, object], frozenset[str]] = {}

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
        elif check is not None:
            for node in instances(item, condition.steps):
                if not self.refers(check, node, node.string()):
                    raise violations.missing_instance(condition.node, node.path(), node.string())

    def when(self, when: When, node: Item) -> bool:
        """Whether a when allows a node."""
        context = node.parent if when.on_parent and node.parent is not None else node
        return self.expression(when).boolean(context)

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
            return not kind.require_instance or value in self.targets(kind, node)
        if isinstance(kind, types.InstanceIdentifier) and kind.require_instance:
            return bool(select(self.schema, value, node))
        return True

    def targets(self, kind: types.LeafRef, node: Item) -> frozenset[str]:
        """The values that a leafref may have; found once for all nodes from which its path leads
        over the same one."""
        expression = schema_expression(self.schema, kind.path)
        shared = _shared(expression, node)
        place = (kind.path, shared.identity()) if shared is not None else None
        found = self._targets.get(place) if place is not None else None
        if found is None:
            found = frozenset(target.string() for target in expression.nodes(node))
            if place is not None:
                self._targets[place] = found
        return found


def _shared(expression: Expression, node: Item) -> Item | None:
    """The node to which the path of a leafref first goes up; None where what it leads to may
    depend on the leafref itself."""
    tree = expression.tree
    if not isinstance(tree, Path) or any(step.predicates for step in tree.steps):
        return None
    if tree.start == "/":
        return node.tree.root
    if tree.start is not None:
        return None
    found: Item | None = node
    for step in tree.steps:
        if step.axis != "parent" or found is None:
            break
        found = found.parent
    return found
