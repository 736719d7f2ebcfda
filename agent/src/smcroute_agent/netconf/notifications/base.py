"""What the server tells about itself (RFC 6470): sessions and changes of the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...datastore.events import Change as DatastoreChange
from ...datastore.events import CommitEvent
from ...datastore.names import RUNNING, STARTUP
from ...yang.data import Container, Key, ListNode, quote
from ...yang.diff import Change, diff
from ...yang.schema import SchemaNode
from ..session import Session
from .event import Place
from .stream import Stream

NAMESPACE = "urn:ietf:params:xml:ns:yang:ietf-netconf-notifications"

MAX_EDITS = 100
"""Edits that one netconf-config-change lists; when there are more, the nodes above them."""

Sessions = Mapping[int, Session]


class BaseNotifications:
    """Listens to the server and its datastores, and publishes."""

    def __init__(self, stream: Stream, sessions: Sessions) -> None:
        self._stream = stream
        self._sessions = sessions

    def session_started(self, session: Session) -> None:
        """Both <hello>s have been exchanged."""
        self._publish("netconf-session-start", _common(session))

    def session_ended(self, session: Session) -> None:
        """A session is over; of one that never was open only what was wrong with it is told."""
        if not session.open and session.end_reason not in ("bad-hello", "timeout"):
            return
        values = _common(session) | {
            "termination-reason": session.end_reason,
            "killed-by": session.killed_by,
        }
        self._publish("netconf-session-end", values)

    def changed(self, change: DatastoreChange) -> None:
        """running or startup has changed; a listener of the datastores."""
        if change.datastore not in (RUNNING, STARTUP):
            return
        edits = _edits(change.before, change.after) if change.before is not None else []
        listed = [{"target": edit.target, "operation": edit.operation} for edit in edits]
        self._publish(
            "netconf-config-change",
            {
                "changed-by": self._changed_by(change.session_id, change.user),
                "datastore": change.datastore,
                "edit": listed,
            },
            tuple(edit.place for edit in edits),
        )

    def committed(self, event: CommitEvent) -> None:
        """Something became of a confirmed commit; a listener of the datastores."""
        values: dict[str, Any] = {"confirm-event": event.event, "timeout": event.timeout}
        if event.event != "timeout":
            session = self._sessions.get(event.session_id)
            values |= (
                _common(session)
                if session is not None
                else {"username": event.user or "", "session-id": event.session_id}
            )
        self._publish("netconf-confirmed-commit", values)

    def _changed_by(self, session_id: int, user: str | None) -> dict[str, Any]:
        session = self._sessions.get(session_id)
        if session is not None:
            return _common(session)
        if user is None:
            return {"server": ""}
        return {"username": user, "session-id": session_id}

    def _publish(self, name: str, values: Mapping[str, Any], edits: tuple[Place, ...] = ()) -> None:
        self._stream.publish(f"{{{NAMESPACE}}}{name}", values, edits)


def _common(session: Session) -> dict[str, Any]:
    return {
        "username": session.user,
        "session-id": session.session_id,
        "source-host": session.host,
    }


class _Edit(NamedTuple):
    """One that is listed, and what it is about."""

    target: str
    operation: str
    place: Place


def _edits(before: Container, after: Container) -> list[_Edit]:
    changes = diff(before, after)
    if len(changes) > MAX_EDITS:
        parents = {id(change.schema.parent): change.schema.parent for change in changes}
        return [
            _Edit(_target(node, ()), "merge", Place(node, {}))
            for node in parents.values()
            if node is not None and node.parent is not None
        ]
    return [
        _Edit(
            _target(change.schema, change.key),
            _operation(change),
            Place(change.schema, {change.schema: change.key} if change.key else {}),
        )
        for change in changes
    ]


def _operation(change: Change) -> str:
    if change.before is None:
        return "create"
    if change.after is None:
        return "delete"
    return "merge" if isinstance(change.after, Container | ListNode) else "replace"


def _target(node: SchemaNode, key: Key) -> str:
    """An instance-identifier in the canonical form of data trees: modules' names as prefixes.

    The node above where a key cannot be written as the literal of an instance-identifier.
    """
    assert node.parent is not None
    above = "" if node.parent.parent is None else _target(node.parent, ())
    literals = [quote(value) for value in key]
    if any(literal.startswith("concat(") for literal in literals) and above:
        return above
    module = node.module.name
    predicates = "".join(
        f"[{module}:{node.children[name].name}={literal}]"
        for name, literal in zip(node.keys, literals, strict=False)
    )
    return f"{above}/{module}:{node.name}{predicates}"
