"""Whether a user may change one tree into another (RFC 8341, section 3.2.5).

It is the difference that is judged, not the words of the request: what an edit leaves as it
is needs no right.  The cost follows the change.
"""

from __future__ import annotations

from ..errors import Error
from ..yang.data import Container, Key, LeafList, ListNode, Node, entry_step, value_step
from ..yang.schema import SchemaNode
from .access import Access
from .policy import CREATE, DELETE, UPDATE

_VERBS = {CREATE: "created", UPDATE: "changed", DELETE: "deleted"}


class Denied(Error):
    """Access is denied; the path tells nothing that the user may not read."""

    tag = "access-denied"


def authorize(access: Access, before: Container, after: Container) -> None:
    """Raises Denied at the first node that the user may not create, change or delete."""
    schema = before.schema
    if not all(access.everywhere(operation, schema) for operation in _VERBS):
        _Check(access).children(before, after, "", {})


class _Check:
    """A walk along two trees where they differ."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def children(
        self, before: Container, after: Container, path: str, keys: dict[SchemaNode, Key]
    ) -> None:
        if before is after:
            return
        for name, schema in before.schema.children.items():
            left, right = before.children.get(name), after.children.get(name)
            if left is not right:
                self.node(schema, left, right, path, keys)

    def node(
        self,
        schema: SchemaNode,
        left: Node | None,
        right: Node | None,
        path: str,
        keys: dict[SchemaNode, Key],
    ) -> None:
        if schema.kind == "list":
            self.list(schema, left, right, path, keys)
        elif schema.kind == "leaf-list":
            self.leaf_list(schema, left, right, path, keys)
        elif schema.kind == "container":
            self.container(schema, left, right, path + schema.step, keys)
        elif left is None or right is None:
            self.need(CREATE if left is None else DELETE, schema, path + schema.step, keys)
        elif left != right:
            self.need(UPDATE, schema, path + schema.step, keys)

    def container(
        self,
        schema: SchemaNode,
        left: Node | None,
        right: Node | None,
        path: str,
        keys: dict[SchemaNode, Key],
    ) -> None:
        if schema.presence and (left is None or right is None):
            self.need(CREATE if left is None else DELETE, schema, path, keys)
        nothing = Container(schema, {})
        self.children(
            left if isinstance(left, Container) else nothing,
            right if isinstance(right, Container) else nothing,
            path,
            keys,
        )

    def list(
        self,
        schema: SchemaNode,
        left: Node | None,
        right: Node | None,
        path: str,
        keys: dict[SchemaNode, Key],
    ) -> None:
        old = left if isinstance(left, ListNode) else ListNode(schema, {})
        new = right if isinstance(right, ListNode) else ListNode(schema, {})
        free = {op: self._access.everywhere(op, schema) for op in _VERBS}
        if all(free.values()):
            return
        nothing = Container(schema, {})
        for key in new.differing(old):
            before, after = old.entries.get(key), new.entries.get(key)
            inside = {**keys, schema: key}
            if before is None or after is None:
                operation = CREATE if before is None else DELETE
                if free[operation]:
                    continue
                self.need(operation, schema, path + entry_step(schema, key), inside)
            self.children(
                before or nothing, after or nothing, path + entry_step(schema, key), inside
            )
        if schema.ordered_by_user:
            kept = [key for key in old.entries if key in new.entries]
            if kept != [key for key in new.entries if key in old.entries]:
                for key in kept:
                    step = path + entry_step(schema, key)
                    self.need(UPDATE, schema, step, {**keys, schema: key})

    def leaf_list(
        self,
        schema: SchemaNode,
        left: Node | None,
        right: Node | None,
        path: str,
        keys: dict[SchemaNode, Key],
    ) -> None:
        old = left.values if isinstance(left, LeafList) else ()
        new = right.values if isinstance(right, LeafList) else ()
        for value in new:
            if value not in old:
                self.need(CREATE, schema, path + value_step(schema, value), keys)
        for value in old:
            if value not in new:
                self.need(DELETE, schema, path + value_step(schema, value), keys)
        if schema.ordered_by_user and left != right and set(old) == set(new):
            self.need(UPDATE, schema, path + schema.step, keys)

    def need(
        self, operation: str, schema: SchemaNode, path: str, keys: dict[SchemaNode, Key]
    ) -> None:
        demand(self._access, operation, schema, path, keys)


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
