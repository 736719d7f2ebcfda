"""What systemd takes from a service before it starts it, taken without systemd.

Capabilities, new privileges, writable code, system calls, address families and namespaces.  The
sets of system calls are systemd's own, by systemd-analyze; libseccomp, which systemd uses too,
makes the filters.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

CAPABILITIES = {
    "CAP_CHOWN": 0,
    "CAP_DAC_OVERRIDE": 1,
    "CAP_FOWNER": 3,
    "CAP_KILL": 5,
    "CAP_SETGID": 6,
    "CAP_SETUID": 7,
    "CAP_SETPCAP": 8,
    "CAP_NET_BIND_SERVICE": 10,
    "CAP_NET_ADMIN": 12,
    "CAP_NET_RAW": 13,
    "CAP_SYS_NICE": 23,
}
"""linux/capability.h"""

_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_SET_MDWE = 24, 38, 65
"""linux/prctl.h"""

# seccomp.h of libseccomp
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_EQUAL = 4
_ADDRESS_FAMILIES = range(46)

_libc = ctypes.CDLL(None, use_errno=True)


class _Comparison(ctypes.Structure):
    """struct scmp_arg_cmp"""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("value", ctypes.c_uint64),
        ("unused", ctypes.c_uint64),
    )


class _Filter:
    """A filter of system calls that is made in one process and loaded in its child."""

    def __init__(self, default: int) -> None:
        self._library = ctypes.CDLL("libseccomp.so.2")
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._context = ctypes.c_void_p(self._library.seccomp_init(ctypes.c_uint32(default)))

    def add(self, action: int, call: str, *comparisons: _Comparison) -> None:
        """Let a call have an effect; those that this processor has not are passed over."""
        number = self._library.seccomp_syscall_resolve_name(call.encode())
        if number < 0:
            return
        array = (_Comparison * len(comparisons))(*comparisons)
        self._check(
            self._library.seccomp_rule_add_array(
                self._context, ctypes.c_uint32(action), number, len(comparisons), array
            )
        )

    def load(self) -> None:
        self._check(self._library.seccomp_load(self._context))

    @staticmethod
    def _check(code: int) -> None:
        if code:
            raise OSError(-code, "libseccomp")


def restriction(service: Mapping[str, str]) -> Callable[[], None]:
    """A preexec_fn that takes what the unit's section [Service] says."""
    assert service["NoNewPrivileges"] == service["MemoryDenyWriteExecute"] == "yes"
    allowed = {CAPABILITIES[name] for name in service["CapabilityBoundingSet"].split()}
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    filters = [_families(service["RestrictAddressFamilies"].split())]
    if service["RestrictNamespaces"] == "yes":
        filters.append(_refuse("unshare", "setns"))
    # The last one: it may refuse to load another.
    filters.append(_calls(service["SystemCallFilter"].split()))

    def restrict() -> None:
        for capability in set(range(last + 1)) - allowed:
            _prctl(_PR_CAPBSET_DROP, capability)
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        _prctl(_PR_SET_MDWE, 1)
        for one in filters:
            one.load()

    return restrict


def _calls(words: Iterable[str]) -> _Filter:
    made = _Filter(_ERRNO | errno.EPERM)
    for call in _expanded(words):
        made.add(_ALLOW, call)
    return made


def _expanded(words: Iterable[str]) -> set[str]:
    """The calls of these names and of these sets, such as @system-service."""
    calls: set[str] = set()
    for word in words:
        if not word.startswith("@"):
            calls.add(word)
            continue
        shown = subprocess.run(
            ["systemd-analyze", "syscall-filter", "--no-pager", word],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        assert shown[0] == word
        calls |= _expanded(line.strip() for line in shown[1:] if line.strip()[:1] not in ("#", ""))
    return calls


def _families(names: Iterable[str]) -> _Filter:
    allowed = {getattr(socket, name) for name in names}
    made = _Filter(_ALLOW)
    for family in set(_ADDRESS_FAMILIES) - allowed:
        made.add(_ERRNO | errno.EAFNOSUPPORT, "socket", _Comparison(0, _EQUAL, family, 0))
    return made


def _refuse(*calls: str) -> _Filter:
    made = _Filter(_ALLOW)
    for call in calls:
        made.add(_ERRNO | errno.EPERM, call)
    return made


def _prctl(*arguments: int) -> None:
    values = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:5]]
    if _libc.prctl(*values):
        raise OSError(ctypes.get_errno(), "prctl")
