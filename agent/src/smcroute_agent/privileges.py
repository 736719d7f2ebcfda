"""Giving up what a process does not need: the engine keeps two capabilities, the agent none.

capabilities(7), capset(2), prctl(2).
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from .errors import SystemProblem

CAP_NET_ADMIN = 12
CAP_NET_RAW = 13
ENGINE = (1 << CAP_NET_ADMIN) | (1 << CAP_NET_RAW)
AGENT = 0

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
        _set_capabilities(kept)
        _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    except OSError as error:
        raise SystemProblem(
            f"privileges cannot be dropped: {os.strerror(error.errno or 0)}",
            remedy="start smcrouted as root, or without -p",
        ) from None


def effective() -> int:
    """The capabilities in effect, a bit each."""
    header, data = _header(), ctypes.create_string_buffer(24)
    if _libc.capget(header, data):
        raise OSError(ctypes.get_errno(), "capget")
    low, _, _, high, _, _ = struct.unpack("=6I", data.raw)
    return int(low | high << 32)


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


def _set_capabilities(wanted: int) -> None:
    """Effective and permitted; nothing is inherited."""
    low, high = wanted & 0xFFFFFFFF, wanted >> 32
    data = struct.pack("=6I", low, low, 0, high, high, 0)
    if _libc.capset(_header(), data):
        raise OSError(ctypes.get_errno(), "capset")


def _header() -> bytes:
    return struct.pack("=Ii", _VERSION_3, 0)


def _prctl(option: int, *arguments: int) -> None:
    values = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    if _libc.prctl(option, *values):
        raise OSError(ctypes.get_errno(), "prctl")
