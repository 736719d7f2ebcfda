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
        self._task: asyncio.Task[object] | None = None
        self.failed = 0
        """Transactions that an error has ended."""

    async def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run `work` as the only transaction.

        A caller that is cancelled while it waits for its turn has done nothing.  Once begun,
        a transaction runs to its end whatever becomes of the caller: the system and running
        never differ.
        """
        await self.acquire()

        async def transaction() -> T:
            try:
                return await work()
            except Error:
                self.failed += 1
                raise
            finally:
                self._task = None
                self.release()

        self._task = task = asyncio.get_running_loop().create_task(transaction())
        try:
            return await asyncio.shield(task)
        finally:
            # The traceback of what it raised would hold it, and it the traceback, and with it
            # the message that was being handled.
            del task

    async def settle(self) -> None:
        """Wait until no transaction is under way."""
        async with self:
            pass
