"""The server's own state: netconf-state of ietf-netconf-monitoring (RFC 6022)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..datastore.locks import LockTable
from ..datastore.names import DATASTORES
from ..yang.build import build, build_node
from ..yang.data import Container
from ..yang.schema import Schema
from .names import MONITORING
from .statistics import Statistics

if TYPE_CHECKING:
    from .session import Session


class Monitoring:
    """Makes netconf-state of what the server is and does."""

    def __init__(
        self, schema: Schema, announced: Sequence[str], locks: LockTable, statistics: Statistics
    ) -> None:
        self.qname = f"{{{MONITORING}}}netconf-state"
        self._node = schema.root.children[self.qname]
        self._locks = locks
        self._statistics = statistics
        self._fixed = {
            node.qname: build_node(node, values)
            for node, values in (
                (self._node.child("capabilities"), {"capability": announced}),
                (self._node.child("schemas"), {"schema": list(_schemas(schema))}),
            )
        }

    def state(self, sessions: Iterable[Session]) -> Container:
        """The container, with the sessions that are open."""
        opened = [session for session in sessions if session.open]
        changing = build(
            self._node,
            {
                "datastores": {"datastore": list(map(self._datastore, DATASTORES))},
                "sessions": {"session": list(map(_session, opened))},
                "statistics": self._statistics_of(opened),
            },
        )
        return Container(self._node, self._fixed | changing.children)

    def _datastore(self, name: str) -> dict[str, Any]:
        lock = self._locks.held.get(name)
        if lock is None:
            return {"name": name}
        held = {"locked-by-session": lock.session_id, "locked-time": _time(lock.time)}
        return {"name": name, "locks": {"global-lock": held}}

    def _statistics_of(self, sessions: Iterable[Session]) -> Mapping[str, Any]:
        statistics = self._statistics
        return {
            "netconf-start-time": _time(statistics.start_time),
            "in-bad-hellos": statistics.in_bad_hellos,
            "in-sessions": statistics.in_sessions,
            "dropped-sessions": statistics.dropped_sessions,
            **statistics.total(session.counters for session in sessions).values(),
        }


def _schemas(schema: Schema) -> Iterable[dict[str, Any]]:
    for module in schema.modules.values():
        yield {
            "identifier": module.name,
            "version": module.revision,
            "format": "ietf-netconf-monitoring:yang",
            "namespace": module.namespace,
            "location": ["NETCONF"],
        }


def _session(session: Session) -> dict[str, Any]:
    return {
        "session-id": session.session_id,
        "transport": session.transport_identity,
        "username": session.user,
        "source-host": session.host,
        "login-time": _time(session.login_time),
        **session.counters.values(),
    }


def _time(time: datetime) -> str:
    return time.isoformat(timespec="seconds")
