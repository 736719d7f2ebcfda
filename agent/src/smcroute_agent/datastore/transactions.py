"""One transaction at a time, each run to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ..errors import Error

T = TypeVar("T")


class OneAtATime(asyncio.Lock):
    """A lock that also runs transactions; who holds it as a lock must not await under it."""

    def __init__(self) -> None:
        super().__init__()
        self.failed = 0
        """Transactions that an error has ended."""

    async def run(
        self, work: Callable[[], Awaitable[T]], *, cancellable: bool = True, changes: bool = True
    ) -> T:
        """Run `work` as the only transaction.

        A caller that is cancelled while it waits for its turn has done nothing.  Once begun,
        a transaction runs to its end whatever becomes of the caller: the system and running
        never differ.  So it is a task of its own, unless the caller is not `cancellable` before
        the process ends: a task and its shield take as long as all else that asyncio does for
        a small edit.  One that `changes` nothing does not count as failed.
        """
        await self.acquire()
        if not cancellable:
            return await self._transaction(work, changes)
        task = asyncio.get_running_loop().create_task(self._transaction(work, changes))
        try:
            return await asyncio.shield(task)
        finally:
            # The traceback of what it raised would hold it, and it the traceback, and with it
            # the message that was being handled.
            del task

    async def _transaction(self, work: Callable[[], Awaitable[T]], changes: bool) -> T:
        try:
            return await work()
        except Error:
            self.failed += changes
            raise
        finally:
            self.release()

    async def settle(self) -> None:
        """Wait until no transaction is under way."""
        async with self:
            pass
