"""Work that goes on beside what the body of a `with` does."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

Work = Callable[[threading.Event], object]
"""What a thread does; it ends soon after the event is set."""


@contextlib.contextmanager
def meanwhile(work: Work, *, threads: int = 1) -> Iterator[None]:
    """Do some work in as many threads until the body ends, and wait for its end.

    Raises what the work has raised, unless the body has raised something itself.
    """
    over = threading.Event()
    with ThreadPoolExecutor(threads, thread_name_prefix="meanwhile") as pool:
        doing = [pool.submit(work, over) for _ in range(threads)]
        try:
            yield
        finally:
            over.set()
    for done in doing:
        done.result()
