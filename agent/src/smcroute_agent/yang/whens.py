"""What an edit does to nodes whose when no longer holds (RFC 7950, section 8.3.2).

They are deleted when they were there before; what the edit itself brings is an error.
"""

from __future__ import annotations

from . import violations
from .checker import Checker
from .data import Container, ListNode, Node, is_empty
from .schema import Schema, SchemaNode
from .xpath.item import Item

MAX_ROUNDS = 32
"""A deletion can make further whens false; schemas deeper than this are not known."""


def settle(schema: Schema, before: Container, after: Container) -> Container:
    """`after` without the nodes of `before` whose when has become false.

    Raises DataError for such a node that was not there before.
    """
    if not conditional(schema.root):
        return after
    for _ in range(MAX_ROUNDS):
        checker = Checker(schema, after)
        settled = _settle(checker, checker.tree.root, before, after)
        if settled is after:
            break
        after = settled
    return after


def conditional(node: SchemaNode) -> bool:
    """Whether there are whens at or below a node."""
    found = node.derived.get("conditional")
    if found is None:
        found = any(below.whens for below in node.descendants() if below.config)
        node.derived["conditional"] = found
    return bool(found)


def _settle(checker: Checker, item: Item, before: Container | None, after: Container) -> Container:
    children = after.children
    old = before.children if before is not None else {}
    changes: dict[str, Node | None] = {}
    for name, node in children.items():
        schema = node.schema
        if not conditional(schema):
            continue
        if schema.whens and not _holds(checker, item, schema):
            if name not in old:
                step = schema.step
                raise violations.when_violation(
                    schema, item.path() + step, schema.whens[0].expression.source
                )
            changes[name] = None
            continue
        new = _below(checker, item, old.get(name), node)
        if new is not node:
            changes[name] = new
    if not changes:
        return after
    kept = dict(children)
    for name, changed in changes.items():
        if changed is None or is_empty(changed):
            kept.pop(name)
        else:
            kept[name] = changed
    return Container(after.schema, kept)


def _below(checker: Checker, item: Item, before: Node | None, node: Node) -> Node:
    if isinstance(node, Container):
        present = before if isinstance(before, Container) else None
        return _settle(checker, Item(checker.tree, node, item), present, node)
    if isinstance(node, ListNode):
        old = before.entries if isinstance(before, ListNode) else {}
        changed = {}
        for key, entry in node.entries.items():
            new = _settle(checker, Item(checker.tree, entry, item, key), old.get(key), entry)
            if new is not entry:
                changed[key] = new
        if changed:
            entries = node.to_change()
            entries.update(changed)
            return node.changed(entries, changed)
    return node


def _holds(checker: Checker, parent: Item, schema: SchemaNode) -> bool:
    """Whether all whens hold for the instances of a node (they share their parent)."""
    for when in schema.whens:
        if when.on_parent:
            if not checker.expression(when).boolean(parent):
                return False
        elif not all(checker.when(when, node) for node in parent.named(schema.qname)):
            return False
    return True
