"""Who is at the other end of a UNIX socket, as the kernel says."""

from __future__ import annotations

import array
import contextlib
import grp
import pwd
import socket
import struct
import time
from functools import lru_cache
from typing import NamedTuple

from .nacm.guard import Subject

MAX_GROUPS = 256
"""What fits into 1024 octets, the most that Python's getsockopt takes."""

REMEMBERED = 1.0
"""Seconds that a name may be out of date: one client that connects again and again does not have
it looked up again and again, by NSS, with files or servers behind it."""

MAX_REMEMBERED = 1024
"""Names of users, and of groups."""

_UCRED = struct.Struct("@iII")
"""struct ucred of unix(7): pid, uid, gid."""

_PEERGROUPS = 59
"""SO_PEERGROUPS of socket(7), for which the socket module has no name."""


def user_name(uid: int) -> str:
    """The name of a user, or the uid in decimal when it has none."""
    return _user_name(uid, _moment())


def group_name(gid: int) -> str:
    """The name of a group, or the gid in decimal when it has none."""
    return _group_name(gid, _moment())


def _moment() -> int:
    return int(time.monotonic() / REMEMBERED)


@lru_cache(MAX_REMEMBERED)
def _user_name(uid: int, moment: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


@lru_cache(MAX_REMEMBERED)
def _group_name(gid: int, moment: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


class Peer(NamedTuple):
    """The process that connected; groups: all that it was in, as gids."""

    pid: int
    uid: int
    gid: int
    groups: frozenset[int]

    def subject(self) -> Subject:
        """Its user for access control; root is the recovery session, whatever its groups."""
        if self.uid == 0:
            return Subject(user_name(0), recovery=True)
        groups = frozenset(map(group_name, self.groups))
        return Subject(user_name(self.uid), groups)


def peer(sock: socket.socket) -> Peer:
    """Who is at the other end."""
    credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    pid, uid, gid = _UCRED.unpack(credentials)
    groups = {gid}
    if uid:  # root's are not asked for: they would give it nothing
        # More groups than MAX_GROUPS: the first one has to do.
        with contextlib.suppress(OSError):
            more = array.array("I")
            more.frombytes(sock.getsockopt(socket.SOL_SOCKET, _PEERGROUPS, 4 * MAX_GROUPS))
            groups.update(more)
    return Peer(pid, uid, gid, frozenset(groups))
