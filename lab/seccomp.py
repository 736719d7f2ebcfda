"""Lets a process, and all that it starts, find a kernel without multicast routing.

A seccomp filter answers the calls of linux/mroute.h and mroute6.h with ENOPROTOOPT, as a
kernel does that was built without CONFIG_IP_MROUTE or CONFIG_IPV6_MROUTE.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import struct

SETSOCKOPT = {"x86_64": 54, "aarch64": 208}
"""The system call's number (asm/unistd.h)."""

MRT_BASE, MRT_LAST = 200, 219
"""MRT_INIT and all that follow it; the same numbers as MRT6_INIT."""

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
ALLOW, ERRNO = 0x7FFF0000, 0x00050000

# linux/bpf_common.h: load a word, jump if equal, jump if greater or equal, return.
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06

# struct seccomp_data: nr at 0, then arch, the instruction pointer, six arguments of 8 octets.
NUMBER, LEVEL, OPTION = 0, 16 + 8, 16 + 16


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _filter(level: int) -> bytes:
    """The instructions: each is code, how many to skip if true and if false, constant."""
    allow = 7
    program = [
        (LOAD, 0, 0, NUMBER),
        (EQUAL, 0, allow - 2, SETSOCKOPT[platform.machine()]),
        (LOAD, 0, 0, LEVEL),
        (EQUAL, 0, allow - 4, level),
        (LOAD, 0, 0, OPTION),
        (AT_LEAST, 0, allow - 6, MRT_BASE),
        (AT_LEAST, 0, 1, MRT_LAST + 1),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, ERRNO | errno.ENOPROTOOPT),
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def without_multicast_routing(family: int) -> None:
    """Take multicast routing of a family from this process for good; a `preexec_fn`."""
    level = socket.IPPROTO_IP if family == socket.AF_INET else socket.IPPROTO_IPV6
    instructions = _filter(level)
    program = _Program(len(instructions) // 8, instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in (
        (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0),
    ):
        if libc.prctl(*arguments):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


def without_any_multicast_routing() -> None:
    """Take multicast routing of both families from this process for good; a `preexec_fn`."""
    without_multicast_routing(socket.AF_INET)
    without_multicast_routing(socket.AF_INET6)
