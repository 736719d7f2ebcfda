"""What smcrouted waits for: descriptors that become readable, and a time."""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable
from typing import Any

React = Callable[[], None]


class Watch:
    """Calls back when a descriptor is readable; a thing is a number, or has a fileno()."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def add(self, thing: Any, react: React) -> None:
        """Call `react` whenever the thing is readable, until it is removed."""
        self._selector.register(thing, selectors.EVENT_READ, react)

    def remove(self, thing: Any) -> None:
        """Forget the thing, before it is closed; one that is not watched is no error."""
        try:
            self._selector.unregister(thing)
        except (KeyError, ValueError):
            return

    def turn(self, until: float | None) -> None:
        """Wait for news until then (of time.monotonic; None: for ever), and react to them."""
        wait = None if until is None else max(0.0, until - time.monotonic())
        registered = self._selector.get_map()
        for key, _ in self._selector.select(wait):
            # What came before may have closed it.
            if registered.get(key.fd) is key:
                key.data()
