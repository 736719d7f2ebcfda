"""Entries that follow from rules, interfaces and traffic."""

from __future__ import annotations

import errno
import itertools

import pytest

from smcroute_agent.engine.addresses import IPV4, IPV6
from smcroute_agent.engine.expiry import expire, flush
from smcroute_agent.engine.interfaces import IFF_MULTICAST
from smcroute_agent.engine.kernel.mroute import NOCACHE
from smcroute_agent.engine.kernel.netlink import LinkState
from smcroute_agent.engine.status import status
from smcroute_agent.errors import EngineError
from tests.unit.agent.engine.kernels import Bench, run

S, G = "10.0.0.1", "225.1.1.1"


def mroute(interface: str, source: str, group: str, *outs: str) -> list:
    return ["mroute", interface, source, group, list(outs)]


def key(interface: str, source: str, group: str) -> list:
    return ["mroute", interface, source, group]


def state_of(bench: Bench, *rule_key: str):
    row = status(bench.router, bench.router.rules[rule_key])
    return row.state, row.reason


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


def test_vifs_are_lazy_kept_and_the_lowest_number_is_next(bench):
    vifs = bench.kernels[IPV4].vifs
    bench.apply([mroute("eth0", S, G, "eth1"), mroute("eth2", S, "225.1.1.2")])
    assert vifs == {0: 2, 1: 3, 2: 4}
    assert bench.kernels[IPV6].vifs == {}
    bench.apply(remove=[key("eth0", S, G)])
    assert vifs == {2: 4}
    bench.apply([mroute("eth3", S, G, "eth1")])
    assert vifs == {2: 4, 0: 3, 1: 5}


def test_late_interface_without_a_vif_waits_and_is_served_when_one_is_free():
    bench = Bench(interfaces=32)
    bench.apply([mroute("eth0", S, G, "eth+"), mroute("ppp0", S, "225.1.1.2", "eth1")])
    bench.links([LinkState(99, "ppp0", IFF_MULTICAST)])
    state, reason = state_of(bench, "mroute", "ppp0", S, "225.1.1.2")
    assert state == "pending"
    assert "no VIF is left for interface ppp0" in reason
    assert (S, "225.1.1.2") not in bench.table()
    bench.apply([["phyint", "eth31", False, None, None]])
    assert bench.table()[S, "225.1.1.2"] == ("ppp0", {"eth1"})


def test_ifindex_that_struct_mif6ctl_cannot_hold(bench):
    bench.links([LinkState(70000, "far0", IFF_MULTICAST)])
    bench.apply([mroute("eth0", "2001:db8::1", "ff0e::1", "far0"), mroute("eth0", S, G, "far0")])
    assert bench.table() == {(S, G): ("eth0", {"far0"})}
    _, reason = state_of(bench, "mroute", "eth0", "2001:db8::1", "ff0e::1")
    assert "index 70000" in reason


def test_stop_entries_make_room_and_learned_ones_do_not():
    bench = Bench(cache_limit=3)
    bench.apply([mroute("eth0", "*", "225.0.0.0/8", "eth1")])
    for number in range(1, 5):
        bench.packet("eth0", S, f"230.0.0.{number}")
    assert set(bench.origins()) == {(S, f"230.0.0.{number}") for number in (2, 3, 4)}
    for number in range(1, 4):
        bench.packet("eth0", S, f"225.0.0.{number}")
    assert set(bench.origins().values()) == {"learned"}
    assert bench.router.counters.values["cache_limit_reached"] == 0
    bench.packet("eth0", S, "225.0.0.9")
    bench.packet("eth0", S, "230.0.0.9")
    assert len(bench.origins()) == 3
    assert bench.router.counters.values["cache_limit_reached"] == 2
    assert [event["event"] for event in bench.events].count("cache-limit-reached") == 1


def test_limit_is_shared_by_both_families():
    bench = Bench(cache_limit=2)
    bench.apply([mroute("eth0", "*", "225.0.0.0/8"), mroute("eth0", "*", "ff0e::/16")])
    bench.packet("eth0", S, "230.0.0.1")
    bench.packet("eth0", "2001:db8::1", "ff0e::1")
    bench.packet("eth0", "2001:db8::1", "ff0e::2")
    assert bench.origins() == {}
    assert len(bench.origins(IPV6)) == 2


def test_static_route_that_goes_when_the_cache_is_full_of_learned_entries():
    bench = Bench(cache_limit=1)
    bench.apply([mroute("eth0", S, G, "eth1"), mroute("eth0", "*", "225.0.0.0/8", "eth2")])
    bench.packet("eth0", S, G)
    bench.packet("eth0", S, "225.9.9.9")
    bench.apply(remove=[key("eth0", S, G)])
    assert bench.origins() == {(S, "225.9.9.9"): "learned"}


def test_silent_flows_expire_and_others_stay(bench):
    bench.apply([mroute("eth0", "*", "225.0.0.0/8", "eth1"), mroute("eth0", S, "226.1.1.1")])
    for group in ("225.0.0.1", "225.0.0.2", "230.0.0.1"):
        bench.packet("eth0", S, group)
    run(expire(bench.router))
    assert len(bench.origins()) == 4
    bench.packet("eth0", S, "225.0.0.2")
    run(expire(bench.router))
    assert bench.origins() == {(S, "225.0.0.2"): "learned", (S, "226.1.1.1"): "static"}
    assert bench.router.counters.values["expired"] == 2
    assert [e["group"] for e in bench.events if e["event"] == "route-expired"] == ["225.0.0.1"]


def test_learned_flow_that_expires_gives_way_to_the_static_rule(bench):
    bench.apply([mroute("eth1", S, G, "eth3"), mroute("eth2", "*", G, "eth3")])
    bench.packet("eth2", S, G)
    assert bench.table()[S, G] == ("eth2", {"eth3"})
    run(expire(bench.router))
    run(expire(bench.router))
    assert bench.table()[S, G] == ("eth1", {"eth3"})
    assert bench.origins() == {(S, G): "static"}


def test_flush(bench):
    bench.apply([mroute("eth0", "*", "225.0.0.0/8", "eth1"), mroute("eth0", S, "226.1.1.1")])
    bench.packet("eth0", S, G)
    bench.packet("eth0", S, "230.0.0.1")
    run(flush(bench.router))
    assert bench.origins() == {(S, "226.1.1.1"): "static"}
    assert len(bench.router.forwarding[IPV4]._cache) == 0


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
