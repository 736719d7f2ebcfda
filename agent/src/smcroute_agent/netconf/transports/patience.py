"""How long a session waits for the rest of a message."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..session import Session

logger = logging.getLogger(__name__)


class Patience:
    """Ends a session whose client has sent part of a message, and then nothing for `silence`
    seconds, or not the whole of it in `whole` seconds.  The time in which the agent itself is at
    work, and may not be reading, does not count; nor does the time between two messages, which
    has no limit.
    """

    def __init__(self, session: Session, silence: float, whole: float) -> None:
        self._session = session
        self._silence = silence
        self._whole = whole
        self._loop = asyncio.get_running_loop()
        self._last = self._begin = self._loop.time()
        self._half = False
        self._messages = 0
        self._timer: asyncio.TimerHandle | None = None

    def octets_came(self) -> None:
        """The client goes on."""
        self._last = self._loop.time()
        self._note_begin()
        if self._timer is None:
            self._schedule()

    def end(self) -> None:
        """The connection is gone."""
        if self._timer is not None:
            self._timer.cancel()

    def _note_begin(self) -> None:
        """Whether what there is now of a message is the first of it."""
        session = self._session
        if not self._half or session.messages != self._messages:
            self._begin = self._last
        self._half, self._messages = session.half_message, session.messages

    def _schedule(self) -> None:
        due = min(self._last + self._silence, self._begin + self._whole)
        self._timer = self._loop.call_at(due, self._look)

    def _look(self) -> None:
        self._timer = None
        session, now = self._session, self._loop.time()
        if session.ended or not (session.busy or session.half_message):
            return
        if session.busy:
            self._last = now
            self._note_begin()
        if now >= self._last + self._silence or now >= self._begin + self._whole:
            logger.info(
                "session %d of %s is ended: the rest of a message did not come in time",
                session.session_id,
                session.user,
            )
            session.end("timeout")
            return
        self._schedule()
