"""Which sysctls multicast routing depends on, measured: the manual of the role says so."""

from __future__ import annotations

import pytest

S4, S6 = "192.0.2.10", "2001:db8::10"
OFF_LINK = "203.0.113.5"
"""A sender's address that no route of the router leads to."""

RULES = "mroute from in0 group 225.1.2.3 to out0\nmroute from in0 group ff0e::1 to out0\n"


@pytest.fixture
def forwarding(router):
    """A router that forwards two groups, the sender with one more address."""
    router.lab.sender.ip(f"address add {OFF_LINK}/32 dev eth0\n")
    router.join("225.1.2.3", "ff0e::1")
    router.start(RULES)
    return router


def test_unicast_forwarding_may_be_off(forwarding):
    forwarding.lab.router.sysctl("net/ipv4/ip_forward", "0")
    forwarding.lab.router.sysctl("net/ipv6/conf/all/forwarding", "0")
    assert forwarding.exchange(S4, "225.1.2.3") == [20, 0]
    assert forwarding.exchange(S6, "ff0e::1") == [20, 0]


ROUTES = {
    "none": "",
    "another interface": "route add 203.0.113.0/24 dev out1\n",
    "the same interface": "route add 203.0.113.0/24 dev in0\n",
}
PASSES = {
    ("0", "none"): True,
    ("0", "another interface"): True,
    ("1", "none"): False,
    ("1", "another interface"): False,
    ("1", "the same interface"): True,
    ("2", "none"): False,
    ("2", "another interface"): True,
}
"""By rp_filter of the incoming interface, and the way of the route to the source."""


def test_the_check_of_sources_drops_packets(forwarding):
    for (value, route), passes in PASSES.items():
        forwarding.lab.router.sysctl("net/ipv4/conf/in0/rp_filter", value)
        forwarding.lab.router.ip(ROUTES[route])
        arrived = forwarding.exchange(OFF_LINK, "225.1.2.3")
        assert arrived == ([20, 0] if passes else [0, 0]), (value, route)
        if ROUTES[route]:
            forwarding.lab.router.ip(ROUTES[route].replace("add", "del"))


def test_the_greater_of_the_interfaces_and_all_interfaces_value_holds(forwarding):
    forwarding.lab.router.sysctl("net/ipv4/conf/in0/rp_filter", "0")
    forwarding.lab.router.sysctl("net/ipv4/conf/all/rp_filter", "1")
    assert forwarding.exchange(OFF_LINK, "225.1.2.3") == [0, 0]
