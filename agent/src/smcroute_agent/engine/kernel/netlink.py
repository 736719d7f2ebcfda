"""Netlink (RFC 3549; linux/rtnetlink.h): links and their events, the forwarding cache's dump."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import socket
import struct
from collections.abc import Iterator
from typing import NamedTuple

from ..addresses import IPV4, IPV6, Family

_NLMSG = struct.Struct("=IHHII")
_IFINFOMSG = struct.Struct("=BxHiII")
_RTMSG = struct.Struct("=BBBBBBBBI")
_RTATTR = struct.Struct("=HH")
_RTNEXTHOP = struct.Struct("=HBBi")
_MFC_STATS = struct.Struct("=QQQ")

_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_RTM_NEWLINK, _RTM_DELLINK, _RTM_GETLINK = 16, 17, 18
_RTM_NEWROUTE, _RTM_GETROUTE = 24, 26
_NLM_F_REQUEST, _NLM_F_DUMP = 0x1, 0x300
_RTMGRP_LINK = 1
_IFLA_IFNAME = 3
_RTNH_F_UNRESOLVED = 32
_RTA_DST, _RTA_SRC, _RTA_IIF, _RTA_MULTIPATH, _RTA_TABLE = 1, 2, 3, 9, 15
_RTA_MFC_STATS, _RTA_EXPIRES = 17, 23
_USER_HZ = os.sysconf("SC_CLK_TCK")
_TYPE_MASK = 0x3FFF  # NLA_TYPE_MASK of linux/netlink.h
_SOL_NETLINK, _NETLINK_GET_STRICT_CHK = 270, 12
_SO_RCVBUFFORCE = 33
_DUMP_FAMILIES = {IPV4: 128, IPV6: 129}
"""RTNL_FAMILY_IPMR and RTNL_FAMILY_IP6MR."""

_DATAGRAM = 64 * 1024
_ENTRIES_DATAGRAM = min(os.sysconf("SC_PAGE_SIZE"), 8192)
"""The kernel fills what is asked for, and no less than this (NLMSG_GOODSIZE): some 36 entries in
4096 octets, a fifth of a millisecond to read.  Larger ones are no quicker in all."""

_EVENT_BUFFER = 2 * 1024 * 1024
"""Octets of link events that wait in the kernel; when they are more, all links are read anew."""


class LinkState(NamedTuple):
    """A network interface as the kernel reports it; flags are those of netdevice(7).

    name: printable ASCII; any other octet, which the kernel allows, is written \\xNN.
    """

    ifindex: int
    name: str
    flags: int


class LinkEvent(NamedTuple):
    """An interface that is new or changed, or one that has gone."""

    gone: bool
    link: LinkState


class KernelEntry(NamedTuple):
    """A resolved entry of the forwarding cache; legs are (ifindex, TTL threshold).

    in_ifindex: 0 when the interface has gone.  idle: seconds since the last packet, None when
    there was none yet.
    """

    source: int
    group: int
    in_ifindex: int
    legs: tuple[tuple[int, int], ...]
    packets: int
    bytes: int
    wrong_interface: int
    idle: int | None = None


class EventsLost(Exception):
    """The kernel had more events than fitted: only a dump tells the state."""


class LinkMonitor:
    """The links' events."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self.socket.setblocking(False)
        with contextlib.suppress(PermissionError):
            self.socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _EVENT_BUFFER)
        self.socket.bind((0, _RTMGRP_LINK))

    def fileno(self) -> int:
        return self.socket.fileno()

    def close(self) -> None:
        self.socket.close()

    def receive(self) -> list[LinkEvent]:
        """The events that wait, in order, those of one datagram.

        Raises BlockingIOError when none is left and EventsLost when the kernel dropped some.
        """
        try:
            data = self.socket.recv(_DATAGRAM)
        except OSError as error:
            if error.errno == errno.ENOBUFS:
                raise EventsLost from None
            raise
        return [
            LinkEvent(kind == _RTM_DELLINK, link)
            for kind, body in _messages(data)
            if kind in (_RTM_NEWLINK, _RTM_DELLINK) and (link := _link(body)) is not None
        ]


def dump_links() -> list[LinkState]:
    """All links of this network namespace."""
    request = _IFINFOMSG.pack(socket.AF_UNSPEC, 0, 0, 0, 0)
    return [
        link
        for messages in _dump(_RTM_GETLINK, request, strict=False)
        for kind, body in messages
        if kind == _RTM_NEWLINK and (link := _link(body)) is not None
    ]


def dump_entries(family: Family, table: int) -> Iterator[list[KernelEntry]]:
    """The resolved entries of one table, in pieces of what one datagram holds.

    Each step is one non-blocking system call and some 36 entries of work.  Entries that come
    between the steps may be missing; for each that goes, another may be.
    """
    request = _RTMSG.pack(_DUMP_FAMILIES[family], 0, 0, 0, 0, 0, 0, 0, 0)
    request += _RTATTR.pack(8, _RTA_TABLE) + struct.pack("=I", table)
    wanted = struct.pack("=I", table)
    for messages in _dump(_RTM_GETROUTE, request, strict=True, size=_ENTRIES_DATAGRAM):
        yield [
            entry
            for kind, body in messages
            if kind == _RTM_NEWROUTE and (entry := _entry(body, wanted)) is not None
        ]


