"""Messages of Multicast Router Discovery (RFC 4286), and the sockets that carry them."""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping
from typing import NamedTuple

from ..addresses import IPV4, IPV6, Family
from . import filters
from .membership import Membership, MembershipSockets


class _Messages(NamedTuple):
    """What differs between the families (RFC 4286, sections 3.2, 4.1 and 5.1)."""

    advertisement: int
    solicitation: int
    termination: int
    all_snoopers: int
    all_routers: int


_MESSAGES: Mapping[Family, _Messages] = {
    IPV4: _Messages(0x30, 0x31, 0x32, 0xE000006A, 0xE0000002),
    IPV6: _Messages(151, 152, 153, (0xFF02 << 112) | 0x6A, (0xFF02 << 112) | 2),
}

_ADVERTISEMENT = struct.Struct("!BBHHH")
_OTHER = struct.Struct("!BBH")
_IN_PKTINFO = struct.Struct("=I4s4s")
_IN6_PKTINFO = struct.Struct("=16sI")

_IP_PKTINFO, _ICMP6_FILTER = 8, 1
_IPV6_HOPOPTS = 54

_ROUTER_ALERT4 = bytes((0x94, 4, 0, 0))
"""RFC 2113."""

_ROUTER_ALERT6 = bytes((0, 0, 5, 2, 0, 0, 1, 0))
"""A hop-by-hop header: the option of RFC 2711 with the value for MLD, and PadN."""

_INTERNETWORK_CONTROL = 0xC0
_TTL = 1
"""RFC 4286: messages stay on their link.  The precedence is RFC 791's "internetwork control"."""


def advertisement(family: Family, interval: int) -> bytes:
    """An advertisement that says in how many seconds the next is to be expected.

    Query interval and robustness variable are 0: no IGMP or MLD querier runs here (sections
    3.2.4 and 3.2.5).
    """
    kind = _MESSAGES[family].advertisement
    return _with_checksum(family, _ADVERTISEMENT.pack(kind, interval, 0, 0, 0))


def termination(family: Family) -> bytes:
    """Says that this router routes no longer on the interface."""
    return _with_checksum(family, _OTHER.pack(_MESSAGES[family].termination, 0, 0))


def is_solicitation(packet: bytes) -> bool:
    """Whether an IPv4 packet, with its header, is a valid solicitation (section 4.2)."""
    if len(packet) < 20:
        return False
    header = (packet[0] & 0xF) * 4
    message = packet[header:]
    return (
        len(message) >= _OTHER.size
        and packet[8] == _TTL
        and message[0] == _MESSAGES[IPV4].solicitation
        and int.from_bytes(packet[16:20], "big") == _MESSAGES[IPV4].all_routers
        and checksum(message) == 0
    )


def checksum(message: bytes) -> int:
    """The Internet checksum (RFC 1071); 0 over a message that holds the right one."""
    padded = message + bytes(len(message) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _with_checksum(family: Family, message: bytes) -> bytes:
    if family is IPV6:  # the kernel fills it in, since it covers the addresses too
        return message
    return message[:2] + checksum(message).to_bytes(2, "big") + message[4:]


class DiscoverySocket:
    """Speaks and hears Multicast Router Discovery of one family; needs CAP_NET_RAW.

    Raises OSError as the kernel does.
    """

    def __init__(self, family: Family) -> None:
        self.family = family
        self._messages = _MESSAGES[family]
        self._groups = MembershipSockets()
        protocol = socket.IPPROTO_IGMP if family is IPV4 else socket.IPPROTO_ICMPV6
        self._socket = socket.socket(family.af, socket.SOCK_RAW, protocol)
        self._socket.setblocking(False)
        options = _options4() if family is IPV4 else _options6(self._messages.solicitation)
        for level, option, value in options:
            self._socket.setsockopt(level, option, value)
        if family is IPV4:
            filters.attach_igmp_only(self._socket, self._messages.solicitation)

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._groups.close()
        self._socket.close()

    def listen(self, ifindex: int, name: str) -> None:
        """Hear solicitations on an interface.  Raises EngineError."""
        self._groups.join(self._membership(ifindex), name)

    def ignore(self, ifindex: int) -> None:
        """The opposite of listen()."""
        self._groups.leave(self._membership(ifindex))

    def send(self, ifindex: int, message: bytes) -> None:
        """Send to all snoopers on an interface's link."""
        group = self._messages.all_snoopers.to_bytes(self.family.bits // 8, "big")
        if self.family is IPV4:
            control = (socket.IPPROTO_IP, _IP_PKTINFO, _IN_PKTINFO.pack(ifindex, b"", b""))
        else:
            information = _IN6_PKTINFO.pack(b"", ifindex)
            control = (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, information)
        address = (socket.inet_ntop(self.family.af, group), 0)
        self._socket.sendmsg([message], [control], 0, address)

    def receive(self) -> int | None:
        """The index of the interface on which a solicitation came; None for anything else.

        Raises BlockingIOError when nothing is left.
        """
        data, control, _, _ = self._socket.recvmsg(256, 256)
        facts = {(level, kind): value for level, kind, value in control}
        if self.family is IPV4:
            information = facts.get((socket.IPPROTO_IP, _IP_PKTINFO))
            if information is None or not is_solicitation(data):
                return None
            return int(_IN_PKTINFO.unpack(information)[0])
        information = facts.get((socket.IPPROTO_IPV6, socket.IPV6_PKTINFO))
        hops = facts.get((socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT))
        if information is None or hops is None or struct.unpack("=i", hops) != (_TTL,):
            return None
        group, ifindex = _IN6_PKTINFO.unpack(information)
        if int.from_bytes(group, "big") != self._messages.all_routers:
            return None
        return int(ifindex)

    def _membership(self, ifindex: int) -> Membership:
        return Membership(self.family, ifindex, 0, self._messages.all_routers)


Option = tuple[int, int, int | bytes]


def _options4() -> tuple[Option, ...]:
    level = socket.IPPROTO_IP
    return (
        (level, socket.IP_OPTIONS, _ROUTER_ALERT4),
        (level, socket.IP_MULTICAST_TTL, _TTL),
        (level, socket.IP_MULTICAST_LOOP, 0),
        (level, socket.IP_TOS, _INTERNETWORK_CONTROL),
        (level, _IP_PKTINFO, 1),
    )


def _options6(heard: int) -> tuple[Option, ...]:
    level = socket.IPPROTO_IPV6
    passing = bytearray(b"\xff" * 32)
    word = ~(1 << heard % 32) & 0xFFFFFFFF
    struct.pack_into("=I", passing, heard // 32 * 4, word)
    return (
        (socket.IPPROTO_ICMPV6, _ICMP6_FILTER, bytes(passing)),
        (level, _IPV6_HOPOPTS, _ROUTER_ALERT6),
        (level, socket.IPV6_MULTICAST_HOPS, _TTL),
        (level, socket.IPV6_MULTICAST_LOOP, 0),
        (level, socket.IPV6_RECVPKTINFO, 1),
        (level, socket.IPV6_RECVHOPLIMIT, 1),
    )
