"""What the kernel's error numbers mean here, and what to do about them."""

from __future__ import annotations

import errno
import os

from ...errors import EngineError, Error, PrivilegeProblem, ResourceError, SystemProblem

OPEN = "open"
ADD_VIF = "add a VIF"
WRITE_ENTRY = "write a forwarding entry"
JOIN = "join a group"


class MissingInKernel(SystemProblem):
    """The kernel was built without what is asked for."""


_PRIVILEGE = (
    PrivilegeProblem,
    "multicast routing needs privilege",
    "start smcrouted as root, or with CAP_NET_ADMIN and CAP_NET_RAW",
)
_MISSING = (
    MissingInKernel,
    "the kernel has no {family} multicast routing",
    "use a kernel that is built with CONFIG_IP_MROUTE, CONFIG_IPV6_MROUTE and their "
    "..._MULTIPLE_TABLES",
)
_NO_MEMORY = (
    ResourceError,
    "the kernel has no memory to {operation}",
    "free memory, or use fewer rules",
)
_MEMBERSHIPS = (
    ResourceError,
    "the kernel takes no more group memberships",
    "raise the sysctl {sysctl}",
)

_REFUSALS: dict[tuple[str, int], tuple[type[Error], str, str]] = {
    (OPEN, errno.EPERM): _PRIVILEGE,
    (OPEN, errno.EACCES): _PRIVILEGE,
    (OPEN, errno.ENOPROTOOPT): _MISSING,
    (OPEN, errno.EPROTONOSUPPORT): _MISSING,
    (OPEN, errno.EAFNOSUPPORT): _MISSING,
    (OPEN, errno.EOPNOTSUPP): _MISSING,
    (OPEN, errno.EADDRINUSE): (
        SystemProblem,
        "another multicast routing daemon holds {family} multicast routing table {table}",
        "stop it, or choose another table with smcrouted -t",
    ),
    (OPEN, errno.EINVAL): (
        SystemProblem,
        "the kernel refuses {family} multicast routing table {table}",
        # ipmr_new_table() takes one digit more than ip6mr_new_table().
        "choose a table from 1 to 99999999 with smcrouted -t",
    ),
    (ADD_VIF, errno.EADDRNOTAVAIL): (
        EngineError,
        "the kernel takes {interface} for no {family} multicast interface",
        "look at its MTU and its state with ip link",
    ),
    (ADD_VIF, errno.ENFILE): (
        ResourceError,
        "the kernel has no VIF left for {interface}",
        "remove rules that use other interfaces",
    ),
    (JOIN, errno.ENOBUFS): _MEMBERSHIPS,
    (JOIN, errno.ENODEV): (
        EngineError,
        "{interface} takes part in no {family} multicast",
        "look at it with ip link, and at the sysctl net.ipv6.conf.{interface}.disable_ipv6",
    ),
    **{
        (operation, number): _NO_MEMORY
        for operation in (ADD_VIF, WRITE_ENTRY, JOIN)
        for number in (errno.ENOMEM, errno.ENOBUFS)
        if (operation, number) != (JOIN, errno.ENOBUFS)
    },
}


def explain(operation: str, error: OSError, **about: object) -> Error:
    """The kernel's refusal as an error that says what to do.

    operation: one of the constants of this module.  about: what the texts name: family
    ("IPv4"), table, interface, sysctl.
    """
    number = error.errno or 0
    known = _REFUSALS.get((operation, number))
    type_: type[Error]
    if known is None:
        type_ = SystemProblem if operation == OPEN else EngineError
        message = f"the kernel refuses to {operation}: {os.strerror(number)}"
        return type_(message, remedy="look at the log of the kernel with dmesg")
    type_, message, remedy = known
    names = {"operation": operation, **about}
    return type_(message.format_map(names), remedy=remedy.format_map(names))
