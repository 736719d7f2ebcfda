"""Whether a user may change one tree into another (RFC 8341, section 3.2.5).

It is the difference that is judged, not the words of the request: what an edit leaves as it
is needs no right.  The cost follows the change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple, TypeVar

from ..errors import Error
from ..yang.data import Container, Key, LeafList, ListNode, Node, entry_step, value_step
from ..yang.schema import SchemaNode
from .access import Access
from .policy import CREATE, DELETE, UPDATE

T = TypeVar("T")

_VERBS = {CREATE: "created", UPDATE: "changed", DELETE: "deleted"}


class Denied(Error):
    """Access is denied; the path tells nothing that the user may not read."""

    tag = "access-denied"


def authorize(access: Access, before: Container, after: Container) -> None:
    """Raises Denied at the first node that the user may not create, change or delete."""
    schema = before.schema
    if not all(access.everywhere(operation, schema) for operation in _VERBS):
        _Check(access).children(before, after, _Place("", {}))


def authorize_node(
    access: Access,
    schema: SchemaNode,
    before: Node | None,
    after: Node | None,
    path: str,
    keys: Mapping[SchemaNode, Key],
) -> None:
    """The same for one node; path and keys are those of the node above."""
    _Check(access).node(schema, before, after, _Place(path, dict(keys)))


class _Place(NamedTuple):
    """Where a walk has come to: the path that an error tells, and the keys of the entries above."""

    path: str
    keys: dict[SchemaNode, Key]

    def below(self, step: str) -> _Place:
        return _Place(self.path + step, self.keys)

    def entry(self, schema: SchemaNode, key: Key) -> _Place:
        return _Place(self.path + entry_step(schema, key), {**self.keys, schema: key})

    def value(self, schema: SchemaNode, value: str) -> _Place:
        return _Place(self.path + value_step(schema, value), {**self.keys, schema: (value,)})

    def one_of(self, schema: SchemaNode, key: Key) -> _Place:
        """An entry or value whose path is not told: which one has moved cannot be said, and it may
        be hidden."""
        return _Place(self.path + schema.step, {**self.keys, schema: key})


class _Check:
    """A walk along two trees where they differ."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def children(self, before: Container, after: Container, place: _Place) -> None:
        if before is after:
            return
        for name, schema in before.schema.children.items():
            left, right = before.children.get(name), after.children.get(name)
            if left is not right:
                self.node(schema, left, right, place)

    def node(
        self, schema: SchemaNode, left: Node | None, right: Node | None, place: _Place
    ) -> None:
        if schema.kind == "list":
            nothing = ListNode(schema, {})
            self.list(
                left if isinstance(left, ListNode) else nothing,
                right if isinstance(right, ListNode) else nothing,
                place,
            )
        elif schema.kind == "leaf-list":
            self.leaf_list(schema, left, right, place)
        elif schema.kind == "container":
            place = place.below(schema.step)
            if schema.presence:
                self.existence(schema, left, right, place)
            empty = Container(schema, {})
            self.children(
                left if isinstance(left, Container) else empty,
                right if isinstance(right, Container) else empty,
                place,
            )
        elif left is None or right is None:
            self.existence(schema, left, right, place.below(schema.step))
        elif left != right:
            self.need(UPDATE, schema, place.below(schema.step))

    def existence(
        self, schema: SchemaNode, left: object | None, right: object | None, place: _Place
    ) -> None:
        if left is None or right is None:
            self.need(CREATE if left is None else DELETE, schema, place)

    def list(self, old: ListNode, new: ListNode, place: _Place) -> None:
        schema = old.schema
        free = {op: self._access.everywhere(op, schema) for op in _VERBS}
        if all(free.values()):
            return
        nothing = Container(schema, {})
        for key in new.differing(old):
            before, after = old.entries.get(key), new.entries.get(key)
            inside = place.entry(schema, key)
            if before is None or after is None:
                operation = CREATE if before is None else DELETE
                if free[operation]:
                    continue
                self.need(operation, schema, inside)
            self.children(before or nothing, after or nothing, inside)
        if schema.ordered_by_user and _moved(old.entries, new.entries):
            for key in old.entries:
                if key in new.entries:
                    self.need(UPDATE, schema, place.one_of(schema, key))

    def leaf_list(
        self, schema: SchemaNode, left: Node | None, right: Node | None, place: _Place
    ) -> None:
        old = left.values if isinstance(left, LeafList) else ()
        new = right.values if isinstance(right, LeafList) else ()
        for value in new:
            if value not in old:
                self.need(CREATE, schema, place.value(schema, value))
        for value in old:
            if value not in new:
                self.need(DELETE, schema, place.value(schema, value))
        if schema.ordered_by_user and _moved(old, new):
            for value in old:
                if value in new:
                    self.need(UPDATE, schema, place.one_of(schema, (value,)))

    def need(self, operation: str, schema: SchemaNode, place: _Place) -> None:
        demand(self._access, operation, schema, place.path, place.keys)


def _moved(old: Collection[T], new: Collection[T]) -> bool:
    """Whether what is there before and after is so in another order."""
    return [one for one in old if one in new] != [one for one in new if one in old]


def demand(
    access: Access, operation: str, schema: SchemaNode, path: str, keys: dict[SchemaNode, Key]
) -> None:
    """Raises Denied unless the user may create, change or delete a node."""
    if access.may(operation, schema, keys):
        return
    if operation == DELETE and not access.may_see(schema, keys):
        # The request need not have named it, so its keys may be what is secret.
        raise denied()
    raise Denied(
        f"the access rules do not let this user have it {_VERBS[operation]}",
        path=path,
        remedy="ask for a rule in /nacm that permits it",
    )


def denied() -> Denied:
    """A denial that does not tell of what."""
    return Denied("the access rules do not let this user make this change")
