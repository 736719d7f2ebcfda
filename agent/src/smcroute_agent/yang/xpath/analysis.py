"""What an expression can depend on, found from its text alone.

An expression that only looks below the n-th node above its context need not be evaluated
again while the subtree of that node is unchanged.
"""

from __future__ import annotations

from typing import NamedTuple

from ..schema import Schema
from .ast import Binary, Call, Expr, Negative, Path, Step

EVERYWHERE = 1 << 16
"""More levels than any path has."""


class Dependence(NamedTuple):
    """above: how many levels over the context node the expression looks at the most, at
    least 0; EVERYWHERE where it may look anywhere. names: the local names of all nodes
    that its value may depend on; None for any."""

    above: int
    names: frozenset[str] | None


OF_CONTEXT = frozenset(("string", "string-length", "normalize-space", "number"))
"""Functions that, without an argument, take the string-value of the context node."""

_DOWN = {"child": 1, "descendant": 1, "self": 0, "descendant-or-self": 0, "attribute": 1}


def dependence(schema: Schema, tree: Expr) -> Dependence:
    """The dependence of an expression."""
    analysis = _Analysis(_conditional_names(schema), _inner_names(schema))
    analysis.expression(tree, 0)
    lowest = analysis.lowest
    names = None if analysis.any_name else frozenset(analysis.names)
    return Dependence(EVERYWHERE if lowest <= -EVERYWHERE else -lowest, names)


def _conditional_names(schema: Schema) -> frozenset[str]:
    """Nodes that may exist without being in the data, depending on data elsewhere."""
    found = schema.root.derived.get("conditional-names")
    if found is None:
        found = schema.root.derived["conditional-names"] = frozenset(
            node.name
            for node in schema.root.descendants()
            if (node.whens or node.case is not None) and node.implied
        )
    assert isinstance(found, frozenset)
    return found


def _inner_names(schema: Schema) -> frozenset[str]:
    """Nodes whose string-value is made of others."""
    found = schema.root.derived.get("inner-names")
    if found is None:
        found = schema.root.derived["inner-names"] = frozenset(
            node.name for node in schema.root.descendants() if node.children
        )
    assert isinstance(found, frozenset)
    return found


class _Analysis:
    """depth: how far below the context node of the whole expression one is, at the least.

    inner: whether the context node may have children, so that its string-value is made of them;
    that of the whole expression does not count, since its subtree is looked at anyway.
    """

    def __init__(self, conditional: frozenset[str], inner: frozenset[str]) -> None:
        self.conditional = conditional
        self.inner_names = inner
        self.inner = False
        self.lowest = 0
        self.names: set[str] = set()
        self.any_name = False

    def anywhere(self) -> None:
        self.lowest = -EVERYWHERE

    def expression(self, tree: Expr, depth: int) -> None:
        if isinstance(tree, Binary):
            self.expression(tree.left, depth)
            self.expression(tree.right, depth)
        elif isinstance(tree, Negative):
            self.expression(tree.operand, depth)
        elif isinstance(tree, Call):
            if tree.name == "deref":
                self.anywhere()
                self.any_name = True
            if not tree.arguments and tree.name in OF_CONTEXT:
                self.any_name |= self.inner
            for argument in tree.arguments:
                self.expression(argument, depth)
        elif isinstance(tree, Path):
            self.path(tree, depth)

    def path(self, tree: Path, depth: int) -> None:
        if tree.start == Call("current", ()):
            depth = 0
        elif isinstance(tree.start, str):
            self.anywhere()
        elif tree.start is not None:
            self.expression(tree.start, depth)
            self.anywhere()
        self.predicates(tree.predicates, depth, inner=True)
        for step in tree.steps:
            depth = self.step(step, depth)
        if tree.steps:
            self.result(tree.steps[-1])
        elif tree.start == "/":
            self.any_name = True

    def result(self, last: Step) -> None:
        """The string-value of what a path leads to may depend on all that is below it."""
        if last.axis == "self" and last.test.kind == "node":
            self.any_name |= self.inner
        else:
            self.any_name |= self.may_be_inner(last)

    def may_be_inner(self, step: Step) -> bool:
        """Whether a step may lead to nodes with children."""
        return step.test.kind != "name" or step.test.name.rpartition(":")[2] in self.inner_names

    def predicates(self, trees: tuple[Expr, ...], depth: int, *, inner: bool) -> None:
        outer, self.inner = self.inner, inner
        for tree in trees:
            self.expression(tree, depth)
        self.inner = outer

    def step(self, step: Step, depth: int) -> int:
        if step.axis in _DOWN:
            depth += _DOWN[step.axis]
        elif step.axis == "parent":
            depth -= 1
        elif step.axis in ("following-sibling", "preceding-sibling"):
            self.lowest = min(self.lowest, depth - 1)
        else:
            self.anywhere()
        self.lowest = min(self.lowest, depth)
        self.name(step)
        self.predicates(step.predicates, depth, inner=self.may_be_inner(step))
        return depth

    def name(self, step: Step) -> None:
        if step.test.kind != "name" or step.test.name.endswith("*"):
            if step.axis not in ("parent", "self"):
                self.any_name = True
            return
        local = step.test.name.rpartition(":")[2]
        self.names.add(local)
        if local in self.conditional:
            self.anywhere()
            self.any_name = True
