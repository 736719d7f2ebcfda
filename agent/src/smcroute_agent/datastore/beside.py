"""Long work on trees is done in a thread: the event loop goes on, and with it other sessions.

Trees do not change, so a thread may read what others read too.  Transactions come one at a
time, so one thread is enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

LARGE = 500
"""List entries that differ, or are edited, from which on the work is long: 10 ms or so."""

_worker = ThreadPoolExecutor(1, "edit")


async def beside(work: Callable[[], T], size: int) -> T:
    """What `work` returns or raises; done at once when `size` entries are not many."""
    if size < LARGE:
        return work()
    return await asyncio.get_running_loop().run_in_executor(_worker, work)
