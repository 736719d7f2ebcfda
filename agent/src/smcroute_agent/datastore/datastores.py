"""The datastores and the only way to change them: one transaction at a time.

A transaction computes the new tree, validates it, has it applied, and only then lets it
become `running`; whatever fails on the way leaves everything as it was.  Trees are
immutable, so a reader may keep the one it got.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from ..errors import Error
from ..yang.data import Container, empty
from ..yang.diff import diff
from ..yang.schema import Schema
from ..yang.validate import validate
from .locks import LockTable

RUNNING = "running"
STARTUP = "startup"
DATASTORES = (RUNNING, STARTUP)

OUTSIDE_NETCONF = 0
"""The session-id of a program that is no NETCONF session (RFC 6241, appendix A, lock-denied)."""

Apply = Callable[[Container, Container], Awaitable[None]]
"""apply(before, after): makes the system what `after` says, or raises errors.Error and
leaves it as `before` says."""

Edit = Callable[[Container], Container]
"""The new tree from the old; raises errors.Error when the edit is not possible."""

T = TypeVar("T")

logger = logging.getLogger(__name__)


class StartupStore(Protocol):
    """Where the startup datastore lives."""

    async def load(self) -> Container:
        """What it holds now."""

    async def save(self, tree: Container) -> None:
        """Replace what it holds, all or nothing."""


@dataclass(frozen=True)
class Change:
    """What a listener hears: who changed a datastore from what to what.

    before is None where it is not known: startup may be a file that anybody edits.
    """

    datastore: str
    session_id: int
    user: str | None
    before: Container | None
    after: Container


Listener = Callable[[Change], None]


class Datastores:
    """running and startup of one schema, and their locks.

    session_id in all methods is the NETCONF session that asks, or OUTSIDE_NETCONF.
    """

    def __init__(self, schema: Schema, apply: Apply, startup: StartupStore) -> None:
        self.schema = schema
        self.running = empty(schema)
        self.locks = LockTable()
        self.listeners: list[Listener] = []
        self._apply = apply
        self._startup = startup
        self._one_at_a_time = asyncio.Lock()
        self._transaction: asyncio.Task[object] | None = None

    def adopt(self, tree: Container) -> None:
        """Take `tree` as running without applying it: the system is so already."""
        self.running = tree

    async def read(self, datastore: str) -> Container:
        """What a datastore holds now."""
        if datastore == RUNNING:
            return self.running
        if datastore == STARTUP:
            return await self._startup.load()
        raise ValueError(f"no datastore {datastore!r}")

    async def edit(self, session_id: int, function: Edit, *, user: str | None = None) -> bool:
        """Change running; False when the result is what it was, and nothing was applied.

        Raises errors.Error: the edit's own, the validation's, the engine's, or in-use when
        another session holds the lock.  Nothing has changed then.
        """
        return await self._one(lambda: self._edit_running(session_id, function, user))

    async def copy(
        self,
        source: str | Container,
        target: str,
        session_id: int = OUTSIDE_NETCONF,
        *,
        user: str | None = None,
    ) -> None:
        """Make the target datastore what the source is: a datastore, or a whole tree.

        Raises errors.Error: invalid-value when both are the same, otherwise as edit().
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
            tree = source if isinstance(source, Container) else await self.read(source)
            if target == RUNNING:
                await self._edit_running(session_id, lambda _: tree, user)
                return
            if tree is not self.running:
                validate(self.schema, empty(self.schema), tree)
            await self._save(tree, session_id, user)

        await self._one(work)

    async def delete(
        self, target: str, session_id: int = OUTSIDE_NETCONF, *, user: str | None = None
    ) -> None:
        """Empty a datastore other than running (RFC 6241, section 7.4)."""
        if target != STARTUP:
            raise Error(
                f"the {target} datastore cannot be deleted",
                error_type="protocol",
                tag="invalid-value",
            )

        async def work() -> None:
            self.locks.check(target, session_id)
            await self._save(empty(self.schema), session_id, user)

        await self._one(work)

    def lock(self, datastore: str, session_id: int) -> None:
        """Lock a datastore for a session; raises lock-denied."""
        self.locks.lock(datastore, session_id)

    def unlock(self, datastore: str, session_id: int) -> None:
        """Unlock it; raises operation-failed when the session does not hold it."""
        self.locks.unlock(datastore, session_id)

    def release(self, session_id: int) -> None:
        """The session has ended: its locks go at once."""
        self.locks.release(session_id)

    async def settle(self) -> None:
        """Wait until no transaction is under way: before the process ends."""
        async with self._one_at_a_time:
            pass

    async def _one(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run `work` as the only transaction.

        A caller that is cancelled while it waits for its turn has done nothing.  Once begun,
        a transaction runs to its end whatever becomes of the caller: the system and running
        never differ.
        """
        await self._one_at_a_time.acquire()

        async def transaction() -> T:
            try:
                return await work()
            finally:
                self._one_at_a_time.release()

        task = asyncio.get_running_loop().create_task(transaction())
        self._transaction = task
        return await asyncio.shield(task)

    async def _edit_running(self, session_id: int, function: Edit, user: str | None) -> bool:
        self.locks.check(RUNNING, session_id)
        before = self.running
        after = function(before)
        if after is before or not diff(before, after):
            return False
        validate(self.schema, before, after)
        await self._apply(before, after)
        self.running = after
        self._tell(Change(RUNNING, session_id, user, before, after))
        return True

    async def _save(self, tree: Container, session_id: int, user: str | None) -> None:
        await self._startup.save(tree)
        self._tell(Change(STARTUP, session_id, user, None, tree))

    def _tell(self, change: Change) -> None:
        for listener in self.listeners:
            try:
                listener(change)
            except Exception:
                logger.exception("a listener of the %s datastore failed", change.datastore)
