"""Commits of the candidate, and the way back (RFC 6241, sections 8.3.4 and 8.4)."""

from __future__ import annotations

import logging

from ..yang.schema import Schema
from .candidate import Candidate
from .confirmed import Concerned, Confirmation, Confirmations
from .events import OUTSIDE_NETCONF, CommitEvent, CommitListener, tell
from .locks import LockTable
from .names import CANDIDATE, RUNNING, Authorize
from .pending import PendingStore
from .running import Running
from .transactions import OneAtATime

logger = logging.getLogger(__name__)


class Commits:
    """The candidate becomes running, for good or until it is confirmed."""

    def __init__(
        self,
        schema: Schema,
        running: Running,
        candidate: Candidate,
        locks: LockTable,
        one_at_a_time: OneAtATime,
        store: PendingStore,
    ) -> None:
        self.confirmations = Confirmations(schema, store, self._roll_back_if)
        self.listeners: list[CommitListener] = []
        self._running = running
        self._candidate = candidate
        self._locks = locks
        self._one_at_a_time = one_at_a_time

    async def commit(
        self,
        session_id: int,
        *,
        user: str | None = None,
        confirmation: Confirmation | None = None,
        persist_id: str | None = None,
        authorize: Authorize | None = None,
    ) -> None:
        """Make running what the candidate is.

        confirmation: what has to be confirmed by a later commit, or else is rolled back.
        persist_id: the token of the pending confirmed commit that this one confirms, or
        follows up.  authorize: judges the change.  Raises errors.Error as Datastores.edit(),
        and then nothing has changed; in-use also when another session has locked the candidate,
        or has a confirmed commit pending.
        """

        async def work() -> None:
            self._locks.check(CANDIDATE, session_id)
            self._locks.check(RUNNING, session_id)
            self.confirmations.check_commit(session_id, persist_id)
            before, after = self.confirmations.pending, self._candidate.tree
            if authorize is not None:
                authorize(self._running.tree, after)
            pending = (
                self.confirmations.next(self._running.tree, session_id, user, confirmation)
                if confirmation
                else None
            )
            # Kept before it is applied: whatever happens in between, it can be undone.
            await self.confirmations.put(pending)
            try:
                await self._running.change(after, session_id, user)
            except BaseException:
                await self.confirmations.put_back(before)
                raise
            self._candidate.discard()
            if confirmation:
                event = "extend" if before else "start"
                self._tell(CommitEvent(event, session_id, user, confirmation.timeout))
            elif before:
                self._tell(CommitEvent("complete", session_id, user))

        await self._one_at_a_time.run(work)

    async def cancel(
        self, session_id: int, *, user: str | None = None, persist_id: str | None = None
    ) -> None:
        """Roll back the pending confirmed commit now; raises errors.Error."""

        async def work() -> None:
            self.confirmations.check_cancel(session_id, persist_id)
            self._locks.check(RUNNING, session_id)
            await self._roll_back(CommitEvent("cancel", session_id, user), session_id, user)

        await self._one_at_a_time.run(work)

    async def _roll_back_if(self, event: str, concerned: Concerned) -> None:
        async def work() -> None:
            pending = self.confirmations.pending
            if pending is not None and concerned(pending):
                whose = pending.session_id or OUTSIDE_NETCONF
                await self._roll_back(CommitEvent(event, whose, pending.user))

        await self._one_at_a_time.run(work)

    async def _roll_back(
        self, event: CommitEvent, session_id: int = OUTSIDE_NETCONF, user: str | None = None
    ) -> None:
        """Make running what it was, for a session or by the server itself."""
        pending = self.confirmations.pending
        assert pending is not None
        await self._running.change(pending.before, session_id, user)
        await self.confirmations.put(None)
        self._tell(event)

    def _tell(self, event: CommitEvent) -> None:
        logger.info(
            "confirmed commit of session %d of %s: %s", event.session_id, event.user, event.event
        )
        tell(self.listeners, event)
