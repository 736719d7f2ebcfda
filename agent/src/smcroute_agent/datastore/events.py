"""What listeners of the datastores hear."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from ..yang import diff

OUTSIDE_NETCONF = 0
"""The session-id of a program that is no NETCONF session (RFC 6241, appendix A, lock-denied)."""

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Change(NamedTuple):
    """Who changed running or startup, and what is different.

    changes: none where that is not known: startup may be a file that anybody edits.
    """

    datastore: str
    session_id: int
    user: str | None
    changes: Sequence[diff.Change] = ()


class CommitEvent(NamedTuple):
    """What became of a confirmed commit: start, extend, complete, cancel or timeout
    (netconf-confirmed-commit of RFC 6470).

    session_id, user: who did it, or whose session has ended; OUTSIDE_NETCONF when the session
    is not known any more.  timeout: seconds in which it has to be confirmed, of start and
    extend.
    """

    event: str
    session_id: int = OUTSIDE_NETCONF
    user: str | None = None
    timeout: int | None = None


Listener = Callable[[Change], None]
CommitListener = Callable[[CommitEvent], None]


def tell(listeners: list[Callable[[T], None]], event: T) -> None:
    """Let every listener hear; one that fails keeps nobody from anything."""
    for listener in listeners:
        try:
            listener(event)
        except Exception:
            logger.exception("a listener of the datastores failed")
