"""The confirmed commit that waits for its confirmation (RFC 6241, section 8.4)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from ..errors import Error
from ..yang.data import Container
from ..yang.schema import Schema
from .pending import Pending, PendingStore

DEFAULT_TIMEOUT = 600
"""Seconds until an unconfirmed commit is rolled back (RFC 6241, section 8.4.1)."""

ROLLBACK_RETRY = 2.0
"""Seconds until a rollback that the system refused is tried again."""

Concerned = Callable[[Pending], bool]
"""Whether a rollback that was planned is about this commit; asked when its turn has come."""

RollBack = Callable[[str, Concerned], Awaitable[None]]
"""roll_back(event, concerned): in a transaction of its own; raises errors.Error."""

NOT_ROLLED_BACK = "a commit that was not confirmed cannot be rolled back: %s"

logger = logging.getLogger(__name__)


class WrongToken(Error):
    """A persist-id that is not that of the pending commit."""

    error_type = "protocol"
    tag = "invalid-value"


class Confirmation(NamedTuple):
    """What a confirmed commit asks for: seconds to wait, and the token that makes it
    persistent; None binds it to its session, or leaves the token of the sequence."""

    timeout: int = DEFAULT_TIMEOUT
    persist: str | None = None


class Confirmations:
    """The pending confirmed commit, of which there is one at the most, and its timer.

    While one is pending, running belongs to its session as under a lock; to confirm or follow
    up a persistent one, a session gives the token.  Otherwise a change that somebody else
    made in the meantime would vanish in the rollback.
    """

    def __init__(self, schema: Schema, store: PendingStore, roll_back: RollBack) -> None:
        self.pending: Pending | None = None
        self._schema = schema
        self._store = store
        self._roll_back = roll_back
        self._session_id: int | None = None
        """Whose commit was the last to be pending; one that is replaced may come back."""
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def put(self, pending: Pending | None) -> None:
        """Let this be what is pending, safely kept; raises errors.Error, and nothing changed."""
        old = self.pending
        # Seen at once: the end of the session while this waits must find it.
        self._set(pending)
        try:
            if pending is not None:
                await self._store.save(pending.encode())
            elif old is not None:
                await self._store.clear()
        except BaseException:
            self._set(old)
            raise
        self._arm()

    async def put_back(self, pending: Pending | None) -> None:
        """Let this be pending again, after what has replaced it failed.

        Where it cannot be kept for another process, this one rolls back all the same.
        """
        try:
            await self.put(pending)
        except Error as error:
            logger.error("a commit that is not confirmed cannot be kept: %s", error)
            self._set(pending)
            self._arm()

    def _set(self, pending: Pending | None) -> None:
        self.pending = pending
        if pending is not None:
            self._session_id = pending.session_id

    async def recover(self) -> None:
        """Take over what a process before this one left behind.

        What was bound to a session is rolled back at once: that session is no more.
        """
        record = await self._store.load()
        if record is None:
            return
        self.pending = Pending.decode(self._schema, record)
        if self.pending.persist is not None:
            self._arm()
            return
        try:
            await self._roll_back("cancel", lambda _: True)
        except Error as error:
            logger.error(NOT_ROLLED_BACK, error)
            self._plan("cancel", lambda _: True)

    async def forget(self) -> None:
        """Drop what a process before this one left behind."""
        await self._store.clear()

    def session_ended(self, session_id: int) -> None:
        """A session is no more: roll back its commit, unless that is persistent."""
        pending = self.pending
        if session_id != self._session_id:
            return
        if pending is not None and pending.persist is not None:
            self.pending = pending._replace(session_id=None)
            return
        self._plan(
            "cancel",
            lambda pending: pending.session_id == session_id and pending.persist is None,
        )

    def next(
        self, before: Container, session_id: int, user: str | None, wanted: Confirmation
    ) -> Pending:
        """What is pending after one more confirmed commit, running being `before`."""
        old = self.pending
        return Pending(
            old.before if old else before,
            session_id,
            user,
            wanted.persist if wanted.persist is not None else old.persist if old else None,
            time.monotonic() + wanted.timeout,
        )

    # --- who may do what

    def check_change(self, session_id: int) -> None:
        """Raises in-use when running is another's until its commit is confirmed."""
        pending = self.pending
        if pending is not None and pending.session_id != session_id:
            raise _in_use(pending)

    def check_save(self) -> None:
        """Raises in-use when running is not confirmed: a restart would bring it back."""
        if self.pending is not None:
            raise _in_use(self.pending)

    def check_lock(self, session_id: int) -> None:
        """Raises lock-denied: "another NETCONF session has an ongoing confirmed commit"
        (RFC 6241, section 7.5)."""
        pending = self.pending
        if pending is not None and pending.session_id != session_id:
            raise Error(
                f"the running datastore cannot be locked: {_described(pending)}",
                error_type="protocol",
                tag="lock-denied",
                remedy="try again when it is confirmed or rolled back",
                info=(("session-id", str(pending.session_id or 0)),),
            )

    def check_commit(self, session_id: int, persist_id: str | None) -> None:
        """Whether this commit may confirm or follow up what is pending (section 8.4.1).

        Raises invalid-value for a wrong persist-id, in-use when it is needed and not given.
        """
        pending = self.pending
        if persist_id is not None and (pending is None or persist_id != pending.persist):
            raise WrongToken(
                "no confirmed commit is pending with this persist-id",
                remedy="give the value of the persist parameter that it was begun with",
            )
        if pending is not None and persist_id is None:
            self.check_change(session_id)
            if pending.persist is not None:
                raise _in_use(pending)

    def check_cancel(self, session_id: int, persist_id: str | None) -> None:
        """Whether this cancel-commit may roll back what is pending (section 8.4.4.1).

        Raises operation-failed when nothing is pending, otherwise as check_commit().
        """
        if self.pending is None and persist_id is None:
            raise Error("no confirmed commit is pending", error_type="protocol")
        self.check_commit(session_id, persist_id)

    # --- rolling back by itself

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.pending is not None:
            deadline = self.pending.deadline
            delay = max(0.0, deadline - time.monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self._overdue, deadline)

    def _overdue(self, deadline: float) -> None:
        self._plan("timeout", lambda pending: pending.deadline == deadline)

    def _plan(self, event: str, concerned: Concerned) -> None:
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._roll_back_until_done(event, concerned))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _roll_back_until_done(self, event: str, concerned: Concerned) -> None:
        """Nobody is there who could be told of an error: try until the system takes it."""
        while True:
            try:
                await self._roll_back(event, concerned)
                return
            except Exception as error:
                logger.error(NOT_ROLLED_BACK, error)
            await asyncio.sleep(ROLLBACK_RETRY)


def _described(pending: Pending) -> str:
    whose = "" if pending.session_id is None else f" of session {pending.session_id}"
    seconds = max(0, round(pending.deadline - time.monotonic()))
    return f"a confirmed commit{whose} is pending, for {seconds} s at the most"


def _in_use(pending: Pending) -> Error:
    who = "with its persist-id" if pending.persist is not None else "in its session"
    return Error(
        f"the running datastore is in use: {_described(pending)}",
        error_type="protocol",
        tag="in-use",
        remedy=f"confirm it with commit, or undo it with cancel-commit, {who}",
    )
