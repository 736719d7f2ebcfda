"""Which parts of a tree a filter can look at (reach.py)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .content import Element
from .data import Key
from .filter import keys_pinned
from .reach import Part, Reach
from .schema import Schema, SchemaNode
from .xpath.ast import Binary, Call, Expr, Literal, Negative, Path, Step
from .xpath.axes import names_below
from .xpath.lookup import asks_for_position, equalities
from .xpath.parser import DESCENDANT_OR_SELF
from .xpath.paths import Names

DOWN = frozenset(("child", "descendant", "self", "descendant-or-self", "attribute"))
"""Axes that do not lead out of a subtree."""


def of_subtree(schema: Schema, filter_element: Element) -> Reach:
    """The reach of a subtree filter."""
    return frozenset(
        part
        for element in filter_element
        for top in _named(schema.root, element)
        for part in _inside(schema, top, list(element))
    )


def _inside(schema: Schema, top: SchemaNode, elements: list[Element]) -> Iterator[Part]:
    if not any(isinstance(element.tag, str) for element in elements):
        yield Part(top.qname)
    for element in elements:
        for child in _named(top, element):
            yield Part(top.qname, child.qname, keys_pinned(schema, child, element))


def _named(parent: SchemaNode, element: Element) -> Iterable[SchemaNode]:
    tag = element.tag
    if not isinstance(tag, str):
        return ()
    return [node for node in parent.children.values() if tag in (node.qname, node.name)]


class _Anywhere(Exception):
    """The expression may look at everything."""


def of_xpath(tree: Expr, names: Names) -> Reach:
    """The reach of an XPath expression whose context node is the root."""
    found: set[Part] = set()
    try:
        _expression(tree, names, found, at_root=True)
    except _Anywhere:
        return None
    return frozenset(found)


def _expression(tree: Expr, names: Names, found: set[Part], *, at_root: bool = False) -> None:
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


def _path(tree: Path, names: Names, found: set[Part], at_root: bool) -> None:
    if any(step.axis not in DOWN for step in tree.steps):
        raise _Anywhere
    if tree.start == "/" or (tree.start is None and at_root):
        found.update(_from_root(tree.steps, names))
    elif tree.start is not None and not isinstance(tree.start, str):
        _expression(tree.start, names, found, at_root=at_root)
    for predicate in (*tree.predicates, *(each for step in tree.steps for each in step.predicates)):
        _expression(predicate, names, found)


def _from_root(steps: tuple[Step, ...], names: Names) -> Iterator[Part]:
    """The parts that the first steps lead to."""
    root = names.schema.root
    if len(steps) > 1 and steps[0] == DESCENDANT_OR_SELF and _is_name(steps[1]):
        wanted = names.clark(steps[1].test.name)
        for top in root.children.values():
            if top.qname == wanted:
                yield Part(top.qname)
            for child in top.children.values():
                if child.qname == wanted or wanted in names_below(child):
                    yield Part(top.qname, child.qname)
        return
    if not steps or not _is_name(steps[0]):
        raise _Anywhere
    qname = names.clark(steps[0].test.name)
    # A predicate of the top-level node may look at any of its children.
    if len(steps) > 1 and _is_name(steps[1]) and not steps[0].predicates:
        inner = names.clark(steps[1].test.name)
        known = root.children.get(qname)
        node = known.children.get(inner) if known is not None else None
        yield Part(qname, inner, _key(node, steps[1], names) if node is not None else None)
    else:
        yield Part(qname)


def _key(node: SchemaNode, step: Step, names: Names) -> Key | None:
    """The key that the first predicates of a step demand; those behind them then have this
    entry before them or none, also where they ask for its position."""
    if node.kind != "list" or not node.keys:
        return None
    values: dict[str, str] = {}
    for predicate in step.predicates:
        if not isinstance(predicate, Binary) or predicate.operator not in ("=", "and"):
            return None
        if asks_for_position(predicate):
            return None
        for name, value in equalities((predicate,)):
            if isinstance(value, Literal):
                values.setdefault(names.clark(name), value.value)
        if all(key in values for key in node.keys):
            return tuple(values[key] for key in node.keys)
    return None


def _is_name(step: Step) -> bool:
    return step.axis == "child" and step.test.kind == "name" and step.test.name[-1] != "*"
