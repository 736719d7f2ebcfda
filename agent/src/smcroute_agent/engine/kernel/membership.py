"""Joining and leaving groups (RFC 3678, protocol-independent calls; linux/in.h)."""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
from typing import NamedTuple, Protocol

from ...errors import Error
from ..addresses import IPV4, IPV6, Family
from .refusals import JOIN, explain

_JOIN_GROUP, _LEAVE_GROUP, _JOIN_SOURCE_GROUP, _LEAVE_SOURCE_GROUP = 42, 45, 46, 47
_LEVELS = {IPV4: socket.IPPROTO_IP, IPV6: socket.IPPROTO_IPV6}
_SOCKADDR = {IPV4: struct.Struct("=HH4s120x"), IPV6: struct.Struct("=HHI16sI100x")}
_INTERFACE = struct.Struct("=I4x")
_FULL = (errno.ENOBUFS, errno.ENOMEM)
_NEVER_REPORTED = {
    IPV4: int.from_bytes(socket.inet_pton(socket.AF_INET, "224.0.0.1"), "big"),
    IPV6: int.from_bytes(socket.inet_pton(socket.AF_INET6, "ff01::1"), "big"),
}
"""All systems; all nodes of the interface alone."""

_SYSCTLS = {
    (IPV4, False): "net.ipv4.igmp_max_memberships",
    (IPV4, True): "net.ipv4.igmp_max_msf",
    (IPV6, False): "net.core.optmem_max",
    (IPV6, True): "net.ipv6.mld_max_msf",
}


class Membership(NamedTuple):
    """One group on one interface; source 0 stands for any."""

    family: Family
    ifindex: int
    source: int
    group: int


class Custody(Protocol):
    """Who wants to know about the sockets."""

    def opened(self, sock: socket.socket) -> None:
        """It holds a membership from now on."""

    def closing(self, sock: socket.socket) -> None:
        """It holds none any more and is about to be closed."""


class MembershipSockets:
    """Sockets that hold memberships; a further one is opened when the kernel fills one up.

    ASM and SSM memberships live on different sockets, because one socket takes a group either
    with or without sources.
    """

    def __init__(self, custody: Custody | None = None) -> None:
        self._custody = custody
        self._sockets: dict[tuple[Family, bool], list[socket.socket]] = {}
        self._holder: dict[Membership, socket.socket] = {}
        self._count: dict[socket.socket, int] = {}

    def join(self, membership: Membership, interface: str) -> None:
        """Join.  Raises EngineError or ResourceError; `interface` is the name for its text."""
        kind = (membership.family, bool(membership.source))
        sockets = self._sockets.setdefault(kind, [])
        for sock in reversed(sockets):
            try:
                self._join_on(sock, membership)
            except OSError as error:
                if error.errno not in _FULL:
                    raise self._explain(error, membership, interface) from None
            else:
                return
        try:
            sock = socket.socket(membership.family.af, socket.SOCK_DGRAM)
        except OSError as error:
            raise self._explain(error, membership, interface) from None
        try:
            self._join_on(sock, membership)
        except OSError as error:
            sock.close()
            raise self._explain(error, membership, interface) from None
        sockets.append(sock)
        if self._custody is not None:
            self._custody.opened(sock)

    def check(self, membership: Membership, interface: str) -> None:
        """Raises as join() for a kernel that takes no membership of the kind on the interface.

        Nothing is sent: a socket of its own joins a group that hosts never report (RFC 3376,
        section 6; RFC 3810, section 6), and leaves it at once.
        """
        trial = membership._replace(group=_NEVER_REPORTED[membership.family])
        option = _JOIN_SOURCE_GROUP if trial.source else _JOIN_GROUP
        try:
            with socket.socket(trial.family.af, socket.SOCK_DGRAM) as sock:
                sock.setsockopt(_LEVELS[trial.family], option, _request(trial))
        except OSError as error:
            raise self._explain(error, membership, interface) from None

    def leave(self, membership: Membership) -> None:
        """Leave what was joined, also when the interface has gone meanwhile."""
        sock = self._holder.pop(membership)
        family, _, source, _group = membership
        level = _LEVELS[family]
        option = _LEAVE_SOURCE_GROUP if source else _LEAVE_GROUP
        try:
            sock.setsockopt(level, option, _request(membership))
        except OSError as error:
            # A source can be left only on an interface that is there; the group always.
            if source and error.errno == errno.ENODEV:
                with_any = membership._replace(source=0)
                with contextlib.suppress(OSError):
                    sock.setsockopt(level, _LEAVE_GROUP, _request(with_any))
        self._count[sock] -= 1
        if not self._count[sock]:
            del self._count[sock]
            self._sockets[family, bool(source)].remove(sock)
            if self._custody is not None:
                self._custody.closing(sock)
            sock.close()

    def close(self) -> None:
        """Leave all groups."""
        for sock in self._count:
            sock.close()
        self._sockets.clear()
        self._holder.clear()
        self._count.clear()

    def _join_on(self, sock: socket.socket, membership: Membership) -> None:
        option = _JOIN_SOURCE_GROUP if membership.source else _JOIN_GROUP
        sock.setsockopt(_LEVELS[membership.family], option, _request(membership))
        self._holder[membership] = sock
        self._count[sock] = self._count.get(sock, 0) + 1

    @staticmethod
    def _explain(error: OSError, membership: Membership, interface: str) -> Error:
        family = membership.family
        # The kernel says ENOMEM for what is a limit on a socket's options, not on memory.
        if family is IPV6 and error.errno == errno.ENOMEM:
            error = OSError(errno.ENOBUFS, "")
        return explain(
            JOIN,
            error,
            interface=interface,
            family=family.name,
            sysctl=_SYSCTLS[family, bool(membership.source)],
        )


def _request(membership: Membership) -> bytes:
    """struct group_req, or struct group_source_req when there is a source."""
    family, ifindex, source, group = membership
    request = _INTERFACE.pack(ifindex) + _sockaddr(family, group)
    return request + _sockaddr(family, source) if source else request


def _sockaddr(family: Family, address: int) -> bytes:
    packed = address.to_bytes(family.bits // 8, "big")
    fields = (packed,) if family is IPV4 else (0, packed, 0)
    return _SOCKADDR[family].pack(family.af, 0, *fields)
