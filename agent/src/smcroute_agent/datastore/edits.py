"""What becomes of each datastore when it is edited or copied: prepared, validated, changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from ..errors import Error
from ..yang.data import Container, empty
from ..yang.schema import Schema
from ..yang.validate import validate
from .beside import LARGE, beside
from .candidate import Candidate
from .confirmed import Confirmations
from .locks import LockTable
from .names import CANDIDATE, RUNNING, STARTUP, TEST_THEN_SET, Authorize, Edit, Prepare, Rehearse
from .running import Running
from .startup import Startup


class Edits:
    """Edits and copies; all of them are only to be called within a transaction.

    size: how many list entries the edit is about.
    """

    def __init__(
        self,
        schema: Schema,
        read: Callable[[str], Awaitable[Container]],
        locks: LockTable,
        confirmations: Confirmations,
        running: Running,
        candidate: Candidate,
        startup: Startup,
    ) -> None:
        self.prepare: Prepare = lambda before, after: after
        """What is done to every tree that comes in, before it is validated."""
        self.rehearse: Rehearse = _nothing
        """What is asked, after the validation, when a change of running is only tested."""
        self._schema = schema
        self._read = read
        self._locks = locks
        self._confirmations = confirmations
        self._running = running
        self._candidate = candidate
        self._startup = startup

    async def test(
        self, session_id: int, target: str, function: Edit, size: int, *, pending: bool
    ) -> Sequence[Error]:
        """As Datastores.test()."""
        if target == RUNNING:
            self._check_running(session_id)
        after = await self._edited(await self._read(target), function, size)
        await beside(lambda: validate(self._schema, self._running.tree, after), size)
        return await self.rehearse(self._running.tree, after, pending=pending)

    async def running(
        self,
        session_id: int,
        function: Edit,
        user: str | None,
        size: int = 0,
        *,
        valid: Container | None = None,
    ) -> bool:
        """Edit running; False when it is as it was.  valid: as in Running.change()."""
        self._check_running(session_id)
        after = await self._edited(self._running.tree, function, size)
        return await self._running.change(after, session_id, user, valid=valid)

    def _check_running(self, session_id: int) -> None:
        self._locks.check(RUNNING, session_id)
        self._confirmations.check_change(session_id)

    async def startup(self, session_id: int, function: Edit, user: str | None, size: int) -> bool:
        """Edit startup; False when it is as it was."""
        self._locks.check(STARTUP, session_id)
        before = await self._startup.load()
        after = await self._edited(before, function, size)
        if before == after:
            return False
        await self.whole(after)
        self._locks.check(STARTUP, session_id)
        await self._startup.save(after, session_id, user)
        return True

    async def candidate(self, session_id: int, function: Edit, test: str | None, size: int) -> bool:
        """Edit the candidate; False when it is as it was.  test: one of TEST_OPTIONS."""
        self._locks.check(CANDIDATE, session_id)
        lock = self._locks.held.get(CANDIDATE)
        after = await self._edited(self._candidate.tree, function, size)
        if test == TEST_THEN_SET:
            await beside(lambda: validate(self._schema, self._running.tree, after), size)
            await self.rehearse(self._running.tree, after)
        if self._locks.held.get(CANDIDATE) is not lock:
            return False  # the session that held it ended meanwhile: nothing is left of its work
        return self._candidate.change(after)

    async def whole(self, tree: Container, valid: Container | None = None) -> None:
        """Whether a tree is valid, of which at most `valid` is known to be; raises DataError.

        It may be of any size, and is looked at beside the event loop."""
        before = empty(self._schema) if valid is None else valid
        await beside(lambda: validate(self._schema, before, tree), LARGE)

    async def copy(
        self,
        source: str | Container,
        target: str,
        session_id: int,
        user: str | None,
        authorize: Authorize | None,
    ) -> None:
        """As Datastores.copy()."""
        self._locks.check(target, session_id)
        lock = self._locks.held.get(target)
        if source == RUNNING and target == STARTUP:
            self._confirmations.check_save()
        tree = source if isinstance(source, Container) else await self._read(source)
        if isinstance(source, Container):
            tree = self.prepare(self._running.tree, tree)
        if authorize is not None:
            authorize(await self._read(target), tree)
        if target == RUNNING:
            await self.running(session_id, lambda _: tree, user)
            if source == CANDIDATE:
                self._candidate.discard()
        elif target == STARTUP:
            if tree is not self._running.tree:
                await self.whole(tree)
            await self._startup.save(tree, session_id, user)
        elif self._locks.held.get(target) is lock:
            # Otherwise its session ended while startup was read: nothing is left of it.
            self._candidate.put(tree)

    async def _edited(self, before: Container, function: Edit, size: int) -> Container:
        return await beside(lambda: self.prepare(before, function(before)), size)


async def _nothing(
    before: Container, after: Container, *, pending: bool = False
) -> Sequence[Error]:
    """Nothing beside the validation can refuse a change."""
    return ()
