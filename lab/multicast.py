"""Senders of numbered multicast packets and receivers that count them.

A packet's payload is MAGIC, a run's random mark, and a sequence number, so that nothing
but this run's own packets is counted and a packet that comes twice shows.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import struct
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from .closing import Closing
from .host import Host
from .wait import wait_for

PORT = 5000
PAYLOAD = struct.Struct("!4s8sQ")
MAGIC = b"mlab"
DEFAULT_TTL = 8
RECEIVE_BUFFER = 64 * 1024 * 1024

IP_MULTICAST_ALL = 49  # linux/in.h
IPV6_MULTICAST_ALL = 29  # linux/in6.h
MCAST_JOIN_GROUP = 42  # linux/in.h, the same number for both families
MCAST_LEAVE_GROUP = 45
MCAST_JOIN_SOURCE_GROUP = 46
MCAST_LEAVE_SOURCE_GROUP = 47
IP_PKTINFO = 8
IP_RECVTTL = 12
SO_RCVBUFFORCE = 33


class Flow(NamedTuple):
    """What a multicast route is about: who sends to which group."""

    source: str
    group: str


class Arrivals(NamedTuple):
    """What a receiver has of one flow."""

    packets: int
    """Different packets."""
    duplicates: int
    missing: tuple[int, ...]
    """Sequence numbers below the greatest one that did not come."""
    ttl: int
    """TTL, or hop limit, of the last packet."""


NOTHING = Arrivals(0, 0, (), 0)


def family_of(address: str) -> int:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def sockaddr_storage(address: str, port: int = 0) -> bytes:
    """struct sockaddr_storage, as the protocol-independent join calls want it (RFC 3678)."""
    packed = ipaddress.ip_address(address).packed
    if family_of(address) == socket.AF_INET:
        data = struct.pack("=HH4s", socket.AF_INET, socket.htons(port), packed)
    else:
        data = struct.pack("=HHI16sI", socket.AF_INET6, socket.htons(port), 0, packed, 0)
    return data.ljust(128, b"\0")


class Sender(Closing):
    """Sends numbered packets of any flow from one interface of a host."""

    def __init__(self, host: Host, interface: str = "eth0") -> None:
        self._host = host
        self._index = host.interface_index(interface)
        self._sockets: dict[str, socket.socket] = {}
        self._next: dict[Flow, int] = {}
        self.mark = os.urandom(8)

    def close(self) -> None:
        for sock in self._sockets.values():
            sock.close()
        self._sockets.clear()

    def sent(self, source: str, group: str) -> int:
        """Packets of a flow that were sent until now."""
        return self._next.get(Flow(source, group), 0)

    def send(
        self,
        source: str,
        group: str,
        count: int = 1,
        *,
        ttl: int = DEFAULT_TTL,
        rate: float | None = None,
        until: Callable[[], bool] | None = None,
    ) -> int:
        """Send `count` packets, at `rate` a second if given, or until `until` is true.

        The source must be an address of the host.  Returns how many were sent.
        """
        flow = Flow(source, group)
        sock = self._socket(source, ttl)
        start = time.monotonic()
        first = number = self._next.get(flow, 0)
        while number < first + count and not (until and until()):
            if rate:
                delay = start + (number - first) / rate - time.monotonic()
                if delay > 0:
                    time.sleep(delay)
            sock.sendto(PAYLOAD.pack(MAGIC, self.mark, number), (group, PORT))
            number += 1
            self._next[flow] = number
        return number - first

    def _socket(self, source: str, ttl: int) -> socket.socket:
        sock = self._sockets.get(source)
        family = family_of(source)
        if sock is None:
            sock = self._sockets[source] = self._host.socket(family, socket.SOCK_DGRAM)
            sock.bind((source, 0))
            if family == socket.AF_INET:
                request = struct.pack("=4s4si", b"", socket.inet_aton(source), self._index)
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, request)
            else:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, self._index)
        if family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, ttl)
        else:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, ttl)
        return sock


class _Tally:
    """The sequence numbers of one flow at one receiver."""

    def __init__(self) -> None:
        self.numbers: set[int] = set()
        self.duplicates = 0
        self.ttl = 0

    def arrivals(self) -> Arrivals:
        missing = sorted(set(range(max(self.numbers) + 1)) - self.numbers)
        return Arrivals(len(self.numbers), self.duplicates, tuple(missing), self.ttl)


class Receiver(Closing):
    """Ordinary UDP sockets that join groups on one interface and count what comes.

    The kernel's socket buffer holds the packets until somebody asks (64 MB: some 80 000).
    """

    def __init__(self, host: Host, sender: Sender, interface: str = "eth0") -> None:
        self._mark = sender.mark
        self._index = host.interface_index(interface)
        self._tallies: dict[Flow, _Tally] = {}
        self._sockets: dict[int, socket.socket] = {}
        try:
            for family in (socket.AF_INET, socket.AF_INET6):
                self._sockets[family] = _receiving_socket(host, family)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        for sock in self._sockets.values():
            sock.close()
        self._sockets.clear()

    def join(self, group: str, source: str | None = None) -> None:
        """Join a group, from any source or from one only; it is in force on return."""
        self._membership(group, source, MCAST_JOIN_GROUP, MCAST_JOIN_SOURCE_GROUP)

    def leave(self, group: str, source: str | None = None) -> None:
        self._membership(group, source, MCAST_LEAVE_GROUP, MCAST_LEAVE_SOURCE_GROUP)

    def _membership(self, group: str, source: str | None, any_source: int, one: int) -> None:
        family = family_of(group)
        level = socket.IPPROTO_IP if family == socket.AF_INET else socket.IPPROTO_IPV6
        # struct group_req and group_source_req: the addresses are aligned to 8 octets.
        request = struct.pack("=I4x", self._index) + sockaddr_storage(group)
        if source is None:
            self._sockets[family].setsockopt(level, any_source, request)
        else:
            self._sockets[family].setsockopt(level, one, request + sockaddr_storage(source))

    def arrivals(self, source: str, group: str) -> Arrivals:
        """What has come of a flow until now."""
        self._drain()
        tally = self._tallies.get(Flow(source, group))
        return tally.arrivals() if tally else NOTHING

    def packets(self, source: str, group: str) -> int:
        return self.arrivals(source, group).packets

    def flows(self) -> dict[Flow, Arrivals]:
        """All flows of which something has come."""
        self._drain()
        return {flow: tally.arrivals() for flow, tally in self._tallies.items()}

    def wait(self, source: str, group: str, packets: int, *, timeout: float = 10) -> Arrivals:
        """Wait until so many different packets of a flow have come."""
        wait_for(
            lambda: self.packets(source, group) >= packets,
            lambda: f"{packets} packets of ({source},{group}); here is {self.flows()}",
            timeout=timeout,
        )
        return self.arrivals(source, group)

    def _drain(self) -> None:
        for family, sock in self._sockets.items():
            with contextlib.suppress(BlockingIOError):
                while True:
                    data, control, _, sender = sock.recvmsg(PAYLOAD.size + 1, 256)
                    self._count(data, sender[0], *_group_and_ttl(family, control))

    def _count(self, data: bytes, source: str, group: str, ttl: int) -> None:
        if len(data) != PAYLOAD.size:
            return
        magic, mark, number = PAYLOAD.unpack(data)
        if magic != MAGIC or mark != self._mark:
            return
        tally = self._tallies.setdefault(Flow(source, group), _Tally())
        tally.duplicates += number in tally.numbers
        tally.numbers.add(number)
        tally.ttl = ttl


def _receiving_socket(host: Host, family: int) -> socket.socket:
    sock = host.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET:
        level, options = socket.IPPROTO_IP, {IP_MULTICAST_ALL: 0, IP_PKTINFO: 1, IP_RECVTTL: 1}
    else:
        level = socket.IPPROTO_IPV6
        options = {
            IPV6_MULTICAST_ALL: 0,
            socket.IPV6_RECVPKTINFO: 1,
            socket.IPV6_RECVHOPLIMIT: 1,
            socket.IPV6_V6ONLY: 1,
        }
    for name, value in options.items():
        sock.setsockopt(level, name, value)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
    sock.setblocking(False)
    sock.bind(("", PORT))
    return sock


def _group_and_ttl(family: int, control: Iterable[tuple[int, int, bytes]]) -> tuple[str, int]:
    """The address that a packet was sent to, and the TTL it arrived with (ip(7), ipv6(7))."""
    group, ttl = "", 0
    for _, kind, data in control:
        if family == socket.AF_INET and kind == IP_PKTINFO:
            group = socket.inet_ntop(family, data[8:12])
        elif family == socket.AF_INET6 and kind == socket.IPV6_PKTINFO:
            group = socket.inet_ntop(family, data[:16])
        elif kind == (socket.IP_TTL if family == socket.AF_INET else socket.IPV6_HOPLIMIT):
            ttl = struct.unpack("=i", data)[0]
    return group, ttl
