"""When to announce the router to snooping switches: Multicast Router Discovery (RFC 4286)."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from ..errors import Error
from .addresses import Family
from .kernel import discovery as messages
from .router import Router

log = logging.getLogger("engine")

DEFAULT_INTERVAL = 20
"""AdvertisementInterval in seconds (section 3.1.1)."""

JITTER = 0.025
"""AdvertisementJitter, as a part of the interval (3.1.2)."""

MAX_INITIAL_INTERVAL = 2.0
MAX_INITIAL_ADVERTISEMENTS = 3
"""MaxInitialAdvertisementInterval and MaxInitialAdvertisements (3.1.3, 3.1.4)."""

RESPONSE_DELAY = 2.0
"""Seconds at the most until a solicitation is answered, and at the least between answers."""

_SOLICITATIONS_AT_ONCE = 64
"""Solicitations that are read in one turn of the loop."""


class Socket(Protocol):
    """What this module needs of kernel.discovery.DiscoverySocket."""

    def listen(self, ifindex: int, name: str) -> None: ...

    def ignore(self, ifindex: int) -> None: ...

    def send(self, ifindex: int, message: bytes) -> None: ...

    def receive(self) -> int | None: ...


def _random() -> float:
    """From 0 to 1, without the module `random`, which is slow to import."""
    return int.from_bytes(os.urandom(4), "big") / 2**32


class _Announced:
    """An interface that the router is announced on."""

    __slots__ = ("due", "initial", "last", "listens")

    def __init__(self, due: float, *, listens: bool) -> None:
        self.due = due
        self.last: float | None = None
        self.initial = MAX_INITIAL_ADVERTISEMENTS
        self.listens = listens


class Discovery:
    """Announces on every interface that has a VIF, is up, and has a phyint that says mrdisc.

    interval: seconds between two advertisements.  random: from 0 to 1.
    """

    def __init__(
        self,
        router: Router,
        sockets: Mapping[Family, Socket],
        interval: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = _random,
    ) -> None:
        self._router = router
        self._sockets = sockets
        self._interval = interval
        self._clock = clock
        self._random = random
        self._announced: dict[tuple[Family, int], _Announced] = {}

    @property
    def due(self) -> float | None:
        """When step() has something to do next, by the clock."""
        return min((state.due for state in self._announced.values()), default=None)

    def update(self) -> None:
        """Rules, VIFs or links may have changed: begin and end announcing."""
        interfaces = self._router.interfaces
        if not interfaces.mrdisc and not self._announced:
            return
        wanted = {
            (family, ifindex)
            for family in self._sockets
            for ifindex in self._router.forwarding[family].vifs.held()
            if interfaces.is_announced(ifindex)
        }
        for family, ifindex in self._announced.keys() - wanted:
            self._end(family, ifindex)
        for family, ifindex in wanted - self._announced.keys():
            self._begin(family, ifindex)

    def step(self) -> None:
        """Send what is due."""
        now = self._clock()
        for (family, ifindex), state in self._announced.items():
            if state.due > now:
                continue
            self._send(family, ifindex, messages.advertisement(family, self._interval))
            state.last = now
            state.initial = max(0, state.initial - 1)
            if state.initial:
                state.due = now + self._random() * MAX_INITIAL_INTERVAL
            else:
                spread = (2 * self._random() - 1) * JITTER
                state.due = now + self._interval * (1 + spread)

    def on_readable(self, family: Family) -> None:
        """Take the solicitations that wait; all of a while get one answer."""
        for _ in range(_SOLICITATIONS_AT_ONCE):
            try:
                ifindex = self._sockets[family].receive()
            except BlockingIOError:
                return
            except OSError as error:
                log.warning("a solicitation cannot be read: %s", error)
                return
            state = self._announced.get((family, ifindex or 0))
            if state is not None:
                answer = self._clock() + self._random() * RESPONSE_DELAY
                if state.last is not None:
                    answer = max(answer, state.last + RESPONSE_DELAY)
                state.due = min(state.due, answer)

    def stop(self) -> None:
        """The router routes no longer: say so everywhere."""
        for family, ifindex in list(self._announced):
            self._end(family, ifindex)

    def _begin(self, family: Family, ifindex: int) -> None:
        name = self._router.interfaces.by_index[ifindex].name
        listens = True
        try:
            self._sockets[family].listen(ifindex, name)
        except Error as error:
            log.warning("mrdisc: solicitations on %s are not heard: %s", name, error)
            listens = False
        due = self._clock() + self._random() * MAX_INITIAL_INTERVAL
        self._announced[family, ifindex] = _Announced(due, listens=listens)
        log.info("the router is announced on %s (%s)", name, family.name)

    def _end(self, family: Family, ifindex: int) -> None:
        state = self._announced.pop((family, ifindex))
        if ifindex in self._router.interfaces.by_index:
            self._send(family, ifindex, messages.termination(family))
        if state.listens:
            self._sockets[family].ignore(ifindex)

    def _send(self, family: Family, ifindex: int, message: bytes) -> None:
        try:
            self._sockets[family].send(ifindex, message)
        except OSError as error:  # it has just gone or down; a later one may pass
            log.debug("mrdisc on interface %d: %s", ifindex, error)
