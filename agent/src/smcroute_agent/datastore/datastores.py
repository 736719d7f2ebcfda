"""The datastores and the only way to change them: one transaction at a time.

A transaction computes the new tree, validates it, has it applied, and only then lets it
become `running`; whatever fails on the way leaves everything as it was.  Trees are
immutable, so a reader may keep the one it got.

running may be changed directly and through the candidate, by sessions and by programs
outside NETCONF, so these rules hold (RFC 6241, sections 8.3 and 8.4):

- The candidate is running as long as nobody has modified it.  A modified one stays as it is
  when running is changed by others, and its commit makes running exactly what it shows:
  whoever wants neither to be surprised locks both.
- While a confirmed commit is pending, running is its session's alone (confirmed.py): other
  sessions, smcroutectl and a reload are told in-use.  What is not confirmed cannot be saved
  to startup either, so that no restart of the machine brings it back.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import Error
from ..yang.data import Container, empty
from ..yang.schema import Schema
from ..yang.validate import validate
from .beside import beside
from .candidate import Candidate
from .commits import Commits
from .confirmed import Confirmation
from .events import OUTSIDE_NETCONF, Change, tell
from .locks import LockTable
from .names import (
    CANDIDATE,
    RUNNING,
    STARTUP,
    TEST_ONLY,
    TEST_THEN_SET,
    Apply,
    Authorize,
    Edit,
    Prepare,
    Rehearse,
    StartupStore,
)
from .pending import Pending, PendingStore, ProcessMemory
from .running import Running
from .transactions import OneAtATime


class Datastores:
    """running, candidate and startup of one schema, and their locks.

    session_id in all methods is the NETCONF session that asks, or OUTSIDE_NETCONF.
    pending: where a confirmed commit is kept for the process that replaces this one.
    """

    def __init__(
        self,
        schema: Schema,
        apply: Apply,
        startup: StartupStore,
        pending: PendingStore | None = None,
    ) -> None:
        self.schema = schema
        self.locks = LockTable()
        self.prepare: Prepare = lambda before, after: after
        """What is done to every tree that comes in, before it is validated."""
        self.rehearse: Rehearse = _nothing
        """What is asked, after the validation, when a change of running is only tested."""
        self._startup = startup
        self._one_at_a_time = OneAtATime()
        self._running = Running(schema, apply)
        self._candidate = Candidate(self._running)
        self._commits = Commits(
            schema,
            self._running,
            self._candidate,
            self.locks,
            self._one_at_a_time,
            pending or ProcessMemory(),
        )
        self._confirmations = self._commits.confirmations
        self.listeners = self._running.listeners
        """Hear of every change of running and startup."""
        self.commit_listeners = self._commits.listeners

    @property
    def running(self) -> Container:
        """What the system follows."""
        return self._running.tree

    @property
    def candidate(self) -> Container:
        """What a commit would make of running."""
        return self._candidate.tree

    @property
    def pending(self) -> Pending | None:
        """The confirmed commit that waits for its confirmation."""
        return self._confirmations.pending

    def counters(self) -> dict[str, int]:
        """Changes of running that were made, and transactions that were refused or failed."""
        return {"edits": self._running.changes, "errors": self._one_at_a_time.failed}

    async def adopt(self, tree: Container) -> None:
        """Take `tree` as running without applying it: the system is so already.

        A confirmed commit that was pending then still is, until its deadline; one that was
        bound to a session is rolled back, because that session is no more.
        """
        self._running.tree = tree
        await self._confirmations.recover()

    async def begin(self, tree: Container, *, user: str | None = None) -> None:
        """Apply `tree` as the first running of a system that starts; raises as edit()."""
        await self._confirmations.forget()
        await self.edit(OUTSIDE_NETCONF, lambda _: tree, user=user)

    async def read(self, datastore: str) -> Container:
        """What a datastore holds now."""
        if datastore == RUNNING:
            return self.running
        if datastore == CANDIDATE:
            return self.candidate
        if datastore == STARTUP:
            return await self._startup.load()
        raise ValueError(f"no datastore {datastore!r}")

    async def edit(
        self,
        session_id: int,
        function: Edit,
        *,
        user: str | None = None,
        target: str = RUNNING,
        test: str | None = None,
        size: int = 0,
        cancellable: bool = True,
    ) -> bool:
        """Change a datastore; False when the result is what it was.

        size: how many list entries the edit is about; a long one holds nobody else up.
        cancellable: as of OneAtATime.run().

        test: one of TEST_OPTIONS.  running is validated whatever it says, the candidate only
        when it says so: "constraint enforcement is delayed until a <commit> or <validate>"
        (RFC 7950, section 8.3.3).  TEST_ONLY changes nothing.

        Raises errors.Error: the edit's own, the validation's, the engine's, or in-use when
        another session holds the lock.  Nothing has changed then.
        """
        if test == TEST_ONLY:
            await self.test(function, target=target, size=size)
            return False
        if target == CANDIDATE:
            return await self._one_at_a_time.run(
                lambda: self._edit_candidate(session_id, function, test, size)
            )
        if target == STARTUP:
            return await self._one_at_a_time.run(
                lambda: self._edit_startup(session_id, function, user, size)
            )
        return await self._one_at_a_time.run(
            lambda: self._edit_running(session_id, function, user, size), cancellable=cancellable
        )

    async def test(
        self, function: Edit, *, target: str = RUNNING, size: int = 0, pending: bool = False
    ) -> Sequence[Error]:
        """Whether an edit of running or the candidate could be made, and become running; raises as
        edit(), but for locks, which keep nobody from asking.

        pending: return a warning for each rule that would have to wait.
        """

        async def work() -> Sequence[Error]:
            before = await self.read(target)
            after = await beside(lambda: self.prepare(before, function(before)), size)
            await beside(lambda: validate(self.schema, self.running, after), size)
            return await self.rehearse(self.running, after, pending=pending)

        return await self._one_at_a_time.run(work)

    async def copy(
        self,
        source: str | Container,
        target: str,
        session_id: int = OUTSIDE_NETCONF,
        *,
        user: str | None = None,
        authorize: Authorize | None = None,
    ) -> None:
        """Make the target datastore what the source is: a datastore, or a whole tree.

        authorize: judges the change of the target, in the same transaction.
        Raises errors.Error: invalid-value when both are the same, in-use when running is to
        be saved and a confirmed commit is pending, otherwise as edit().
        """
        if source == target:
            raise Error(
                f"source and target are both the {target} datastore",
                error_type="protocol",
                tag="invalid-value",
                remedy="name two different ones",
            )

        async def work() -> None:
            self.locks.check(target, session_id)
            lock = self.locks.held.get(target)
            if source == RUNNING and target == STARTUP:
                self._confirmations.check_save()
            tree = source if isinstance(source, Container) else await self.read(source)
            if isinstance(source, Container):
                tree = self.prepare(self.running, tree)
            if authorize is not None:
                authorize(await self.read(target), tree)
            if target == RUNNING:
                await self._edit_running(session_id, lambda _: tree, user)
                if source == CANDIDATE:
                    self._candidate.discard()
            elif target == STARTUP:
                if tree is not self.running:
                    validate(self.schema, empty(self.schema), tree)
                await self._save(tree, session_id, user)
            elif self.locks.held.get(target) is lock:
                # Otherwise its session ended while startup was read: nothing is left of it.
                self._candidate.put(tree)

        await self._one_at_a_time.run(work)

    async def delete(
        self, target: str, session_id: int = OUTSIDE_NETCONF, *, user: str | None = None
    ) -> None:
        """Empty startup, the only datastore that can be deleted (RFC 6241, section 7.4)."""
        if target != STARTUP:
            raise Error(
                f"the {target} datastore cannot be deleted",
                error_type="protocol",
                tag="invalid-value",
            )

        async def work() -> None:
            self.locks.check(target, session_id)
            await self._save(empty(self.schema), session_id, user)

        await self._one_at_a_time.run(work)

    async def validate(self, source: str | Container) -> None:
        """Whether a datastore or a whole tree could be running; raises errors.Error.

        A tree that is valid in itself is also asked about where it is to be applied.
        """

        async def work() -> None:
            tree = source if isinstance(source, Container) else await self.read(source)
            validate(self.schema, self.running if source == CANDIDATE else empty(self.schema), tree)
            await self.rehearse(self.running, tree)

        await self._one_at_a_time.run(work)

    # --- the candidate (RFC 6241, sections 8.3 and 8.4)

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
        follows up.  authorize: judges the change.  Raises errors.Error as edit(), and then
        nothing has changed; in-use also when another session has locked the candidate, or has a
        confirmed commit pending.
        """

        await self._commits.commit(
            session_id,
            user=user,
            confirmation=confirmation,
            persist_id=persist_id,
            authorize=authorize,
        )

    async def cancel_commit(
        self, session_id: int, *, user: str | None = None, persist_id: str | None = None
    ) -> None:
        """Roll back the pending confirmed commit now; raises errors.Error."""
        await self._commits.cancel(session_id, user, persist_id)

    async def discard(self, session_id: int) -> None:
        """Make the candidate running again; raises in-use when another session locked it."""

        async def work() -> None:
            self.locks.check(CANDIDATE, session_id)
            self._candidate.discard()

        await self._one_at_a_time.run(work)

    # --- locks

    async def lock(self, datastore: str, session_id: int) -> None:
        """Lock a datastore for a session, when no transaction is under way any more.

        Raises lock-denied when it is locked, or running is another's until its commit is
        confirmed; in-use when the candidate is modified (RFC 6241, section 7.5, which has no
        tag of its own for that; lock-denied would have to name a session that holds it).
        """
        async with self._one_at_a_time:
            self.locks.check_free(datastore, session_id)
            if datastore == RUNNING:
                self._confirmations.check_lock(session_id)
            if datastore == CANDIDATE:
                self._candidate.check_unmodified()
            self.locks.lock(datastore, session_id)

    async def unlock(self, datastore: str, session_id: int) -> None:
        """Unlock it; raises operation-failed when the session does not hold it.

        What is not committed of the candidate is discarded (RFC 6241, section 8.3.5.2).
        """
        async with self._one_at_a_time:
            self.locks.unlock(datastore, session_id)
            if datastore == CANDIDATE:
                self._candidate.discard()

    def release(self, session_id: int) -> None:
        """The session has ended: its locks go at once, and with them what is not committed
        of a candidate that it had locked; its unconfirmed commit is rolled back."""
        candidate = self.locks.held.get(CANDIDATE)
        if candidate is not None and candidate.session_id == session_id:
            self._candidate.discard()
        self.locks.release(session_id)
        self._confirmations.session_ended(session_id)

    # --- transactions

    async def settle(self) -> None:
        """Wait until no transaction is under way: before the process ends."""
        await self._one_at_a_time.settle()

    async def _edit_running(
        self, session_id: int, function: Edit, user: str | None, size: int = 0
    ) -> bool:
        self.locks.check(RUNNING, session_id)
        self._confirmations.check_change(session_id)
        before = self.running
        after = await beside(lambda: self.prepare(before, function(before)), size)
        return await self._running.change(after, session_id, user)

    async def _edit_startup(
        self, session_id: int, function: Edit, user: str | None, size: int
    ) -> bool:
        self.locks.check(STARTUP, session_id)
        before = await self.read(STARTUP)
        after = await beside(lambda: self.prepare(before, function(before)), size)
        if before == after:
            return False
        validate(self.schema, empty(self.schema), after)
        self.locks.check(STARTUP, session_id)
        await self._save(after, session_id, user)
        return True

    async def _edit_candidate(
        self, session_id: int, function: Edit, test: str | None, size: int
    ) -> bool:
        self.locks.check(CANDIDATE, session_id)
        before, lock = self.candidate, self.locks.held.get(CANDIDATE)
        after = await beside(lambda: self.prepare(before, function(before)), size)
        if test == TEST_THEN_SET:
            await beside(lambda: validate(self.schema, self.running, after), size)
            await self.rehearse(self.running, after)
        if self.locks.held.get(CANDIDATE) is not lock:
            return False  # the session that held it ended meanwhile: nothing is left of its work
        return self._candidate.change(after)

    async def _save(self, tree: Container, session_id: int, user: str | None) -> None:
        await self._startup.save(tree)
        tell(self.listeners, Change(STARTUP, session_id, user))


async def _nothing(
    before: Container, after: Container, *, pending: bool = False
) -> Sequence[Error]:
    """Nothing beside the validation can refuse a change."""
    return ()
