"""Waiting for a condition, with a bound."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class WaitTimeout(AssertionError):
    """A condition did not come true in time."""


def wait_for(
    condition: Callable[[], Result],
    what: str | Callable[[], str],
    *,
    timeout: float = 10.0,
    interval: float = 0.005,
) -> Result:
    """The first true value that `condition` returns, asked every `interval` seconds.

    Raises WaitTimeout after `timeout` seconds; it says `what` was waited for, where a
    function is asked only then.
    """
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() >= deadline:
            text = what() if callable(what) else what
            raise WaitTimeout(f"waited {timeout:g} s in vain: {text} (last seen: {result!r})")
        time.sleep(interval)
