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
from .candidate import Candidate
from .commits import Commits
from .edits import Edits
from .events import OUTSIDE_NETCONF
from .locks import LockTable
from .names import (
    CANDIDATE,
    RUNNING,
    STARTUP,
    TEST_ONLY,
    Apply,
    Authorize,
    Edit,
    StartupStore,
)
from .pending import Pending, PendingStore, ProcessMemory
from .running import Running
from .startup import Startup
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
        self._one_at_a_time = OneAtATime()
        self._running = Running(schema, apply)
        self._candidate = Candidate(self._running)
        self._startup = Startup(startup, self._running.listeners)
        self.listeners = self._running.listeners
        """Hear of every change of running and startup."""
        self.commits = Commits(
            schema,
            self._running,
            self._candidate,
            self.locks,
            self._one_at_a_time,
            pending or ProcessMemory(),
        )
        self._confirmations = self.commits.confirmations
        self.edits = Edits(
            schema,
            self.read,
            self.locks,
            self._confirmations,
            self._running,
            self._candidate,
            self._startup,
        )

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

    async def begin(self, tree: Container, valid: Container | None = None) -> None:
        """Apply `tree` as the first running of a system that starts; raises as edit().

        valid: what of the tree is known to be valid by itself; only the rest is looked at.
        """
        await self._confirmations.forget()
        await self._one_at_a_time.run(
            lambda: self.edits.running(OUTSIDE_NETCONF, lambda _: tree, None, valid=valid)
        )

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
            await self.test(session_id, function, target=target, size=size)
            return False
        if target == CANDIDATE:
            return await self._one_at_a_time.run(
                lambda: self.edits.candidate(session_id, function, test, size)
            )
        if target == STARTUP:
            return await self._one_at_a_time.run(
                lambda: self.edits.startup(session_id, function, user, size)
            )
        return await self._one_at_a_time.run(
            lambda: self.edits.running(session_id, function, user, size), cancellable=cancellable
        )

    async def test(
        self,
        session_id: int,
        function: Edit,
        *,
        target: str = RUNNING,
        size: int = 0,
        pending: bool = False,
    ) -> Sequence[Error]:
        """Whether an edit of running or the candidate could be made, and become running; raises as
        edit(), but that a lock of the candidate keeps nobody from asking.

        pending: return a warning for each rule that would have to wait.
        """
        return await self._one_at_a_time.run(
            lambda: self.edits.test(session_id, target, function, size, pending=pending),
            changes=False,
        )

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

        await self._one_at_a_time.run(
            lambda: self.edits.copy(source, target, session_id, user, authorize)
        )

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
            await self._startup.save(empty(self.schema), session_id, user)

        await self._one_at_a_time.run(work)

    async def validate(self, source: str | Container) -> None:
        """Whether a datastore or a whole tree could be running; raises errors.Error.

        A tree that is valid in itself is also asked about where it is to be applied.
        """

        async def work() -> None:
            tree = source if isinstance(source, Container) else await self.read(source)
            await self.edits.whole(tree, self.running if source == CANDIDATE else None)
            await self.edits.rehearse(self.running, tree)

        await self._one_at_a_time.run(work, changes=False)

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
