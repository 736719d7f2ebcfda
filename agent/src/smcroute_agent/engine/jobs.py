"""Work that changes the router's state: one piece at a time, each in small steps."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from ..errors import Error
from .reconcile import Refused
from .transaction import Abandoned

ORDERLY = (Error, OSError, Refused, Abandoned)
"""What may end a job.  Anything else is a fault of ours: the engine ends, and is started anew."""


class Job:
    """One piece of work; `error` is the exception that ended it, if one did."""

    def __init__(self, work: Iterator[object], abandon: Callable[[], None] | None = None) -> None:
        self._work = work
        self._abandon = abandon
        self.started = False
        self.done = False
        self.error: Exception | None = None

    def step(self) -> None:
        """Do the next bit of it."""
        self.started = True
        try:
            next(self._work)
        except StopIteration:
            self.done = True
        except ORDERLY as error:
            self.error = error.with_traceback(None)  # this frame, too, holds the job
            self.done = True

    def abandon(self) -> None:
        """Nobody waits for it any more: undo it, or do not begin."""
        if not self.started:
            self.done = True
        elif self._abandon is not None:
            self._abandon()


class JobQueue:
    """Jobs in the order in which they came."""

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, job: Job) -> Job:
        self._jobs.append(job)
        return job

    def step(self) -> Job | None:
        """Do the next bit of the first job; the job when it has ended with that."""
        job = self._jobs[0]
        if not job.done:
            job.step()
        if not job.done:
            return None
        self._jobs.popleft()
        return job
