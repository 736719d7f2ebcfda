"""Whoever asks for something is judged here, by the rules of running as they are now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from ..errors import Error
from ..yang.build import build
from ..yang.data import Container, Node, replaced
from ..yang.schema import Schema, SchemaNode
from .access import Access, Keys
from .discretion import discreet, may_see
from .existence import concealed
from .policy import READ, TOP, Policy, policy_of
from .reading import readable
from .writing import Denied, authorize, authorize_node, denied

if TYPE_CHECKING:
    from ..yang.tolerant import Judge

WRAP = 1 << 32
"""yang:zero-based-counter32 begins anew there."""

MAX_USERS = 256
"""Users whose decisions are remembered at a time."""

Authorize = Callable[[Container, Container], None]
"""authorize(before, after): raises Denied when the change may not be made."""


class Subject(NamedTuple):
    """Who asks.

    groups: what the transport reports (RFC 8341, section 2.2: external groups).  recovery:
    access control does not hold for this one (section 2.1): root on a local socket.
    """

    user: str
    groups: frozenset[str] = frozenset()
    recovery: bool = False


class Guard:
    """Answers for every subject, and counts what is denied.

    running: the datastore that holds the rules.
    """

    def __init__(self, schema: Schema, running: Callable[[], Container]) -> None:
        self._schema = schema
        self._running = running
        self._source: object = None
        self._policy = Policy()
        self._known: dict[Subject, Access] = {}
        self.denied_operations = 0
        self.denied_writes = 0
        self.denied_notifications = 0

    def access(self, subject: Subject) -> Access | None:
        """The rights of a subject; None where there is no limit."""
        source = self._running().children.get(TOP)
        if source is not self._source:
            self._policy = policy_of(self._schema, self._running())
            self._known.clear()
            # Last, because long edits ask from a thread.
            self._source = source
        if subject.recovery or not self._policy.enabled:
            return None
        found = self._known.get(subject)
        if found is None:
            if len(self._known) >= MAX_USERS:
                self._known.clear()
            found = self._known[subject] = Access(self._policy, subject.user, subject.groups)
        return found

    def check_execute(
        self, subject: Subject, module: str, name: str, default_deny: str | None = None
    ) -> None:
        """Raises access-denied when the operation may not be called."""
        access = self.access(subject)
        if access is None or access.may_execute(module, name, default_deny):
            return
        self.denied_operations += 1
        raise Error(
            f"the access rules do not let {subject.user} call {name}",
            error_type="protocol",
            tag="access-denied",
            remedy="ask for a rule in /nacm that permits it",
        )

    def authorizer(self, subject: Subject, *, named: bool = True) -> Authorize | None:
        """What judges a change of data, by the rules that hold then; None for the recovery
        session.

        named: it is the request that says what is created and changed.  Otherwise a denial does
        not name a node that the subject may not read.
        """
        if subject.recovery:
            return None

        def check(before: Container, after: Container) -> None:
            access = self.access(subject)
            if access is None:
                return
            try:
                authorize(access, before, after)
            except Denied as error:
                self.denied_writes += 1
                if named or may_see(access, self._schema, error.path):
                    raise
                raise denied() from None

        return check

    def judge(self, subject: Subject) -> Judge | None:
        """What judges the change of one node; None where there is no limit."""
        access = self.access(subject)
        if access is None:
            return None

        def check(
            schema: SchemaNode, before: Node | None, after: Node | None, path: str, keys: Keys
        ) -> None:
            try:
                authorize_node(access, schema, before, after, path, keys)
            except Denied:
                self.denied_writes += 1
                raise

        return check

    def concealed(self, subject: Subject, error: Error) -> Error:
        """An edit's error as the subject may see it (existence.py)."""
        access = self.access(subject)
        found = error if access is None else concealed(access, self._schema, error)
        if found is not error:
            self.denied_writes += 1
        return found

    def discreet(self, subject: Subject, error: Error) -> Error:
        """A refusal of the configuration as the subject may see it (discretion.py)."""
        access = self.access(subject)
        return error if access is None else discreet(access, self._schema, error)

    def may_see(self, subject: Subject, node: SchemaNode, keys: Keys) -> bool:
        """Whether the subject may read an instance of a data node."""
        access = self.access(subject)
        return access is None or access.may_see(node, keys)

    def readable(self, subject: Subject, tree: Container) -> Container:
        """What of a tree the subject may read; the tree itself when that is all."""
        access = self.access(subject)
        return tree if access is None else readable(access, tree)

    def may_read_all(self, subject: Subject, node: SchemaNode) -> bool:
        """Whether nothing at and below a node of the schema is hidden from the subject."""
        access = self.access(subject)
        if access is None:
            return True
        above = node.parent
        while above is not None and above.kind != "root":
            if access.verdict(READ, above) is not True:
                return False
            above = above.parent
        return access.everywhere(READ, node)

    def may_hear(self, subject: Subject, notification: SchemaNode) -> bool:
        """Whether a notification may be sent to the subject; counted when not."""
        access = self.access(subject)
        if access is None or access.may_hear(notification):
            return True
        self.denied_notifications += 1
        return False

    def with_state(self, tree: Container) -> Container:
        """A tree with the counters of ietf-netconf-acm in it."""
        top = self._schema.root.children[TOP]
        counters = build(
            top,
            {
                "denied-operations": self.denied_operations % WRAP,
                "denied-data-writes": self.denied_writes % WRAP,
                "denied-notifications": self.denied_notifications % WRAP,
            },
        )
        present = tree.children.get(TOP)
        configured = present if isinstance(present, Container) else Container(top, {})
        return replaced(tree, {TOP: replaced(configured, counters.children)})
