"""All subscriptions of a server: at most one a session (RFC 5277, section 2.1)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ...errors import Error
from .stream import Stream
from .subscription import Select, Subscription

if TYPE_CHECKING:
    from ..session import Session


class Subscriptions:
    """Who is subscribed to the stream."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._active: dict[int, Subscription] = {}

    def prepare(
        self,
        session: Session,
        select: Select,
        *,
        start: datetime | None,
        stop: datetime | None,
        kept: int,
    ) -> Subscription:
        """A subscription to begin when its reply is written; the parameters are Subscription's.

        Raises operation-failed when the session has one that is not over.
        """
        if session.session_id in self._active:
            raise Error(
                "this session has a subscription already",
                error_type="protocol",
                path="/nc:rpc/ncEvent:create-subscription",
                remedy="wait for its stopTime, or open another session",
            )
        subscription = Subscription(
            self.stream, session, select, start=start, stop=stop, kept=kept, on_end=self._ended
        )
        self._active[session.session_id] = subscription
        return subscription

    def session_ended(self, session: Session) -> None:
        """Its subscription goes with it."""
        subscription = self._active.pop(session.session_id, None)
        if subscription is not None:
            subscription.end()

    def _ended(self, subscription: Subscription) -> None:
        if self._active.get(subscription.session_id) is subscription:
            del self._active[subscription.session_id]
