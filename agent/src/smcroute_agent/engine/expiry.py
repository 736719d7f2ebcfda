"""Ending the entries of flows that have gone silent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from ..errors import EngineError
from .cache import Entry
from .forwarding import Forwarding, in_steps
from .kernel.netlink import KernelEntry
from .protocol import STATIC
from .router import Router

log = logging.getLogger("engine")


def expire(router: Router) -> Iterator[None]:
    """End the learned and stop entries whose packets did not change since the last call.

    Counters come from one dump of the kernel's table, a datagram a step; a flow that the dump
    misses keeps its entry.  Packets on a wrong interface do not keep an entry alive, so that a
    flow that has moved is learned anew.
    """
    for family, forwarding in router.forwarding.items():
        if forwarding.entries.is_empty():
            continue
        # Ended when the dump is: the kernel goes on with it by position (mr_table_dump), and
        # would leave out one entry for each that is taken out before.
        silent: list[Entry] = []
        for entries in router.kernels[family].dump():
            for some in in_steps(entries):
                silent += [entry for found in some if (entry := _silent(forwarding, found))]
                yield
        yield from _end(forwarding, silent, router.traffic[family].expire)


def flush(router: Router) -> Iterator[None]:
    """End all learned and stop entries at once."""
    for forwarding in router.forwarding.values():
        for entries in forwarding.entries.scan():
            yield from _end(forwarding, entries, forwarding.forget)


def _silent(forwarding: Forwarding, counted: KernelEntry) -> Entry | None:
    """The entry that has been counted, if no packet has come since it was counted last."""
    entry = forwarding.entries.find(counted.source, counted.group)
    if entry is None or entry.origin == STATIC:
        return None
    packets = counted.packets - counted.wrong_interface
    if entry.counted == packets:
        return entry
    entry.counted = packets
    return None


def _end(
    forwarding: Forwarding, entries: list[Entry], how: Callable[[Entry], None]
) -> Iterator[None]:
    """End those that still are what traffic has made, in steps."""
    for some in in_steps(entries):
        for entry in some:
            held = forwarding.entries.find(entry.source, entry.group)
            if held is entry and entry.origin != STATIC:
                try:
                    how(entry)
                except EngineError as error:
                    log.error("%s", error)
        yield
