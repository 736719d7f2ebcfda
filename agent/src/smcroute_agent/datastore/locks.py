"""Locks on datastores (RFC 6241, section 7.5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from ..errors import Error


@dataclass(frozen=True)
class Lock:
    """Who holds a datastore, and since when.  Session 0 is an entity outside NETCONF."""

    session_id: int
    time: datetime = field(default_factory=lambda: datetime.now(UTC))


class LockTable:
    """The locks that are held now: datastore → Lock."""

    def __init__(self) -> None:
        self.held: dict[str, Lock] = {}

    def lock(self, datastore: str, session_id: int) -> None:
        """Take a lock; raises lock-denied when it is held, also by this very session."""
        self.check_free(datastore, session_id)
        self.held[datastore] = Lock(session_id)

    def check_free(self, datastore: str, session_id: int) -> None:
        """Raises lock-denied when this session could not have the lock: somebody holds it."""
        holder = self.held.get(datastore)
        if holder is None:
            return
        own = holder.session_id == session_id
        raise Error(
            f"the {datastore} datastore is locked by "
            + ("this session already" if own else _name(holder.session_id)),
            error_type="protocol",
            tag="lock-denied",
            remedy=None if own else "try again when it has unlocked it, or kill that session",
            info=(("session-id", str(holder.session_id)),),
        )

    def unlock(self, datastore: str, session_id: int) -> None:
        """Give a lock back; raises operation-failed when this session does not hold it."""
        holder = self.held.get(datastore)
        if holder is None or holder.session_id != session_id:
            raise Error(
                f"this session does not hold a lock on the {datastore} datastore"
                + (f": {_name(holder.session_id)} does" if holder else ""),
                error_type="protocol",
            )
        del self.held[datastore]

    def release(self, session_id: int) -> None:
        """Give back whatever a session holds: it has ended."""
        for datastore in [d for d, lock in self.held.items() if lock.session_id == session_id]:
            del self.held[datastore]

    def check(self, datastore: str, session_id: int) -> None:
        """Raises in-use when another than this session holds the datastore's lock."""
        holder = self.held.get(datastore)
        if holder is not None and holder.session_id != session_id:
            raise Error(
                f"the {datastore} datastore is locked by {_name(holder.session_id)}",
                error_type="protocol",
                tag="in-use",
                remedy="try again when it has unlocked it, or kill that session",
            )


def _name(session_id: int) -> str:
    return f"session {session_id}" if session_id else "smcroutectl or another local program"
