"""The engine goes before all other processes as long as it does little.

A flow's first packet waits for the engine, and so would the engine for its turn on a busy
machine: among ordinary processes for milliseconds, whatever its nice value.  So it is a real-time
process (sched(7)), of the lowest priority.  That must not let anybody take the machine away who
can make it work: by a flood of flows, by large changes, by reading.  So it is one for a share of
the time at the most, and else an ordinary process with a low nice value.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable

from ..privileges import REAL_TIME

NICE = -10
"""The engine's nice value while it is an ordinary process."""

SHARE = 0.5
"""Of one processor's time, that it works as a real-time process at the most."""

BURST = 0.1
"""Seconds of such work that it may save up while it rests."""

Act = Callable[[], None]


def go_first() -> bool:
    """Go before all others, while the privilege for it is there; whether it is possible.

    Where it is not, as in a unit with RestrictRealtime=, first packets wait on a busy machine.
    """
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, NICE)
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(REAL_TIME))
    except OSError:
        return False
    return True


def step_back() -> None:
    """Be an ordinary process, which takes no privilege."""
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


class Precedence:
    """When this process, which goes first, is to step back, and to go first again.

    ask: has somebody let it go first who has the privilege.
    """

    def __init__(
        self, ask: Act, step_back: Act = step_back, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._step_back = step_back
        self._clock = clock
        self._seen = clock()
        self._left = BURST
        self._first = True

    def rested(self) -> None:
        """The process has waited for something until now."""
        self._account(0.0)

    def worked(self) -> None:
        """It has worked until now."""
        self._account(1.0 if self._first else 0.0)

    def _account(self, used: float) -> None:
        now = self._clock()
        self._left = min(BURST, self._left + (SHARE - used) * (now - self._seen))
        self._seen = now
        if self._first and self._left <= 0:
            self._first = False
            self._step_back()
        elif not self._first and self._left >= BURST / 2:
            self._first = True
            self._ask()
