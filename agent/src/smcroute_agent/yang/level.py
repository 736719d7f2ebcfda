"""The children of one node while they are edited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any

from . import problems
from .data import Container, Key, LeafList, ListNode, Node, entry_step, is_empty
from .schema import Case, SchemaNode
from .user_order import UserOrder


class Level:
    """The children of one node while they are edited; copies are made when needed."""

    def __init__(self, before: dict[str, Node]) -> None:
        self.before = before
        self.after = dict(before)
        self.lists: dict[str, MutableMapping[Key, Container]] = {}
        self.leaf_lists: dict[str, MutableMapping[str, None]] = {}
        self.schemas: dict[str, SchemaNode] = {}
        self.touched: dict[str, dict[Key, None]] = {}
        self.seen: set[Any] = set()
        self.case: dict[Any, Case] = {}

    def once(self, node: SchemaNode, step: str) -> None:
        """Refuse the second occurrence of a node in one payload."""
        if step in self.seen:
            raise problems.duplicate(node, step)
        self.seen.add(step)

    def check_case(self, case: Case, node: SchemaNode) -> None:
        """Refuse a node of another case than one that was chosen before."""
        inner: Case | None = case
        while inner is not None:
            chosen = self.case.get(inner.choice)
            if chosen is not None and chosen is not inner:
                problems.refuse_two_cases(chosen, inner, node)
            inner = inner.choice.case

    def choose(self, case: Case) -> None:
        """The data of a case replaces that of the other cases (RFC 7950, section 7.9)."""
        for node in self.excluded(case):
            self.after.pop(node.qname, None)
            self.lists.pop(node.qname, None)
            self.leaf_lists.pop(node.qname, None)
        inner: Case | None = case
        while inner is not None:
            self.case.setdefault(inner.choice, inner)
            inner = inner.choice.case

    def excluded(self, case: Case) -> Iterator[SchemaNode]:
        """The nodes of the other cases, as far as they are not gone by an earlier choice."""
        inner: Case | None = case
        while inner is not None:
            if inner.choice not in self.case:
                for other in inner.choice.cases.values():
                    if other is not inner:
                        yield from _nodes(other)
            inner = inner.choice.case

    def holds(self, node: SchemaNode) -> bool:
        """Whether there is a node of that name after the edit, as far as it is done."""
        name = node.qname
        if name in self.lists or name in self.leaf_lists:
            return bool(self.lists.get(name) or self.leaf_lists.get(name))
        return name in self.after

    def entries(self, node: SchemaNode) -> MutableMapping[Key, Container]:
        """The entries of a list, to be changed."""
        found = self.lists.get(node.qname)
        if found is None:
            present = self.after.get(node.qname)
            found = present.to_change() if isinstance(present, ListNode) else {}
            self.lists[node.qname] = found
            self.touched.setdefault(node.qname, {})
            self.schemas[node.qname] = node
        return found

    def touch(self, node: SchemaNode, key: Key) -> None:
        """Remember that an entry is edited; refuse the second time in one payload."""
        touched = self.touched[node.qname]
        if key in touched:
            raise problems.duplicate(node, entry_step(node, key))
        touched[key] = None

    def add(self, node: SchemaNode, key: Key, entry: Container) -> None:
        """Put in an entry of a list that there was not before."""
        entries = self.entries(node)
        self.touch(node, key)
        entries[key] = entry

    def entry_before(self, node: SchemaNode, key: Key) -> Container | None:
        present = self.before.get(node.qname)
        return present.entries.get(key) if isinstance(present, ListNode) else None

    def values(self, node: SchemaNode) -> MutableMapping[str, None]:
        """The values of a leaf-list, to be changed."""
        found = self.leaf_lists.get(node.qname)
        if found is None:
            present = self.after.get(node.qname)
            found = dict.fromkeys(present.values) if isinstance(present, LeafList) else {}
            self.leaf_lists[node.qname] = found
            self.schemas[node.qname] = node
        return found

    def value_before(self, node: SchemaNode, value: str) -> bool:
        present = self.before.get(node.qname)
        return isinstance(present, LeafList) and value in present.values

    def reordered(self, node: SchemaNode, order: Iterable[Any]) -> Node | None:
        """What there was of a list or leaf-list, as far as it is in this order, in this order."""
        present = self.before.get(node.qname)
        if isinstance(present, ListNode):
            old = present.entries
            return ListNode(node, {key: old[key] for key in order if key in old})
        if isinstance(present, LeafList):
            return LeafList(node, [value for value in order if value in present.values])
        return None

    def result(self) -> dict[str, Node]:
        """The children; `before` itself when all of them are the same objects."""
        for name, entries in self.lists.items():
            self.put(name, self._list(name, entries))
        for name, values in self.leaf_lists.items():
            present = self.before.get(name)
            new = LeafList(self.schemas[name], values)
            same = isinstance(present, LeafList) and list(present.values) == list(values)
            self.put(name, present if same and present else new)
        after, before = self.after, self.before
        if len(after) == len(before) and all(
            before.get(name) is node for name, node in after.items()
        ):
            return before
        return after

    def _list(self, name: str, entries: MutableMapping[Key, Container]) -> ListNode:
        if isinstance(entries, UserOrder):
            entries = dict(entries)
        present = self.before.get(name)
        if not isinstance(present, ListNode):
            return ListNode(self.schemas[name], entries)
        touched = self.touched[name]
        old = present.entries
        if all(entries.get(key) is old.get(key) for key in touched) and (
            not present.schema.ordered_by_user or list(old) == list(entries)
        ):
            return present
        return present.changed(entries, touched)

    def put(self, name: str, node: Node) -> None:
        if is_empty(node):
            self.after.pop(name, None)
        else:
            self.after[name] = node


def _nodes(case: Case) -> Iterator[SchemaNode]:
    """The nodes of a case, also in the choices in it."""
    yield from case.nodes
    for choice in case.choices:
        for inner in choice.cases.values():
            yield from _nodes(inner)
