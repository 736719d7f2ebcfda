"""What engine and agent deny themselves: to meddle with other processes, and to run programs.

With -p both are the same user, and without it the engine is root: the kernel alone would let one
signal the other, or lower its limits.  A filter of system calls (seccomp(2)) refuses that with
EPERM, unless it is about the process itself; Landlock (landlock(7), from Linux 6.12) refuses
signals on whatever processor.  Neither can be taken back, and children inherit both.
"""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import struct
import sys
from typing import NamedTuple

from .log import NOTICE


class _Call(NamedTuple):
    """A system call's number on x86-64, and in asm-generic/unistd.h."""

    x86_64: int
    generic: int


_NEVER = {
    # a thread, or a process by descriptor: to signal it, to take its descriptors
    "tkill": _Call(200, 130),
    "pidfd_open": _Call(434, 434),
    "pidfd_send_signal": _Call(424, 424),
    "pidfd_getfd": _Call(438, 438),
    # its memory
    "ptrace": _Call(101, 117),
    "process_vm_readv": _Call(310, 270),
    "process_vm_writev": _Call(311, 271),
    "process_madvise": _Call(440, 440),
    "process_mrelease": _Call(448, 448),
    "migrate_pages": _Call(256, 238),
    "move_pages": _Call(279, 239),
    "kcmp": _Call(312, 272),
    # its turn on the processor
    "setpriority": _Call(141, 140),
    "ioprio_set": _Call(251, 30),
    "sched_setparam": _Call(142, 118),
    "sched_setattr": _Call(314, 274),
    "sched_setaffinity": _Call(203, 122),
    # to leave the group of processes that smcrouted ends
    "setpgid": _Call(109, 154),
    "setsid": _Call(112, 157),
    # programs
    "execve": _Call(59, 221),
    "execveat": _Call(322, 281),
}
"""Refused whatever the arguments."""

_ABOUT_ITSELF = {
    "kill": _Call(62, 129),
    "tgkill": _Call(234, 131),
    "rt_sigqueueinfo": _Call(129, 138),
    "rt_tgsigqueueinfo": _Call(297, 240),
    "prlimit64": _Call(302, 261),
    "sched_setscheduler": _Call(144, 119),
}
"""Refused unless the first argument is the process, or 0: itself, or those that it has forked."""

_NOT_WITH = {
    # F_SETOWN, F_SETOWN_EX (asm-generic/fcntl.h)
    _Call(72, 25): (8, 15),
    # FIOSETOWN, SIOCSPGRP (asm-generic/sockios.h)
    _Call(16, 29): (0x8901, 0x8902),
}
"""fcntl and ioctl are refused with these as the second argument: they say to whom the kernel
sends a signal when a descriptor is ready."""

_AUDIT_ARCHITECTURES = {
    "x86_64": 0xC000003E,
    "aarch64": 0xC00000B7,
    "riscv64": 0xC00000F3,
}
"""linux/audit.h; by the name that uname(2) gives the processor."""

_X32_BIT = 0x40000000
"""Calls of x86-64's other ABI have it, and would be taken for none of those above."""

# struct sock_filter and struct seccomp_data: linux/filter.h, linux/seccomp.h
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_SECCOMP = _Call(317, 277)
_SET_MODE_FILTER, _ALL_THREADS, _KEEP_SPECULATION = 1, 1, 4

_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446
_LANDLOCK_SCOPE_SIGNAL = 2

_log = logging.getLogger(__name__)

_libc = ctypes.CDLL(None, use_errno=True)


def confine() -> bool:
    """Deny it to this process from now on; False when this kernel can do nothing of it.

    The process has no_new_privs set, as privileges.drop leaves it.
    """
    scoped = _scope_signals()
    confined = _filter_calls() or scoped
    if not confined:
        _log.log(
            NOTICE,
            "no seccomp filter and no Landlock here: another process of this user, or "
            "with its rights, is within reach",
        )
    return confined


def _filter_calls() -> bool:
    machine = os.uname().machine
    audit = _AUDIT_ARCHITECTURES.get(machine)
    if audit is None or sys.maxsize < 2**32:
        return False
    program = _program(audit, machine == "x86_64", os.getpid())
    content = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("@HP", len(program) // 8, ctypes.addressof(content))
    call = _SECCOMP.x86_64 if machine == "x86_64" else _SECCOMP.generic
    # Without the last flag, kernels before 5.16 slow the whole process down.
    if _syscall(call, _SET_MODE_FILTER, _ALL_THREADS | _KEEP_SPECULATION, described):
        return True
    # A service manager's own filter may know only the older way.
    return not _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, described)


def _program(audit: int, x86_64: bool, own: int) -> bytes:
    """The filter in classic BPF, for the process `own`."""

    def number(call: _Call) -> int:
        return call.x86_64 if x86_64 else call.generic

    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, audit),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _REFUSE),
    ]
    for call in _NEVER.values():
        steps += [(_EQUAL, 0, 1, number(call)), (_RETURN, 0, 0, _REFUSE)]
    # The kernel takes 32 bits of each of these arguments.
    for call in _ABOUT_ITSELF.values():
        steps += [
            (_EQUAL, 0, 5, number(call)),
            (_LOAD, 0, 0, _FIRST),
            (_EQUAL, 2, 0, 0),
            (_EQUAL, 1, 0, own),
            (_RETURN, 0, 0, _REFUSE),
            (_RETURN, 0, 0, _ALLOW),
        ]
    for call, (one, other) in _NOT_WITH.items():
        steps += [
            (_EQUAL, 0, 5, number(call)),
            (_LOAD, 0, 0, _SECOND),
            (_EQUAL, 1, 0, one),
            (_EQUAL, 0, 1, other),
            (_RETURN, 0, 0, _REFUSE),
            (_RETURN, 0, 0, _ALLOW),
        ]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _scope_signals() -> bool:
    attributes = struct.pack("=3Q", 0, 0, _LANDLOCK_SCOPE_SIGNAL)
    ruleset = _libc.syscall(
        _LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0
    )
    if ruleset < 0:
        return False
    try:
        return _syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _syscall(number: int, *arguments: int | bytes) -> bool:
    return not _libc.syscall(number, *arguments)
