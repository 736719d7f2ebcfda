"""Which parts of a tree a filter can look at, found before the tree is made.

State data costs what it takes to read it from the kernel: what no filter looks at is not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .content import Element
from .schema import Schema, SchemaNode
from .xpath.ast import Binary, Call, Expr, Negative, Path, Step
from .xpath.axes import names_below
from .xpath.parser import DESCENDANT_OR_SELF
from .xpath.paths import Names

Reach = frozenset[tuple[str, str | None]] | None
"""(top-level node, child of it), by qualified name: the child with all below it; without a
child, all of the top-level node.  None is everything."""

DOWN = frozenset(("child", "descendant", "self", "descendant-or-self", "attribute"))
"""Axes that do not lead out of a subtree."""


def covers(reach: Reach, top: str, child: str | None = None) -> bool:
    """Whether the filter may look at a node, or at anything in a top-level node."""
    if reach is None or (top, None) in reach:
        return True
    return any(name == top and child in (None, inner) for name, inner in reach)


def of_subtree(schema: Schema, filter_element: Element) -> Reach:
    """The reach of a subtree filter."""
    return frozenset(
        found
        for element in filter_element
        for top in _named(schema.root, element)
        for found in _inside(top, list(element))
    )


def _inside(top: SchemaNode, elements: list[Element]) -> Iterator[tuple[str, str | None]]:
    if not any(isinstance(element.tag, str) for element in elements):
        yield top.qname, None
    for element in elements:
        for child in _named(top, element):
            yield top.qname, child.qname


def _named(parent: SchemaNode, element: Element) -> Iterable[SchemaNode]:
    tag = element.tag
    if not isinstance(tag, str):
        return ()
    return [node for node in parent.children.values() if tag in (node.qname, node.name)]


class _Anywhere(Exception):
    """The expression may look at everything."""


def of_xpath(tree: Expr, names: Names) -> Reach:
    """The reach of an XPath expression whose context node is the root."""
    found: set[tuple[str, str | None]] = set()
    try:
        _expression(tree, names, found, at_root=True)
    except _Anywhere:
        return None
    return frozenset(found)


def _expression(
    tree: Expr, names: Names, found: set[tuple[str, str | None]], *, at_root: bool = False
) -> None:
    if isinstance(tree, Binary):
        _expression(tree.left, names, found, at_root=at_root)
        _expression(tree.right, names, found, at_root=at_root)
    elif isinstance(tree, Negative):
        _expression(tree.operand, names, found, at_root=at_root)
    elif isinstance(tree, Call):
        # Without arguments some are about the context node, which is the root there.
        if tree.name in ("deref", "current", "id") or (at_root and not tree.arguments):
            raise _Anywhere
        for argument in tree.arguments:
            _expression(argument, names, found, at_root=at_root)
    elif isinstance(tree, Path):
        _path(tree, names, found, at_root)


def _path(tree: Path, names: Names, found: set[tuple[str, str | None]], at_root: bool) -> None:
    if any(step.axis not in DOWN for step in tree.steps):
        raise _Anywhere
    if tree.start == "/" or (tree.start is None and at_root):
        found.update(_from_root(tree.steps, names))
    elif tree.start is not None and not isinstance(tree.start, str):
        _expression(tree.start, names, found, at_root=at_root)
    for predicate in (*tree.predicates, *(each for step in tree.steps for each in step.predicates)):
        _expression(predicate, names, found)


def _from_root(steps: tuple[Step, ...], names: Names) -> Iterator[tuple[str, str | None]]:
    """The parts that the first steps lead to."""
    root = names.schema.root
    if len(steps) > 1 and steps[0] == DESCENDANT_OR_SELF and _is_name(steps[1]):
        wanted = names.clark(steps[1].test.name)
        for top in root.children.values():
            if top.qname == wanted:
                yield top.qname, None
            for child in top.children.values():
                if child.qname == wanted or wanted in names_below(child):
                    yield top.qname, child.qname
        return
    if not steps or not _is_name(steps[0]):
        raise _Anywhere
    qname = names.clark(steps[0].test.name)
    inner = None
    # A predicate of the top-level node may look at any of its children.
    if len(steps) > 1 and _is_name(steps[1]) and not steps[0].predicates:
        inner = names.clark(steps[1].test.name)
    yield qname, inner


def _is_name(step: Step) -> bool:
    return step.axis == "child" and step.test.kind == "name" and step.test.name[-1] != "*"