def one_entry(family: Family, table: int, source: int, group: int) -> KernelEntry | None:
    """The resolved entry of one flow in one table, None when there is none."""
    size = family.bits // 8
    request = _RTMSG.pack(_DUMP_FAMILIES[family], family.bits, family.bits, 0, 0, 0, 0, 0, 0)
    for kind, value in ((_RTA_SRC, source), (_RTA_DST, group)):
        request += _RTATTR.pack(4 + size, kind) + value.to_bytes(size, "big")
    wanted = struct.pack("=I", table)
    request += _RTATTR.pack(8, _RTA_TABLE) + wanted
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as sock:
        sock.bind((0, 0))
        header = _NLMSG.pack(_NLMSG.size + len(request), _RTM_GETROUTE, _NLM_F_REQUEST, 1, 0)
        sock.send(header + request)
        for kind, body in _messages(sock.recv(_DATAGRAM)):
            if kind == _RTM_NEWROUTE:
                return _entry(body, wanted)
            if kind == _NLMSG_ERROR:
                number = _error_number(body)
                if number == errno.EOPNOTSUPP:  # IPv6 before Linux 6.0
                    break
                if number in (errno.ENOENT, errno.ENETUNREACH):
                    return None
                raise OSError(number, os.strerror(number))
    return next(
        (
            entry
            for entries in dump_entries(family, table)
            for entry in entries
            if (entry.source, entry.group) == (source, group)
        ),
        None,
    )


def _dump(
    kind: int, request: bytes, *, strict: bool, size: int = _DATAGRAM
) -> Iterator[list[tuple[int, memoryview]]]:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as sock:
        if strict:
            with contextlib.suppress(OSError):  # before Linux 4.20 the kernel dumps all tables
                sock.setsockopt(_SOL_NETLINK, _NETLINK_GET_STRICT_CHK, 1)
        sock.bind((0, 0))
        header = _NLMSG.pack(_NLMSG.size + len(request), kind, _NLM_F_REQUEST | _NLM_F_DUMP, 1, 0)
        sock.send(header + request)
        while True:
            messages: list[tuple[int, memoryview]] = []
            for message_kind, body in _messages(sock.recv(size)):
                if message_kind in (_NLMSG_DONE, _NLMSG_ERROR):
                    # A dump that fails, also half-way, ends with the error number (netlink_dump).
                    if (number := _error_number(body)) not in (0, errno.ENOENT):
                        raise OSError(number, os.strerror(number))
                    yield messages
                    return
                messages.append((message_kind, body))
            yield messages


def _error_number(body: memoryview) -> int:
    """What an error or the end of a dump carries; 0 when all is well."""
    return -int(struct.unpack_from("=i", body)[0])


def _messages(data: bytes) -> Iterator[tuple[int, memoryview]]:
    view = memoryview(data)
    offset = 0
    while offset + _NLMSG.size <= len(view):
        length, kind, _, _, _ = _NLMSG.unpack_from(view, offset)
        if length < _NLMSG.size:
            return
        yield kind, view[offset + _NLMSG.size : offset + length]
        offset += (length + 3) & ~3


def _attributes(body: memoryview, offset: int) -> Iterator[tuple[int, memoryview]]:
    unpack = _RTATTR.unpack_from
    while offset + 4 <= len(body):
        length, kind = unpack(body, offset)
        if length < 4:
            return
        yield kind & _TYPE_MASK, body[offset + 4 : offset + length]
        offset += (length + 3) & ~3


def _link(body: memoryview) -> LinkState | None:
    family, _, ifindex, flags, _ = _IFINFOMSG.unpack_from(body)
    # A bridge tells of a port that comes and goes with the same messages, as AF_BRIDGE.
    if family != socket.AF_UNSPEC:
        return None
    for kind, value in _attributes(body, _IFINFOMSG.size):
        if kind == _IFLA_IFNAME:
            return LinkState(ifindex, _printable(bytes(value).rstrip(b"\0")), flags)
    return None


def _printable(name: bytes) -> str:
    """A name that can stand in any text: terminals, logs and XML."""
    return re.sub(rb"[^!-~]", lambda octet: b"\\x%02x" % octet[0][0], name).decode("ascii")


def _entry(body: memoryview, table: bytes) -> KernelEntry | None:
    source = group = in_ifindex = packets = octets = wrong = ticks = 0
    legs: list[tuple[int, int]] = []
    for kind, value in _attributes(body, _RTMSG.size):
        if kind == _RTA_SRC:
            source = int.from_bytes(value, "big")
        elif kind == _RTA_DST:
            group = int.from_bytes(value, "big")
        elif kind == _RTA_IIF:
            (in_ifindex,) = struct.unpack("=I", value)
        elif kind == _RTA_MULTIPATH:
            legs = _next_hops(value)
        elif kind == _RTA_MFC_STATS:
            packets, octets, wrong = _MFC_STATS.unpack_from(value)
        elif kind == _RTA_EXPIRES:
            (ticks,) = struct.unpack("=Q", value)
        elif kind == _RTA_TABLE and value != table:
            return None
    if _RTMSG.unpack_from(body)[-1] & _RTNH_F_UNRESOLVED:
        return None
    # Of an entry that no packet has met, the kernel tells the time since it was booted.
    idle = ticks // _USER_HZ if packets else None
    return KernelEntry(source, group, in_ifindex, tuple(legs), packets, octets, wrong, idle)


def _next_hops(value: memoryview) -> list[tuple[int, int]]:
    legs = []
    offset = 0
    while offset + _RTNEXTHOP.size <= len(value):
        length, _, hops, ifindex = _RTNEXTHOP.unpack_from(value, offset)
        if length < _RTNEXTHOP.size:
            break
        legs.append((ifindex, hops))
        offset += (length + 3) & ~3
    return legs
