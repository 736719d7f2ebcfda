"""The lab: a sender, a router and receivers, each in a network namespace of its own.

::

    sender eth0 ──── in0 router out0 ──── eth0 receiver0
                            out1 ──── eth0 receiver1  …
                            mgmt0 ─── eth0 control

Addresses follow from the picture: see `Addresses`.
"""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path

from . import namespace
from .closing import Closing
from .host import Host
from .scratch import remove_abandoned_directories
from .wait import wait_for

TENTATIVE = 0x40
"""IFA_F_TENTATIVE in the flags of /proc/net/if_inet6: duplicate address detection runs."""

MULTICAST_ROUTE = "ff" + "0" * 30
"""ff00::/8 in /proc/net/ipv6_route: with it, an interface takes multicast in and out."""

FIRST_INDEX = 1001
"""Interface index of the router's first interface.  Were both ends of a veth pair to have the
same index in their namespaces, the kernel would take its time, up to a second, to make the
link ready (linkwatch_urgent_event in net/core/link_watch.c)."""


class Addresses:
    """The lab's plan of addresses (documentation ranges of RFC 5737, RFC 3849; 10.0.0.0/8)."""

    ROUTER_IN = ("192.0.2.1", "2001:db8::1")
    SENDER = ("192.0.2.10", "2001:db8::10")
    OTHER_SENDER = ("192.0.2.11", "2001:db8::11")
    ROUTER_MANAGEMENT = ("198.51.100.1", "2001:db8:ffff::1")
    CONTROL = ("198.51.100.2", "2001:db8:ffff::2")

    @staticmethod
    def out(index: int, host: int) -> tuple[str, str]:
        """Address of the router (host 1) or the receiver (host 2) on the link outINDEX."""
        return (f"10.0.{index}.{host}", f"2001:db8:{index + 1:x}::{host}")


def _addresses(interface: str, *pairs: tuple[str, str]) -> str:
    return "".join(
        f"address add {ipv4}/24 dev {interface}\naddress add {ipv6}/64 dev {interface} nodad\n"
        for ipv4, ipv6 in pairs
    )


ROUTER_SYSCTLS = {
    "net/ipv4/ip_forward": "1",
    "net/ipv6/conf/all/forwarding": "1",
}

HOST_SYSCTLS = {
    # The lab sends from addresses that no route leads back to.
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
    # An IPv6 address must be usable at once.
    "net/ipv6/conf/all/accept_dad": "0",
    "net/ipv6/conf/default/accept_dad": "0",
    "net/ipv6/conf/default/dad_transmits": "0",
    "net/ipv6/conf/default/router_solicitations": "0",
}

RECEIVER_SYSCTLS = {
    "net/ipv4/igmp_max_memberships": "100000",
    "net/ipv4/igmp_max_msf": "1000",
}


class Lab(Closing):
    """A context manager: lays the lab on entering, removes every trace of it on leaving.

    outputs: how many outbound interfaces, out0, out1, …
    receivers: how many of them have a receiver behind them; on the others' far end is an
        interface of the host `sink`.
    management: whether there is a host `control`, linked with the router's mgmt0.

    Several labs may exist at once, in one process or in many.
    """

    def __init__(
        self, *, outputs: int = 2, receivers: int | None = None, management: bool = False
    ) -> None:
        self.outputs = outputs
        count = outputs if receivers is None else receivers
        prefix = namespace.lab_prefix()
        self.sender = Host("sender", prefix + "sender")
        self.router = Host("router", prefix + "router")
        self.receivers = [
            Host(f"receiver{i}", f"{prefix}receiver{i}") for i in range(min(count, outputs))
        ]
        self.sink = Host("sink", prefix + "sink") if len(self.receivers) < outputs else None
        self.control = Host("control", prefix + "control") if management else None

    @property
    def hosts(self) -> list[Host]:
        others = [host for host in (self.sink, self.control) if host is not None]
        return [self.sender, self.router, *self.receivers, *others]

    def open(self) -> None:
        namespace.remove_leftovers()
        remove_abandoned_directories()
        self._lay()

    def close(self) -> None:
        """Kill what runs in the lab's hosts and remove them; may be called twice."""
        namespace.remove([host.namespace for host in self.hosts])

    def _lay(self) -> None:
        namespace.ip(batch="".join(f"netns add {host.namespace}\n" for host in self.hosts))
        for host in self.hosts:
            _set_sysctls(host, HOST_SYSCTLS)
        _set_sysctls(self.router, ROUTER_SYSCTLS)
        for host in self.receivers:
            _set_sysctls(host, RECEIVER_SYSCTLS)

        configured = dict.fromkeys(self.hosts, "link set lo up\n")
        interfaces: dict[Host, list[str]] = {host: [] for host in self.hosts}
        cables = ""

        def cable(
            name: str, ours: tuple[str, str], other: Host, far: str, *theirs: tuple[str, str]
        ) -> None:
            nonlocal cables
            cables += (
                f"link add {name} index {FIRST_INDEX + len(interfaces[self.router])} "
                f"netns {self.router.namespace} type veth "
                f"peer name {far} netns {other.namespace}\n"
            )
            interfaces[self.router].append(name)
            interfaces[other].append(far)
            configured[self.router] += _addresses(name, ours) + f"link set {name} up\n"
            configured[other] += _addresses(far, *theirs) + f"link set {far} up\n"

        at = Addresses
        cable("in0", at.ROUTER_IN, self.sender, "eth0", at.SENDER, at.OTHER_SENDER)
        for index in range(self.outputs):
            if index < len(self.receivers):
                other, far = self.receivers[index], "eth0"
            else:
                assert self.sink is not None
                other, far = self.sink, f"eth{index}"
            cable(f"out{index}", at.out(index, 1), other, far, at.out(index, 2))
        if self.control:
            cable("mgmt0", at.ROUTER_MANAGEMENT, self.control, "eth0", at.CONTROL)

        namespace.ip(batch=cables)
        for host, commands in configured.items():
            host.ip(commands)
        for host in self.hosts:
            wait_for(
                partial(_ready, host, interfaces[host]),
                f"addresses and multicast routes of {host.name} usable",
            )

    def add_output(self, name: str, other: Host | None = None) -> None:
        """One more link of the router, up and without addresses, to `other` or the sender."""
        other = other or self.sender
        namespace.ip(
            batch=f"link add {name} netns {self.router.namespace} type veth "
            f"peer name {name} netns {other.namespace}\n"
        )
        for host in (self.router, other):
            host.ip(f"link set {name} up\n")


def _set_sysctls(host: Host, values: dict[str, str]) -> None:
    with host.entered():
        for name, value in values.items():
            # A kernel without IPv6 has none of its sysctls.
            with contextlib.suppress(FileNotFoundError):
                Path("/proc/sys", name).write_text(value)


def _ready(host: Host, interfaces: list[str]) -> bool:
    """Whether IPv6 addresses may be used, and multicast flows, on all the interfaces."""
    addresses = [line.split() for line in host.proc_net("if_inet6").splitlines()]
    routes = [line.split() for line in host.proc_net("ipv6_route").splitlines()]
    multicast = {route[-1] for route in routes if route[0] == MULTICAST_ROUTE}
    return multicast.issuperset(interfaces) and not any(
        int(flags, 16) & TENTATIVE for *_, flags, _ in addresses
    )
