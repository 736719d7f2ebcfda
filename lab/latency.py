"""How long a packet takes through the router, and how much of a burst arrives."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterable, Iterator

from .closing import Closing
from .host import Host
from .multicast import PORT, RECEIVE_BUFFER, SO_RCVBUFFORCE, family_of

NUMBER = struct.Struct("!8sQ")
MAGIC = b"mlabtime"
ETHERTYPES: dict[int, int] = {socket.AF_INET: 0x0800, socket.AF_INET6: 0x86DD}
HEADERS: dict[int, int] = {socket.AF_INET: 20 + 8, socket.AF_INET6: 40 + 8}
"""Octets of the IP header, without options, and the UDP header."""


def groups(first: str, count: int) -> Iterator[str]:
    """`count` IPv4 groups from `first` on."""
    start = int.from_bytes(socket.inet_aton(first), "big")
    return (socket.inet_ntoa((start + i).to_bytes(4, "big")) for i in range(count))


class Prober(Closing):
    """Sends from one host and looks at what arrives at another's interface.

    Both ends are sockets of the calling thread, so both times are taken by one clock.  The
    receiving end is a packet socket: it needs no join, so that thousands of groups can be used.
    """

    def __init__(self, sender: Host, source: str, receiver: Host, interface: str = "eth0") -> None:
        family = family_of(source)
        self._header = HEADERS[family]
        self._number = 0
        self._out = sender.socket(family, socket.SOCK_DGRAM)
        self._out.bind((source, 0))
        if family == socket.AF_INET:
            self._out.setsockopt(
                socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(source)
            )
            self._out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 8)
        else:
            index = sender.interface_index("eth0")
            self._out.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
            self._out.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 8)
        self._in = receiver.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        self._in.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
        self._in.bind((interface, ETHERTYPES[family]))

    def close(self) -> None:
        self._out.close()
        self._in.close()

    def delay(self, group: str, *, timeout: float = 1.0) -> float | None:
        """Seconds from before the sending of one packet until it is received, None if it is not."""
        self._number += 1
        payload = NUMBER.pack(MAGIC, self._number)
        destination = (group, PORT)
        self._in.settimeout(timeout)
        begin = time.monotonic_ns()
        self._out.sendto(payload, destination)
        try:
            while self._in.recv(2048)[self._header :] != payload:
                pass
        except TimeoutError:
            return None
        return (time.monotonic_ns() - begin) / 1e9

    def burst(self, group_list: Iterable[str], *, quiet: float = 1.0) -> int:
        """Send one packet to each group, without a pause; how many of them arrive.

        The counting ends when nothing has come for `quiet` seconds.
        """
        begin = self._number
        for group in group_list:
            self._number += 1
            self._out.sendto(NUMBER.pack(MAGIC, self._number), (group, PORT))
        arrived: set[int] = set()
        self._in.settimeout(quiet)
        try:
            while len(arrived) < self._number - begin:
                data = self._in.recv(2048)[self._header :]
                if len(data) == NUMBER.size and data.startswith(MAGIC):
                    arrived.add(NUMBER.unpack(data)[1])
        except TimeoutError:
            pass
        return len({number for number in arrived if number > begin})
