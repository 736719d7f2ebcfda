"""How long a session waits for the rest of a message."""

from __future__ import annotations

import asyncio
import logging

from ..session import Session

logger = logging.getLogger(__name__)


class Patience:
    """Ends a session whose client has sent part of a message, and then nothing for `timeout`
    seconds.  The time in which the agent itself is at work, and may not be reading, does not
    count; nor does the time between two messages, which has no limit.
    """

    def __init__(self, session: Session, timeout: float) -> None:
        self._session = session
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._last = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None

    def octets_came(self) -> None:
        """The client goes on."""
        self._last = self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_at(self._last + self._timeout, self._look)

    def end(self) -> None:
        """The connection is gone."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        session, now = self._session, self._loop.time()
        if session.ended or not (session.busy or session.half_message):
            return
        if session.busy:
            self._last = now
        if now >= self._last + self._timeout:
            logger.info(
                "session %d of %s is ended: the rest of a message did not come in time",
                session.session_id,
                session.user,
            )
            session.end("timeout")
            return
        self._timer = self._loop.call_at(self._last + self._timeout, self._look)
