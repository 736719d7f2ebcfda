"""Multicast routing sockets: VIFs and MIFs, forwarding cache entries, upcalls.

Layouts are those of linux/mroute.h and linux/mroute6.h; what the kernel does with them is in
net/ipv4/ipmr.c and net/ipv6/ip6mr.c.  A VIF of IPv6 is called MIF there; here both are VIFs.
"""

from __future__ import annotations

import fcntl
import socket
import struct
from collections.abc import Callable, Iterator

from ..addresses import IPV4, IPV6, Family
from ..protocol import VifCounters
from . import filters
from .netlink import KernelEntry, dump_entries, one_entry
from .refusals import OPEN, explain

MAX_VIFS = 32
"""MAXVIFS and MAXMIFS: interfaces of one table."""

NOT_SERVED = 0
"""The TTL threshold of a VIF that an entry does not send to (ipmr_update_thresholds)."""

NO_LEGS = bytes([NOT_SERVED] * MAX_VIFS)

RECEIVE_BUFFER = 16 * 1024 * 1024
"""Octets of upcalls that wait in the kernel; one takes about 1 KiB of it."""

NOCACHE = 1
WRONGVIF = 2
"""IGMPMSG_NOCACHE and IGMPMSG_WRONGVIF, and the same of MRT6MSG: why the kernel asks."""

DEFAULT_TABLES = {IPV4: 253, IPV6: 254}
"""RT_TABLE_DEFAULT and RT6_TABLE_DFLT: what the kernel calls the table of a daemon without -t."""

_INIT, _DONE, _ADD_VIF, _DEL_VIF, _ADD_MFC, _DEL_MFC = range(200, 206)
_ASSERT, _PIM, _TABLE = range(207, 210)
_SIOCGETVIFCNT, _SIOCGETSGCNT = 0x89E0, 0x89E1
_SO_RCVBUFFORCE = 33
_ICMP6_FILTER = 1

_VIFF_USE_IFINDEX = 8
_VIFCTL = struct.Struct("=HBBIi4x")
_MIF6CTL = struct.Struct("=HBBHxxI")
_MFCCTL = struct.Struct("=4s4sH32s18x")
_MF6CCTL = struct.Struct("=HHI16sIHHI16sIHxx32s")
_IGMPMSG = struct.Struct(">8xBBBBII")
_MRT6MSG = struct.Struct("=BBH4x16s16s")
_VIF_REQUEST = struct.Struct("@H4L")
_SG_REQUEST = struct.Struct("@4s4s3L")
_SG_REQUEST6 = struct.Struct("@HHI16sIHHI16sI3L")


Upcall = tuple[int, int, int, int]
"""The kernel asks about a packet: kind, VIF, source, group.  The kind is NOCACHE for an unknown
flow, WRONGVIF for a known one that came in elsewhere.

Plain, as all that stands between a flow's first packet and its route."""


class MulticastRouting:
    """One family's multicast routing table, held as long as the socket is open.

    Raises OSError as the kernel does; refusals.explain turns it into words.
    """

    family: Family
    _level: int
    _protocol: int

    def __init__(self, table: int | None, descriptor: int | None = None) -> None:
        """Take the table; None is the default one.

        descriptor: of a socket that holds the table already, with VIFs and entries.
        Raises SystemProblem: no privilege, not in the kernel, held by another daemon.
        """
        self.table = table or DEFAULT_TABLES[self.family]
        self.inherited = descriptor is not None
        if descriptor is not None:
            self.socket = socket.socket(fileno=descriptor)
            self.socket.set_inheritable(False)
            return
        try:
            self.socket = socket.socket(self.family.af, socket.SOCK_RAW, self._protocol)
        except OSError as error:
            raise self._explain(error, table) from None
        try:
            self.socket.setblocking(False)
            self.socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, RECEIVE_BUFFER)
            if table:
                self._set(_TABLE, struct.pack("=I", table))
            self._only_upcalls()
            self._set(_INIT, struct.pack("=i", 1))
            # Without PIM mode the kernel reports a packet on a wrong VIF only when that VIF is
            # an outgoing one of the entry.
            self._set(_PIM, struct.pack("=i", 1))
        except OSError as error:
            self.socket.close()
            raise self._explain(error, table) from None

    def _explain(self, error: OSError, table: int | None) -> Exception:
        return explain(OPEN, error, family=self.family.name, table=table or "0 (the default)")

    def _set(self, option: int, value: bytes) -> None:
        self.socket.setsockopt(self._level, option, value)

    def _only_upcalls(self) -> None:
        raise NotImplementedError

    def fileno(self) -> int:
        return self.socket.fileno()

    def close(self) -> None:
        """Give the table up: the kernel drops its VIFs and entries."""
        self.socket.close()

    def has_vif(self, vif: int) -> bool:
        """Whether the kernel still holds a VIF; it drops the one of an interface that goes."""
        return self.vif_counters(vif) is not None

    def vif_counters(self, vif: int) -> VifCounters | None:
        """What has been forwarded on a VIF, None when the kernel holds none of this number."""
        request = bytearray(_VIF_REQUEST.pack(vif, 0, 0, 0, 0))
        try:
            fcntl.ioctl(self.socket, _SIOCGETVIFCNT, request)
        except OSError:
            return None
        return VifCounters(*_VIF_REQUEST.unpack(request)[1:])

    def add_vif(self, vif: int, ifindex: int, threshold: int) -> None:
        raise NotImplementedError

    def delete_vif(self, vif: int) -> None:
        raise NotImplementedError

    def write_entry(self, source: int, group: int, vif: int, legs: bytes) -> None:
        """Add an entry, or rewrite it in place, without a gap and keeping its counters.

        vif: where its packets come in.  legs: the TTL threshold of each VIF, NOT_SERVED where
        nothing goes out.
        """
        raise NotImplementedError

    def delete_entry(self, source: int, group: int) -> None:
        raise NotImplementedError

    def packets(self, source: int, group: int) -> int:
        """How many packets of a flow have come in on its entry's VIF; 0 when there is no entry."""
        raise NotImplementedError

    def _packets(self, layout: struct.Struct, *flow: int | bytes) -> int:
        request = bytearray(layout.pack(*flow, 0, 0, 0))
        try:
            fcntl.ioctl(self.socket, _SIOCGETSGCNT, request)
        except OSError:
            return 0
        *_, packets, _octets, wrong_interface = layout.unpack(request)
        return int(packets - wrong_interface)

    def dump(self) -> Iterator[list[KernelEntry]]:
        """The entries that the kernel holds, with their counters, in steps.

        One whose VIF has gone with its interface has 0 as its in-interface.
        """
        return dump_entries(self.family, self.table)

    def entry(self, source: int, group: int) -> KernelEntry | None:
        """One entry that the kernel holds, with its counters; as of `dump`."""
        return one_entry(self.family, self.table, source, group)

    def receive(self) -> Upcall | None:
        """The next upcall that waits, or None.

        Raises BlockingIOError when none is left; None stands for a message that is no upcall.
        """
        raise NotImplementedError


