"""From rules and arriving flows to the kernel's forwarding cache, for one family.

What an entry should be follows from the rules and from the interface that the flow was last seen
on (demand.py); `refresh` compares it with what the kernel holds and writes the difference.  Every
change goes that way: edits of rules, links that come and go, upcalls (traffic.py), expiry.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator
from typing import Protocol, TypeVar

from .addresses import Family
from .cache import Entry, EntryStore, TrafficCache
from .demand import Demand, Wanted
from .interfaces import Interfaces
from .kernel.refusals import WRITE_ENTRY, explain
from .matching import Flow
from .protocol import STATIC, STOP
from .vifs import VifTable

log = logging.getLogger("engine")

STEP = 32
"""Entries that are refreshed between two looks at the upcalls: about half a millisecond."""

_T = TypeVar("_T")


def in_steps(items: list[_T]) -> Iterator[list[_T]]:
    """Entries or flows, as many at a time as are refreshed in one step."""
    for start in range(0, len(items), STEP):
        yield items[start : start + STEP]


class Kernel(Protocol):
    """What this module needs of kernel.mroute.MulticastRouting."""

    def write_entry(self, source: int, group: int, vif: int, legs: bytes) -> None: ...

    def delete_entry(self, source: int, group: int) -> None: ...

    def packets(self, source: int, group: int) -> int: ...


class Forwarding:
    """The VIFs and entries of one family."""

    def __init__(
        self, family: Family, kernel: Kernel, interfaces: Interfaces, cache: TrafficCache
    ) -> None:
        self.family = family
        self.vifs = VifTable()
        self.demand = Demand(family, interfaces, self.vifs)
        self.entries = EntryStore()
        self.refused: dict[Flow, str] = {}
        """Flows whose entry the kernel refused while nobody waited for an answer."""
        self._kernel = kernel
        self._cache = cache

    def refresh(self, source: int, group: int) -> None:
        """Make the kernel's entry of a flow what it should be.

        Raises EngineError when the kernel refuses; the entry then is as it was.
        """
        if self.refused:
            self.refused.pop((source, group), None)
        entry = self.entries.find(source, group)
        if entry is None:
            wanted = self.demand.wanted(source, group, 0)
            if wanted is not None:
                self.install(source, group, wanted, 0)
            return
        if entry.arrival and self.vifs.number(entry.arrival) is None:
            entry.arrival = 0
        wanted = self.demand.wanted(source, group, entry.arrival)
        if wanted is None and entry.origin == STATIC:
            wanted = self._handed_over(entry)
        if wanted is None:
            self.end(entry)
        else:
            self.rewrite(entry, wanted)

    def _handed_over(self, entry: Entry) -> Wanted | None:
        """What becomes of an entry whose static rules have gone: a template may go on serving
        its flow without a gap, if there is one."""
        arrival = self.vifs.holder(entry.vif) or 0
        wanted = self.demand.wanted(entry.source, entry.group, arrival)
        if (
            wanted is None
            or wanted.origin == STOP
            or not self.packets(entry)
            or not self._cache.has_room()
        ):
            return None
        entry.arrival = arrival
        return wanted

    def packets(self, entry: Entry) -> int:
        """How many packets of an entry have come in where they should."""
        return self._kernel.packets(entry.source, entry.group)

    def restore(self, entry: Entry) -> None:
        """Write an entry again that somebody else has taken out of the kernel."""
        self._kernel.write_entry(entry.source, entry.group, entry.vif, entry.legs)

    def adopt(self, entry: Entry) -> None:
        """Take note of an entry that the kernel holds already; settle() makes it what it should
        be.  Until then its origin says nothing."""
        self.entries.put(entry)

    def settle(self, entry: Entry) -> None:
        """Give an adopted entry its origin, and make it what it should be.

        Raises EngineError when the kernel refuses.
        """
        arrival = entry.arrival
        if self.demand.static_input(entry.source, entry.group) == arrival:
            entry.arrival = 0  # a rule explains the entry, with or without traffic
        if self.vifs.number(arrival) is None:
            entry.arrival = 0
        wanted = self.demand.wanted(entry.source, entry.group, entry.arrival)
        is_new = entry.origin == STATIC and wanted is not None and wanted.origin != STATIC
        if wanted is None or (is_new and not self._cache.has_room()):
            self.end(entry)
        else:
            self.rewrite(entry, wanted)

    def end(self, entry: Entry) -> None:
        """Take an entry out of the kernel."""
        try:
            self._kernel.delete_entry(entry.source, entry.group)
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise explain(WRITE_ENTRY, error) from None
        self.entries.drop(entry)
        self._cache.change(entry, entry.origin, None, self.end)

    def give_up(self, source: int, group: int, reason: str) -> None:
        """Note that a flow's entry cannot be made what it should be, and end it.

        What it says may name VIFs that are about to be others'; the next packet asks anew.
        """
        self.refused[source, group] = reason
        entry = self.entries.find(source, group)
        if entry is not None:
            self.end(entry)

    def forget(self, entry: Entry) -> None:
        """End what traffic has made of an entry; a static rule takes over where there is one."""
        entry.arrival = 0
        if (
            entry.origin == STATIC
            or self.demand.static_input(entry.source, entry.group) is not None
        ):
            self.refresh(entry.source, entry.group)
        else:
            self.end(entry)

    def install(self, source: int, group: int, wanted: Wanted, arrival: int) -> Entry:
        """Make a new entry.  Raises EngineError when the kernel refuses."""
        self._write(source, group, wanted)
        entry = Entry(source, group, wanted.vif, wanted.legs, wanted.origin, arrival)
        self.entries.put(entry)
        self._cache.change(entry, None, wanted.origin, self.end)
        return entry

    def rewrite(self, entry: Entry, wanted: Wanted) -> None:
        """Make an entry what is wanted.  Raises EngineError when the kernel refuses."""
        if entry.vif != wanted.vif or entry.legs != wanted.legs:
            self._write(entry.source, entry.group, wanted)
            entry.vif = wanted.vif
            entry.legs = wanted.legs
        if entry.origin != wanted.origin:
            self._cache.change(entry, entry.origin, wanted.origin, self.end)
            entry.origin = wanted.origin

    def _write(self, source: int, group: int, wanted: Wanted) -> None:
        try:
            self._kernel.write_entry(source, group, wanted.vif, wanted.legs)
        except OSError as error:
            raise explain(WRITE_ENTRY, error) from None
        if self.refused:
            self.refused.pop((source, group), None)
