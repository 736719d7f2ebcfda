"""Which entries a change concerns: flows, some a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from .addresses import mask
from .cache import Entry
from .forwarding import STEP, Forwarding, in_steps
from .matching import Flow, Route, RouteIndex

_LARGE_GROUP = 1024
"""Flows of a group beyond which all flows are gone through instead, some a step."""


def by_routes(forwarding: Forwarding, routes: Iterable[Route]) -> Iterator[list[Flow]]:
    """The flows whose entry may follow from one of the routes, some a step."""
    scan = RouteIndex(forwarding.family)
    must_scan = False
    batch: list[Flow] = []
    for done, route in enumerate(routes, 1):
        if route.is_static:
            batch.append((route.source, route.group))
        elif (
            route.lengths[1] == forwarding.family.bits
            and forwarding.entries.size_of_group(route.group) <= _LARGE_GROUP
        ):
            source_mask = mask(forwarding.family, route.lengths[0])
            batch += [
                (entry.source, entry.group)
                for entry in forwarding.entries.of_group(route.group)
                if entry.source & source_mask == route.source
            ]
        else:
            scan.add(route)
            must_scan = True
        if len(batch) >= STEP or done % STEP == 0:
            yield from in_steps(batch) if batch else ([],)
            batch = []
    yield batch
    if must_scan:
        yield from _select(forwarding, lambda entry: scan.covers(entry.source, entry.group))


def waiting(forwarding: Forwarding) -> Iterator[list[Flow]]:
    """The flows whose entry the kernel has refused."""
    yield from in_steps(list(forwarding.refused))


def by_interfaces(forwarding: Forwarding, ifindexes: Iterable[int]) -> Iterator[list[Flow]]:
    """The flows whose entry comes in or goes out on an interface that holds a VIF."""
    held = forwarding.vifs.held()
    numbers = frozenset(held[ifindex] for ifindex in ifindexes if ifindex in held)
    if numbers:
        yield from _select(
            forwarding,
            lambda entry: entry.vif in numbers or any(entry.legs[vif] for vif in numbers),
        )


def _select(forwarding: Forwarding, concerned: Callable[[Entry], bool]) -> Iterator[list[Flow]]:
    for entries in forwarding.entries.scan():
        flows = [(entry.source, entry.group) for entry in entries if concerned(entry)]
        yield from in_steps(flows)
        yield []
