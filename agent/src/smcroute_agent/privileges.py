"""Giving up what a process does not need: the engine keeps two capabilities, the agent none.

smcrouted itself keeps what starting the two and saving files needs.

capabilities(7), capset(2), prctl(2).
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from .errors import SystemProblem

CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP = (
    0,
    1,
    3,
    5,
    6,
    7,
    8,
)
CAP_NET_BIND_SERVICE, CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_NICE = 10, 12, 13, 23
ENGINE = (1 << CAP_NET_ADMIN) | (1 << CAP_NET_RAW)
AGENT = 0
SUPERVISOR = ENGINE | (
    (1 << CAP_SETUID | 1 << CAP_SETGID | 1 << CAP_SETPCAP)  # to make others of its children
    | (1 << CAP_KILL)  # to end them
    | (1 << CAP_CHOWN | 1 << CAP_FOWNER | 1 << CAP_DAC_OVERRIDE)  # to save in the owner's name
    | (1 << CAP_NET_BIND_SERVICE)  # to listen for SSH on port 830
    | (1 << CAP_SYS_NICE)  # to let the engine go before others
)
"""What smcrouted needs; the unit in agent/share lists the same."""

REAL_TIME = 1
"""The real-time priority of the engine (sched(7)): the lowest of SCHED_RR."""

_VERSION_3 = 0x20080522
_PR_SET_KEEPCAPS, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 8, 24, 38, 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_LAST_CAPABILITY = "/proc/sys/kernel/cap_last_cap"

_libc = ctypes.CDLL(None, use_errno=True)


def drop(uid: int | None, gid: int | None, kept: int) -> None:
    """Become a user (None: stay who we are) and keep but some capabilities, a bit each.

    Raises SystemProblem when the kernel does not let us.
    """
    try:
        _drop_bounding_set(kept)
        if gid is not None:
            os.setgroups([])
            os.setresgid(gid, gid, gid)
        if uid is not None:
            _prctl(_PR_SET_KEEPCAPS, 1)
            os.setresuid(uid, uid, uid)
        _set_capabilities(kept, kept, 0)
        _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    except OSError as error:
        raise SystemProblem(
            f"privileges cannot be dropped: {os.strerror(error.errno or 0)}",
            remedy="start smcrouted as root, or without -p",
        ) from None


def restrict(kept: int) -> None:
    """Stay who we are, but never again have other capabilities than some, a bit each.

    Of those the process keeps the ones that it has; no program that it runs gains any.
    Raises SystemProblem when the kernel does not let us.
    """
    try:
        _drop_bounding_set(kept)
        _set_capabilities(*(held & kept for held in _capabilities()))
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    except OSError as error:
        raise SystemProblem(
            f"privileges cannot be restricted: {os.strerror(error.errno or 0)}",
            remedy="let the container or service manager allow capset and prctl",
        ) from None


def effective() -> int:
    """The capabilities in effect, a bit each."""
    return _capabilities()[0]


def _capabilities() -> tuple[int, int, int]:
    """Those that are effective, permitted and inheritable."""
    header, data = _header(), ctypes.create_string_buffer(24)
    if _libc.capget(header, data):
        raise OSError(ctypes.get_errno(), "capget")
    words = struct.unpack("=6I", data.raw)
    effective, permitted, inheritable = (words[i] | words[i + 3] << 32 for i in range(3))
    return effective, permitted, inheritable


def _drop_bounding_set(kept: int) -> None:
    try:
        with open(_LAST_CAPABILITY) as file:
            last = int(file.read())
    except OSError:  # no /proc
        last = 63
    for capability in range(last + 1):
        if kept >> capability & 1:
            continue
        try:
            _prctl(_PR_CAPBSET_DROP, capability)
        except OSError as error:
            if error.errno == errno.EPERM:  # started without CAP_SETPCAP: nothing to give up
                return
            if error.errno == errno.EINVAL:  # above the kernel's last one
                return
            raise


def _set_capabilities(effective: int, permitted: int, inheritable: int) -> None:
    sets = (effective, permitted, inheritable)
    low, high = (held & 0xFFFFFFFF for held in sets), (held >> 32 for held in sets)
    if _libc.capset(_header(), struct.pack("=6I", *low, *high)):
        raise OSError(ctypes.get_errno(), "capset")


def _header() -> bytes:
    return struct.pack("=Ii", _VERSION_3, 0)


def _prctl(option: int, *arguments: int) -> None:
    values = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    if _libc.prctl(option, *values):
        raise OSError(ctypes.get_errno(), "prctl")
