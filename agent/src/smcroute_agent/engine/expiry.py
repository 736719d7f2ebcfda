"""Ending the entries of flows that have gone silent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from ..errors import EngineError
from .cache import Entry
from .forwarding import STEP, Forwarding
from .kernel.netlink import KernelEntry
from .protocol import STATIC
from .router import Router
from .traffic import Traffic

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
        for entries in router.kernels[family].dump():
            for start in range(0, len(entries), STEP):
                for entry in entries[start : start + STEP]:
                    _expire(forwarding, router.traffic[family], entry)
                yield


def flush(router: Router) -> Iterator[None]:
    """End all learned and stop entries at once."""
    for forwarding in router.forwarding.values():
        for entries in forwarding.entries.scan():
            for start in range(0, len(entries), STEP):
                for entry in entries[start : start + STEP]:
                    held = forwarding.entries.find(entry.source, entry.group)
                    if held is entry and entry.origin != STATIC:
                        _end(forwarding.forget, entry)
                yield


def _expire(forwarding: Forwarding, traffic: Traffic, counted: KernelEntry) -> None:
    entry = forwarding.entries.find(counted.source, counted.group)
    if entry is None or entry.origin == STATIC:
        return
    packets = counted.packets - counted.wrong_interface
    if entry.counted == packets:
        _end(traffic.expire, entry)
    else:
        entry.counted = packets


def _end(how: Callable[[Entry], None], entry: Entry) -> None:
    try:
        how(entry)
    except EngineError as error:
        log.error("%s", error)
