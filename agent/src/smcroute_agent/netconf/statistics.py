"""What is counted of sessions (RFC 6022, sections 2.1.4 and 2.1.5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

WRAP = 1 << 32
"""yang:zero-based-counter32 begins anew there."""

PROPERLY_ENDED = frozenset(("closed", "killed", "bad-hello"))
"""Reasons for the end of a session that is not counted as dropped."""


@dataclass
class Counters:
    """Messages of one session, or of all.

    in_bad_rpcs: messages where an <rpc> was expected that were none, or had no message-id or
    not one operation.  out_rpc_errors: replies with errors or warnings.
    """

    in_rpcs: int = 0
    in_bad_rpcs: int = 0
    out_rpc_errors: int = 0
    out_notifications: int = 0

    def add(self, other: Counters) -> None:
        """Count what another has counted."""
        self.in_rpcs += other.in_rpcs
        self.in_bad_rpcs += other.in_bad_rpcs
        self.out_rpc_errors += other.out_rpc_errors
        self.out_notifications += other.out_notifications

    def values(self) -> dict[str, int]:
        """The leaves of the grouping common-counters."""
        return {
            "in-rpcs": self.in_rpcs % WRAP,
            "in-bad-rpcs": self.in_bad_rpcs % WRAP,
            "out-rpc-errors": self.out_rpc_errors % WRAP,
            "out-notifications": self.out_notifications % WRAP,
        }


@dataclass
class Statistics:
    """What a server has counted since it was started."""

    start_time: datetime = field(default_factory=lambda: datetime.now(UTC))
    in_sessions: int = 0
    in_bad_hellos: int = 0
    dropped_sessions: int = 0
    ended: Counters = field(default_factory=Counters)
    """Of all sessions that have ended."""

    def session_ended(self, reason: str, counters: Counters) -> None:
        """A session is over; reason: in the words of RFC 6470's termination-reason."""
        self.ended.add(counters)
        if reason == "bad-hello":
            self.in_bad_hellos += 1
        elif reason not in PROPERLY_ENDED:
            self.dropped_sessions += 1

    def total(self, open_sessions: Iterable[Counters]) -> Counters:
        """Of all sessions that are and were."""
        found = Counters()
        for counters in (self.ended, *open_sessions):
            found.add(counters)
        return found
