"""What the server tells about itself (RFC 6470): sessions and changes of the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...datastore.events import Change, CommitEvent
from ...datastore.names import RUNNING, STARTUP
from .edits import Edit, edits_of
from .stream import Stream

if TYPE_CHECKING:
    from ..session import Session

    Sessions = Mapping[int, Session]

NAMESPACE = "urn:ietf:params:xml:ns:yang:ietf-netconf-notifications"


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

    def changed(self, change: Change) -> None:
        """running or startup has changed; a listener of the datastores."""
        if change.datastore in (RUNNING, STARTUP):
            values = {
                "changed-by": self._changed_by(change.session_id, change.user),
                "datastore": change.datastore,
            }
            self._publish("netconf-config-change", values, edits_of(change.changes))

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

    def _publish(self, name: str, values: Mapping[str, Any], edits: tuple[Edit, ...] = ()) -> None:
        self._stream.publish(f"{{{NAMESPACE}}}{name}", values, edits)


def _common(session: Session) -> dict[str, Any]:
    return {
        "username": session.user,
        "session-id": session.session_id,
        "source-host": session.host,
    }
