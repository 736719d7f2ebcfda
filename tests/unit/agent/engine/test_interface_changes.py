"""What becomes of entries when interfaces come, go and change."""

from __future__ import annotations

import errno

import pytest

from smcroute_agent.engine.addresses import IPV4
from smcroute_agent.engine.interfaces import IFF_MULTICAST
from smcroute_agent.engine.kernel.netlink import LinkState
from tests.unit.agent.engine.routes import G, S, mroute, state_of


def test_disabled_interface_takes_its_legs_along_and_brings_them_back(bench):
    bench.apply([mroute("eth0", S, G, "eth1", "eth2")])
    bench.apply([["phyint", "eth2", False, None, None]])
    assert bench.table() == {(S, G): ("eth0", {"eth1"})}
    assert state_of(bench, "mroute", "eth0", S, G) == (
        "pending",
        "interface eth2 is disabled by phyint eth2",
    )
    bench.apply(remove=[["phyint", "eth2"]])
    assert bench.table() == {(S, G): ("eth0", {"eth1", "eth2"})}


def test_interface_that_goes_and_comes_again_with_another_index(bench):
    bench.apply([mroute("eth0", S, G, "eth1", "eth2"), mroute("eth0", "*", "226.1.1.1", "eth2")])
    bench.packet("eth0", S, "226.1.1.1")
    bench.links(gone=[4])
    assert bench.table() == {(S, G): ("eth0", {"eth1"}), (S, "226.1.1.1"): ("eth0", set())}
    bench.links([LinkState(44, "eth2", IFF_MULTICAST)])
    assert bench.table() == {
        (S, G): ("eth0", {"eth1", "eth2"}),
        (S, "226.1.1.1"): ("eth0", {"eth2"}),
    }


def test_interface_that_was_made_anew_with_the_same_index(bench):
    bench.apply([mroute("eth0", S, G, "eth1", "eth2")])
    bench.links([LinkState(4, "eth2", IFF_MULTICAST)], gone=[4])
    assert bench.table() == {(S, G): ("eth0", {"eth1", "eth2"})}


@pytest.mark.parametrize("index", [4, 44])
def test_lost_events_are_made_up_for_by_a_dump(bench, index):
    bench.apply([mroute("eth0", S, G, "eth1", "eth2")])
    bench.links([LinkState(index, "eth2", IFF_MULTICAST)], gone=[4], lost=True)
    assert bench.table() == {(S, G): ("eth0", {"eth1", "eth2"})}


def test_interfaces_of_rules_are_told_of_and_others_not(bench):
    bench.apply([mroute("eth0", S, G, "eth2")])
    bench.links(gone=[4, 5])
    bench.links([LinkState(6, "eth2", IFF_MULTICAST), LinkState(7, "other", IFF_MULTICAST)])
    bench.links([LinkState(6, "eth2", 0)])
    assert bench.events == [
        {
            "event": "interface-pending",
            "interface": "eth2",
            "reason": "interface eth2 does not exist",
        },
        {"event": "interface-active", "interface": "eth2"},
        {
            "event": "interface-pending",
            "interface": "eth2",
            "reason": "interface eth2 has no MULTICAST flag",
        },
    ]


def test_in_interface_that_goes_takes_learned_flows_along(bench):
    bench.apply([mroute("eth0", S, G, "eth1"), mroute("eth0", "*", "226.1.1.1", "eth1")])
    bench.packet("eth0", S, "226.1.1.1")
    bench.packet("eth0", S, "227.1.1.1")
    bench.links(gone=[2])
    assert bench.table() == {}
    assert len(bench.router.forwarding[IPV4]._cache) == 0
    assert state_of(bench, "mroute", "eth0", S, G) == ("pending", "interface eth0 does not exist")
    bench.links([LinkState(9, "eth0", IFF_MULTICAST)])
    assert bench.table() == {(S, G): ("eth0", {"eth1"})}


def test_renamed_interface(bench):
    bench.apply([mroute("eth0", S, G, "wan"), mroute("eth0", S, "225.1.1.2", "eth1")])
    bench.links([LinkState(3, "wan", IFF_MULTICAST)])
    assert bench.table() == {(S, G): ("eth0", {"wan"}), (S, "225.1.1.2"): ("eth0", set())}


def test_rule_whose_entry_the_kernel_refuses_when_a_link_comes_waits(bench):
    bench.apply([mroute("eth0", S, G, "ppp0")])
    bench.refusing.errno = errno.ENOMEM
    bench.refusing.refuse_at = bench.refusing.calls + 2
    bench.links([LinkState(50, "ppp0", IFF_MULTICAST)])
    state, reason = state_of(bench, "mroute", "eth0", S, G)
    assert state == "pending"
    assert "no memory" in reason
    assert bench.router.counters.values["kernel_refusals"] == 1
    assert bench.table() == {}
    bench.apply([mroute("eth0", "*", G, "eth1")])
    assert bench.table() == {(S, G): ("eth0", {"eth1", "ppp0"})}
    assert state_of(bench, "mroute", "eth0", S, G) == ("installed", None)
