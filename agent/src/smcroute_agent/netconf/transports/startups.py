"""Connections whose users have not logged in yet: how many there may be, and which make way."""

from __future__ import annotations

import ipaddress
import itertools
from typing import Generic, TypeVar

Connection = TypeVar("Connection")


class Startups(Generic[Connection]):
    """At most `limit` connections.

    When there are so many, the next one takes the place of another of the network that has most
    of them, so that nobody is kept out by connections that never log in: whoever opens them in
    great numbers from one network pushes out its own, and those that are spread over many last as
    long as it takes to open `limit` others.  It is the one that has got least far, and the oldest
    of these: connections that say nothing, however many, push out none that logs in.  The latest,
    half of `limit`, are spared until they had the time for a first word.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._spared = max(1, limit // 2)
        self._networks: dict[str, dict[Connection, int]] = {}
        """How far each has got, in the order in which they came."""
        self._where: dict[Connection, str] = {}

    def __len__(self) -> int:
        return len(self._where)

    def add(self, connection: Connection, address: str | None) -> Connection | None:
        """One more; the connection that has to make way, if there are too many now."""
        network = network_of(address)
        self._where[connection] = network
        self._networks.setdefault(network, {})[connection] = 0
        if len(self._where) <= self._limit:
            return None
        most = max(self._networks, key=lambda name: len(self._networks[name]))
        of_network = self._networks[most]
        earlier = itertools.islice(of_network, max(1, len(of_network) - self._spared))
        least = min(earlier, key=of_network.__getitem__)
        self.remove(least)
        return least

    def progressed(self, connection: Connection) -> None:
        """It has taken a step; nothing is done when it is not among them."""
        network = self._where.get(connection)
        if network is not None:
            self._networks[network][connection] += 1

    def remove(self, connection: Connection) -> None:
        """It has logged in, or is gone; nothing is done when it is not among them."""
        network = self._where.pop(connection, None)
        if network is not None:
            others = self._networks[network]
            del others[connection]
            if not others:
                del self._networks[network]


def network_of(address: str | None) -> str:
    """What one host is given of addresses: an IPv4 address, or a /64 of IPv6."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
