"""What the program of -e is to be run for: told to the supervisor, which runs it."""

from __future__ import annotations

import logging
from collections import deque

from ..channel import Channel, ChannelFull
from .addresses import Family, text
from .counters import Event
from .kernel.mroute import Upcall

MAX_SCRIPTS = 4096
"""Calls that wait until the supervisor is told of them; further ones are left out."""

log = logging.getLogger("engine")


class Scripts:
    """Routes that were learned and not told yet; none where there is no such program."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted
        self._waiting: deque[Event] = deque()
        self._left_out = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def learned(self, family: Family, upcall: Upcall) -> None:
        """A flow has got a route."""
        if not self._wanted:
            return
        if len(self._waiting) >= MAX_SCRIPTS:
            self._left_out += 1
            return
        source, group = (text(family, address) for address in upcall[2:])
        self._waiting.append({"event": "install", "source": source, "group": group})

    def tell(self, control: Channel) -> None:
        """Tell of one of them; raises ChannelClosed."""
        try:
            control.send({"script": self._waiting.popleft()})
        except ChannelFull:
            self._left_out += len(self._waiting) + 1
            self._waiting.clear()
        if self._left_out and not self._waiting:
            log.warning("%d scripts are not run: too many at once", self._left_out)
            self._left_out = 0
