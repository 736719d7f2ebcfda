"""Entries that follow from rules, interfaces and traffic."""

from __future__ import annotations

import itertools

import pytest

from smcroute_agent.engine.addresses import IPV4, IPV6
from smcroute_agent.engine.kernel.mroute import NOCACHE
from smcroute_agent.engine.status import status
from smcroute_agent.errors import EngineError
from tests.unit.agent.engine.kernels import Bench
from tests.unit.agent.engine.routes import G, S, key, mroute, state_of


def test_static_route_is_installed_at_once(bench):
    bench.apply([mroute("eth0", S, G, "eth1", "eth2")])
    assert bench.table() == {(S, G): ("eth0", {"eth1", "eth2"})}
    assert state_of(bench, "mroute", "eth0", S, G) == ("installed", None)


def test_template_waits_for_the_first_packet(bench):
    bench.apply([mroute("eth0", "*", "225.0.0.0/8", "eth1")])
    assert bench.table() == {}
    assert state_of(bench, "mroute", "eth0", "*", "225.0.0.0/8") == ("template", None)
    bench.packet("eth0", S, G)
    assert bench.table() == {(S, G): ("eth0", {"eth1"})}
    assert bench.origins() == {(S, G): "learned"}
    assert bench.events == [
        {
            "event": "route-learned",
            "source": S,
            "group": G,
            "in-interface": "eth0",
            "out-interfaces": ["eth1"],
        }
    ]


def test_out_interfaces_are_the_union_of_all_rules_that_match(bench):
    bench.apply(
        [
            mroute("eth0", S, G, "eth1"),
            mroute("eth+", "*", G, "eth2"),
            mroute("eth0", "10.0.0.0/8", "225.0.0.0/8", "eth3"),
            mroute("eth1", "*", G, "eth0"),
        ]
    )
    assert bench.table() == {(S, G): ("eth0", {"eth1", "eth2", "eth3"})}
    bench.apply(remove=[key("eth+", "*", G)])
    assert bench.table() == {(S, G): ("eth0", {"eth1", "eth3"})}


def test_wildcard_does_not_send_back_but_a_name_does(bench):
    bench.apply([mroute("eth0", S, G, "eth+"), mroute("eth1", S, "225.1.1.2", "eth1")])
    assert bench.table() == {
        (S, G): ("eth0", {"eth1", "eth2", "eth3"}),
        (S, "225.1.1.2"): ("eth1", {"eth1"}),
    }


def test_unmatched_flow_is_stopped_and_a_later_rule_takes_it_up(bench):
    bench.apply([mroute("eth0", "*", "226.1.1.1", "eth1")])
    bench.packet("eth0", S, G)
    assert bench.origins() == {(S, G): "stop"}
    assert bench.table() == {(S, G): ("eth0", set())}
    bench.apply([mroute("eth0", "*", "225.0.0.0/8", "eth2")])
    assert bench.table() == {(S, G): ("eth0", {"eth2"})}
    assert bench.origins() == {(S, G): "learned"}
    bench.apply(remove=[key("eth0", "*", "225.0.0.0/8")])
    assert bench.origins() == {(S, G): "stop"}


def test_several_static_in_interfaces_are_chosen_by_name_and_moved_by_traffic(bench):
    bench.apply([mroute("eth2", S, G, "eth3"), mroute("eth1", S, G, "eth3")])
    assert bench.table() == {(S, G): ("eth1", {"eth3"})}
    assert state_of(bench, "mroute", "eth2", S, G) == (
        "pending",
        "the flow comes in on eth1, as another rule says",
    )
    bench.packet("eth2", S, G)
    assert bench.table() == {(S, G): ("eth2", {"eth3"})}
    assert bench.router.counters.values["moved"] == 1
    assert bench.events[-1]["event"] == "route-moved"
    assert bench.events[-1]["from-interface"] == "eth1"


def test_order_of_rules_does_not_choose_the_in_interface():
    interfaces = ("eth1", "eth2", "eth+")
    for first in itertools.permutations(interfaces):
        bench = Bench()
        for interface in first:
            bench.apply([mroute(interface, S, G, "eth3")])
        assert bench.table()[S, G][0] == "eth1"


