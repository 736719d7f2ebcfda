"""Whether one more session may be opened, and which one makes way for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from ..nacm.guard import Subject

if TYPE_CHECKING:
    from .session import Session


class SessionLimits(NamedTuple):
    """How many sessions there may be at a time, over all transports.

    for_recovery: those of `total` that only the recovery session's user gets, root on the UNIX
    socket: it can always come and look, and kill the others.
    """

    total: int = 512
    per_user: int = 128
    for_recovery: int = 16


class Refused(Exception):
    """A session is not opened: there are as many as there may be, or the agent ends."""


def makes_way(
    sessions: Iterable[Session], subject: Subject, limits: SessionLimits
) -> Session | None:
    """The session that has to end so that `subject` may open one; None when there is room.

    It is the oldest that has not said hello, of the user who has most of them: whoever connects
    and says nothing keeps nobody out.  Raises Refused when there is none.
    """
    of_user: dict[tuple[str, bool], list[Session]] = {}
    for session in sessions:
        of_user.setdefault(_user(session.subject), []).append(session)
    own = of_user.get(_user(subject), [])
    if len(own) >= limits.per_user:
        return _silent([own], f"{subject.user} has {len(own)} sessions open")
    total = sum(map(len, of_user.values()))
    if total >= limits.total - (0 if subject.recovery else limits.for_recovery):
        return _silent(of_user.values(), f"{total} sessions are open")
    return None


def _silent(groups: Iterable[list[Session]], otherwise: str) -> Session:
    """The first session without a hello in the group that has most of them."""
    silent = [[session for session in group if not session.messages] for group in groups]
    most = max(silent, key=len)
    if not most:
        raise Refused(otherwise)
    return most[0]


def _user(subject: Subject) -> tuple[str, bool]:
    """A user named root that comes over SSH is not root on the UNIX socket."""
    return subject.user, subject.recovery