class Ipv4Routing(MulticastRouting):
    """ipmr: an entry carries a TTL threshold for each VIF."""

    family = IPV4
    _level = socket.IPPROTO_IP
    _protocol = socket.IPPROTO_IGMP

    def _only_upcalls(self) -> None:
        filters.attach_upcalls_only(self.socket)

    def add_vif(self, vif: int, ifindex: int, threshold: int) -> None:
        self._set(_ADD_VIF, _VIFCTL.pack(vif, _VIFF_USE_IFINDEX, threshold, 0, ifindex))

    def delete_vif(self, vif: int) -> None:
        self._set(_DEL_VIF, _VIFCTL.pack(vif, 0, 0, 0, 0))

    def write_entry(self, source: int, group: int, vif: int, legs: bytes) -> None:
        self.socket.setsockopt(
            socket.IPPROTO_IP,
            _ADD_MFC,
            _MFCCTL.pack(source.to_bytes(4, "big"), group.to_bytes(4, "big"), vif, legs),
        )

    def delete_entry(self, source: int, group: int) -> None:
        mfc = _MFCCTL.pack(source.to_bytes(4, "big"), group.to_bytes(4, "big"), 0, NO_LEGS)
        self._set(_DEL_MFC, mfc)

    def packets(self, source: int, group: int) -> int:
        return self._packets(_SG_REQUEST, source.to_bytes(4, "big"), group.to_bytes(4, "big"))

    def receive(self) -> Upcall | None:
        data = self.socket.recv(_IGMPMSG.size)
        if len(data) < _IGMPMSG.size:
            return None
        kind, zero, vif, vif_high, source, group = _IGMPMSG.unpack(data)
        if zero:
            return None
        return kind, vif | vif_high << 8, source, group


class Ipv6Routing(MulticastRouting):
    """ip6mr: an entry carries a set of MIFs; the kernel heeds no TTL threshold but 1."""

    family = IPV6
    _level = socket.IPPROTO_IPV6
    _protocol = socket.IPPROTO_ICMPV6

    def _only_upcalls(self) -> None:
        # Upcalls do not pass the ICMPv6 filter; everything else is kept out by it.
        self.socket.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, b"\xff" * 32)

    def add_vif(self, vif: int, ifindex: int, threshold: int) -> None:
        self._set(_ADD_VIF, _MIF6CTL.pack(vif, 0, threshold, ifindex, 0))

    def delete_vif(self, vif: int) -> None:
        self._set(_DEL_VIF, struct.pack("=H", vif))

    def write_entry(self, source: int, group: int, vif: int, legs: bytes) -> None:
        self._set(_ADD_MFC, self._mf6cctl(source, group, vif, legs))

    def delete_entry(self, source: int, group: int) -> None:
        self._set(_DEL_MFC, self._mf6cctl(source, group, 0, NO_LEGS))

    def packets(self, source: int, group: int) -> int:
        return self._packets(
            _SG_REQUEST6,
            socket.AF_INET6, 0, 0, source.to_bytes(16, "big"), 0,
            socket.AF_INET6, 0, 0, group.to_bytes(16, "big"), 0,
        )  # fmt: skip

    @staticmethod
    def _mf6cctl(source: int, group: int, vif: int, legs: bytes) -> bytes:
        members = sum(1 << number for number, ttl in enumerate(legs) if ttl)
        return _MF6CCTL.pack(
            socket.AF_INET6, 0, 0, source.to_bytes(16, "big"), 0,
            socket.AF_INET6, 0, 0, group.to_bytes(16, "big"), 0,
            vif, struct.pack("=I28x", members),
        )  # fmt: skip

    def receive(self) -> Upcall | None:
        data = self.socket.recv(_MRT6MSG.size)
        if len(data) < _MRT6MSG.size:
            return None
        zero, kind, vif, source, group = _MRT6MSG.unpack(data)
        if zero:
            return None
        return kind, vif, int.from_bytes(source, "big"), int.from_bytes(group, "big")


OPENERS: dict[Family, Callable[[int | None, int | None], MulticastRouting]] = {
    IPV4: Ipv4Routing,
    IPV6: Ipv6Routing,
}
