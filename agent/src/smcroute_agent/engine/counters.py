"""What the engine counts, what it tells, and how it keeps its log short."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .protocol import COUNTER_NAMES

Event = dict[str, Any]
Emit = Callable[[Event], None]


class Counters:
    """Counted since the engine was started; the names are those of the protocol."""

    def __init__(self) -> None:
        self.values: dict[str, int] = dict.fromkeys(COUNTER_NAMES, 0)

    def count(self, name: str) -> None:
        self.values[name] += 1


class RateLimit:
    """Lets one thing through in so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0.0

    def __call__(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True
