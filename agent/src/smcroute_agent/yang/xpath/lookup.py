"""list[key = value] as a look-up in the list's dict, list[leaf = value] as a glance at each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..schema import SchemaNode
from .ast import Binary, Call, Expr, Literal, Negative, Path
from .context import Context, Evaluate
from .item import Item
from .values import to_string

Candidates = Callable[[Item, Context], list[Item] | None]
"""The children of an item that predicates on keys leave over; None where that is unknown."""


def by_value(qname: str, values: dict[str, Evaluate]) -> Candidates:
    """The entry whose keys have the values, for a list of that name; where they do not name
    all keys, the entries that have one of the values.

    The predicates that say so still have to be applied.
    """

    def candidates(item: Item, context: Context) -> list[Item] | None:
        schema = item.schema.children.get(qname)
        if schema is None or schema.kind != "list":
            return None
        if not schema.keys or not all(name in values for name in schema.keys):
            return _having(item, schema, values, context)
        key = []
        for name in schema.keys:
            value = values[name](context)
            if isinstance(value, list):
                if len(value) != 1:
                    return None if value else []
            elif not isinstance(value, str):
                return None
            key.append(to_string(value))
        return item.entry(qname, tuple(key))

    return candidates


def _having(
    item: Item, schema: SchemaNode, values: dict[str, Evaluate], context: Context
) -> list[Item] | None:
    for name, evaluate in values.items():
        child = schema.children.get(name)
        if child is None or child.kind not in ("leaf", "leaf-list"):
            continue
        # What is not there may be equal to a value that is its default.
        if item.tree.in_use is not None and child.defaults:
            continue
        value = evaluate(context)
        if isinstance(value, str):
            return item.having(schema.qname, name, value)
    return None


def equalities(predicates: Iterable[Expr]) -> Iterator[tuple[str, Expr]]:
    """Children, as they are named, and what they must be equal to: a literal, or a path that
    does not depend on the node.  Everything else in the predicates is passed over."""
    for predicate in predicates:
        if not isinstance(predicate, Binary):
            continue
        left, right = predicate.left, predicate.right
        if predicate.operator == "and":
            yield from equalities((left, right))
        elif predicate.operator == "=":
            if not _is_child(left):
                left, right = right, left
            if _is_child(left) and _is_fixed(right):
                assert isinstance(left, Path)
                yield left.steps[0].test.name, right


def asks_for_position(tree: Expr) -> bool:
    """Whether position() or last() of the predicate's own context is part of it."""
    if isinstance(tree, Binary):
        return asks_for_position(tree.left) or asks_for_position(tree.right)
    if isinstance(tree, Negative):
        return asks_for_position(tree.operand)
    if isinstance(tree, Call):
        return tree.name in ("position", "last") or any(map(asks_for_position, tree.arguments))
    if isinstance(tree, Path) and tree.start is not None and not isinstance(tree.start, str):
        return asks_for_position(tree.start)
    return False


def size(tree: Expr) -> int:
    """How much work one evaluation is, without the nodes that it visits."""
    if isinstance(tree, Binary):
        return 1 + size(tree.left) + size(tree.right)
    if isinstance(tree, Negative):
        return 1 + size(tree.operand)
    if isinstance(tree, Call):
        return 1 + sum(map(size, tree.arguments))
    if isinstance(tree, Path):
        start = 0 if tree.start is None or isinstance(tree.start, str) else size(tree.start)
        return 1 + start + len(tree.steps)
    return 1 + len(tree.value) // 16 if isinstance(tree, Literal) else 1


def _is_child(tree: Expr) -> bool:
    return (
        isinstance(tree, Path)
        and tree.start is None
        and len(tree.steps) == 1
        and tree.steps[0].axis == "child"
        and tree.steps[0].test.kind == "name"
        and not tree.steps[0].test.name.endswith("*")
        and not tree.steps[0].predicates
    )


def _is_fixed(tree: Expr) -> bool:
    if isinstance(tree, Literal):
        return True
    return isinstance(tree, Path) and (tree.start == "/" or tree.start == Call("current", ()))
