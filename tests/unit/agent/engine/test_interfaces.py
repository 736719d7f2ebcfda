"""Which interfaces can be used, and why the others cannot."""

from __future__ import annotations

import pytest

from smcroute_agent.engine.addresses import IPV4
from smcroute_agent.engine.interfaces import IFF_MULTICAST, IFF_UP, Interfaces
from smcroute_agent.engine.kernel.netlink import LinkState
from smcroute_agent.rules import Phyint


@pytest.fixture
def interfaces():
    held = Interfaces()
    held.replace_links(
        [
            LinkState(1, "lo", IFF_UP),
            LinkState(2, "eth0", IFF_MULTICAST),
            LinkState(3, "eth1", IFF_MULTICAST),
            LinkState(4, "tun0", 0),
        ]
    )
    return held


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("eth0", None),
        ("eth+", None),
        ("eth9", "interface eth9 does not exist"),
        ("ppp+", "no interface matches ppp+"),
        ("lo", "interface lo has no MULTICAST flag"),
        ("tun0", "interface tun0 has no MULTICAST flag"),
        ("t+", "interface tun0 has no MULTICAST flag"),
    ],
)
def test_why_not(interfaces, pattern, reason):
    assert interfaces.why_not(pattern) == reason


def test_disabled_by_phyint(interfaces):
    assert interfaces.update_phyints([], [Phyint("eth0", enabled=False)]) == {"eth0"}
    assert interfaces.why_not("eth0") == "interface eth0 is disabled by phyint eth0"
    assert interfaces.why_not("eth+") is None
    assert interfaces.update_phyints([Phyint("eth0")], []) == {"eth0"}
    assert interfaces.why_not("eth0") is None


def test_own_phyint_counts_before_the_longest_wildcard(interfaces):
    interfaces.update_phyints(
        [],
        [
            Phyint("e+", ttl_threshold=2),
            Phyint("eth+", ttl_threshold=3),
            Phyint("eth0", ttl_threshold=4),
            Phyint("eth0+", ttl_threshold=5),
        ],
    )
    assert interfaces.by_name["eth0"].threshold == 4
    assert interfaces.by_name["eth1"].threshold == 3


def test_changes_are_told_by_name(interfaces):
    assert interfaces.update_links([LinkState(2, "eth0", IFF_MULTICAST)], []) == set()
    assert interfaces.update_links([LinkState(2, "wan", IFF_MULTICAST)], []) == {"eth0", "wan"}
    assert interfaces.update_links([LinkState(4, "tun0", IFF_MULTICAST)], [2]) == {"wan", "tun0"}
    assert interfaces.replace_links([]) == {"lo", "eth1", "tun0"}


def test_many_sources_of_one_group_are_looked_at_in_small_steps(bench):
    """Upcalls are answered between the steps."""
    sources = [f"10.0.{i // 250}.{i % 250 + 1}" for i in range(3000)]
    bench.apply([["mroute", "eth0", source, "225.1.1.1", ["eth1"]] for source in sources])
    bench.apply([["mroute", "eth0", "10.1.0.1", "225.1.1.1", ["eth3"]]])
    entries = list(bench.router.forwarding[IPV4].entries.scan())
    assert sum(map(len, entries)) == 3001
    assert max(map(len, entries)) <= 512
