"""What differs between two trees, at the granularity that an application acts on."""

from __future__ import annotations

from typing import NamedTuple

from .data import Container, Key, ListNode, Node
from .schema import SchemaNode


class Change(NamedTuple):
    """An outermost list entry that differs, or a changed node outside of lists.

    key: of a list entry, else (); it needs no other key, since the entry is outermost.
    before, after: None where the node is not there.
    """

    schema: SchemaNode
    key: Key
    before: Node | None
    after: Node | None


def diff(before: Container, after: Container) -> list[Change]:
    """The changes from one tree to another; the cost follows the change.

    Subtrees that are the same object are not looked at.  A user-ordered list of which the
    order changes, too (an entry moved, or added elsewhere than at the end), has one more
    change of the list as a whole before those of its entries, with the key ().
    """
    changes: list[Change] = []
    _container(before, after, changes)
    return changes


def _container(before: Container, after: Container, changes: list[Change]) -> None:
    if before is after:
        return
    old, new = before.children, after.children
    for name in before.schema.children:
        left, right = old.get(name), new.get(name)
        if left is right:
            continue
        schema = before.schema.children[name]
        if schema.kind == "list":
            _list(schema, left, right, changes)
        elif isinstance(left, Container) and isinstance(right, Container):
            _container(left, right, changes)
        elif schema.kind == "container" and (left is None or right is None):
            _appeared(schema, left, right, changes)
        elif left != right:
            changes.append(Change(schema, (), left, right))


def _appeared(
    schema: SchemaNode, left: Node | None, right: Node | None, changes: list[Change]
) -> None:
    """A container on one side only: itself if it means something, and what is in it."""
    if schema.presence:
        changes.append(Change(schema, (), left, right))
        return
    nothing = Container(schema, {})
    _container(
        left if isinstance(left, Container) else nothing,
        right if isinstance(right, Container) else nothing,
        changes,
    )


def _list(schema: SchemaNode, left: Node | None, right: Node | None, changes: list[Change]) -> None:
    old = left if isinstance(left, ListNode) else ListNode(schema, {})
    new = right if isinstance(right, ListNode) else ListNode(schema, {})
    found = []
    for key in new.differing(old):
        before, after = old.entries.get(key), new.entries.get(key)
        if before is None or after is None or before != after:
            found.append(Change(schema, key, before, after))
    if schema.ordered_by_user and new.entries and _reordered(old, new):
        changes.append(Change(schema, (), left, right))
    changes.extend(found)


def _reordered(old: ListNode, new: ListNode) -> bool:
    """Whether the order is another than what removing and appending entries gives."""
    kept = [key for key in old.entries if key in new.entries]
    added = [key for key in new.entries if key not in old.entries]
    return list(new.entries) != kept + added
