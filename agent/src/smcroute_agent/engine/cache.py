"""The forwarding cache as the engine has written it: entries, and the cap on those of traffic."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator

from .protocol import LEARNED, STOP

DEFAULT_LIMIT = 16384
"""Learned and stop entries together: smcrouted --cache-limit."""

_STEP = 512
"""Entries that are gone through in one step; upcalls are looked after between two."""


class Entry:
    """One (S,G) entry of the kernel.

    vif: where its packets come in.  legs: the TTL threshold of each VIF, 0 where nothing goes out.
    origin: STATIC, LEARNED or STOP.  arrival: the index of the interface that an upcall reported
    the flow on last, 0 when none did.  counted: its packets when they were last counted.
    since: when it was made or taken over, as time.monotonic() counts.  elsewhere: when the flow
    was last reported on another interface.
    """

    __slots__ = (
        "arrival",
        "counted",
        "elsewhere",
        "group",
        "legs",
        "origin",
        "since",
        "source",
        "vif",
    )

    def __init__(
        self, source: int, group: int, vif: int, legs: bytes, origin: str, arrival: int
    ) -> None:
        self.source = source
        self.group = group
        self.vif = vif
        self.legs = legs
        self.origin = origin
        self.arrival = arrival
        self.counted: int | None = None
        self.elsewhere = -math.inf
        self.since = time.monotonic()


class EntryStore:
    """The entries of one family, by group and source."""

    def __init__(self) -> None:
        self._groups: dict[int, dict[int, Entry]] = {}

    def find(self, source: int, group: int) -> Entry | None:
        sources = self._groups.get(group)
        return None if sources is None else sources.get(source)

    def put(self, entry: Entry) -> None:
        sources = self._groups.get(entry.group)
        if sources is None:
            self._groups[entry.group] = {entry.source: entry}
        else:
            sources[entry.source] = entry

    def drop(self, entry: Entry) -> None:
        sources = self._groups[entry.group]
        del sources[entry.source]
        if not sources:
            del self._groups[entry.group]

    def of_group(self, group: int) -> list[Entry]:
        """The entries of one group."""
        return list(self._groups.get(group, {}).values())

    def size_of_group(self, group: int) -> int:
        return len(self._groups.get(group, ()))

    def scan(self) -> Iterator[list[Entry]]:
        """All entries, some hundred a step; those that come meanwhile may be missing."""
        batch: list[Entry] = []
        for group in list(self._groups):
            batch += self._groups.get(group, {}).values()
            if len(batch) >= _STEP:
                for start in range(0, len(batch), _STEP):
                    yield batch[start : start + _STEP]
                batch = []
        yield batch

    def is_empty(self) -> bool:
        return not self._groups


class TrafficCache:
    """Bounds the entries that traffic makes, learned and stop, over both families.

    Traffic is anybody's: without a bound a flood of flows would fill the kernel's memory.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self.limit = limit
        self._learned = 0
        self._stops: OrderedDict[Entry, Callable[[Entry], None]] = OrderedDict()

    def __len__(self) -> int:
        return self._learned + len(self._stops)

    def has_room(self) -> bool:
        """Whether one more entry may be made; the oldest stop entry is ended when it must."""
        if len(self) < self.limit:
            return True
        if not self._stops:
            return False
        entry, end = next(iter(self._stops.items()))
        end(entry)
        return True

    def change(
        self, entry: Entry, before: str | None, after: str | None, end: Callable[[Entry], None]
    ) -> None:
        """Note an entry's change of origin; None is before its making and after its end.

        end: takes the entry out of the kernel and out of this cache.
        """
        if before == after:
            return
        if before == LEARNED:
            self._learned -= 1
        elif before == STOP:
            del self._stops[entry]
        if after == LEARNED:
            self._learned += 1
        elif after == STOP:
            self._stops[entry] = end