def test_flow_on_an_interface_that_no_rule_covers_is_not_moved(bench):
    bench.apply([mroute("eth1", S, G, "eth3"), mroute("eth2", "*", "226.1.1.1", "eth3")])
    bench.packet("eth2", S, G)
    assert bench.table()[S, G] == ("eth1", {"eth3"})


def test_static_route_that_goes_leaves_the_flow_to_a_template_without_a_gap(bench):
    bench.apply([mroute("eth0", S, G, "eth1"), mroute("eth0", "*", G, "eth2")])
    bench.packet("eth0", S, G)
    bench.apply(remove=[key("eth0", S, G)])
    assert bench.table() == {(S, G): ("eth0", {"eth2"})}
    assert bench.origins() == {(S, G): "learned"}
    bench.apply([mroute("eth0", "*", "225.0.0.0/8", "eth3")])
    assert bench.table() == {(S, G): ("eth0", {"eth2", "eth3"})}


def test_static_route_without_traffic_leaves_nothing_to_a_template(bench):
    bench.apply([mroute("eth0", S, G, "eth1"), mroute("eth0", "*", G, "eth2")])
    bench.apply(remove=[key("eth0", S, G)])
    assert bench.table() == {}


def test_change_of_out_interfaces_rewrites_in_place(bench, monkeypatch):
    bench.apply([mroute("eth0", S, G, "eth1")])
    monkeypatch.setattr(bench.kernels[IPV4], "delete_entry", pytest.fail)
    bench.apply([mroute("eth0", S, G, "eth2")])
    assert bench.table() == {(S, G): ("eth0", {"eth2"})}


def test_what_is_as_it_should_be_is_not_written_again(bench):
    bench.apply([mroute("eth0", S, G, "eth1"), mroute("eth0", "*", "226.1.1.1", "eth1")])
    calls = bench.refusing.calls
    bench.apply([mroute("eth0", "*", G, "eth1"), mroute("eth0", S, G, "eth1")])
    assert bench.refusing.calls == calls


def test_ttl_threshold_of_ipv4_and_of_ipv6(bench):
    bench.apply([mroute("eth0", S, G, "eth1"), mroute("eth0", "2001:db8::1", "ff0e::1", "eth1")])
    bench.apply([["phyint", "eth1", None, None, 7]])
    ((_, legs),) = bench.kernels[IPV4].entries.values()
    assert set(legs) == {0, 7}
    ((_, legs),) = bench.kernels[IPV6].entries.values()
    assert set(legs) == {0, 1}


def test_ttl_threshold_that_ipv6_does_not_heed_is_warned_about(bench):
    def warnings(name: str) -> tuple[str, ...]:
        return status(bench.router, bench.router.rules["phyint", name]).warnings

    bench.apply([mroute("eth0", S, G, "eth1"), ["phyint", "eth+", None, None, 7]])
    assert warnings("eth+") == ()
    bench.apply([mroute("eth0", "2001:db8::1", "ff0e::1", "eth1")])
    assert [text.split()[4] for text in warnings("eth+")] == ["eth0", "eth1"]
    bench.apply([["phyint", "eth1", None, None, 1]])
    assert [text.split()[4] for text in warnings("eth+")] == ["eth0"]
    assert warnings("eth1") == ()


def test_entry_that_somebody_took_out_of_the_kernel_is_put_back(bench):
    bench.apply([mroute("eth0", S, G, "eth1")])
    before = dict(bench.kernels[IPV4].entries)
    bench.kernels[IPV4].entries.clear()
    bench.packet("eth0", S, G)
    assert bench.kernels[IPV4].entries == before


def test_upcall_of_a_vif_that_is_not_ours_is_ignored(bench):
    assert not bench.router.traffic[IPV4].upcall((NOCACHE, 31, 1, 2))
    assert bench.table() == {}


def test_kernel_that_refuses_an_upcalls_answer_changes_nothing(bench):
    bench.apply([mroute("eth0", "*", G, "eth1")])
    bench.refusing.refuse_at = bench.refusing.calls + 1
    with pytest.raises(EngineError, match="no memory"):
        bench.packet("eth0", S, G)
    assert bench.origins() == {}
    bench.packet("eth0", S, G)
    assert bench.origins() == {(S, G): "learned"}
