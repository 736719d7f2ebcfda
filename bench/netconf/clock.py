"""Taking the time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def milliseconds(work: Callable[[], T]) -> tuple[float, T]:
    """How long some work took, and what it returned."""
    begin = time.perf_counter()
    result = work()
    return (time.perf_counter() - begin) * 1000, result
