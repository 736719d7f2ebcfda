"""Entries that traffic has made: how many there may be, and when they go."""

from __future__ import annotations

from smcroute_agent.engine.addresses import IPV4, IPV6
from smcroute_agent.engine.expiry import expire, flush
from tests.unit.agent.engine.kernels import Bench, run
from tests.unit.agent.engine.routes import G, S, key, mroute


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


def test_all_silent_flows_expire_together(bench):
    """What is taken out during a dump would make the kernel leave out as many others."""
    bench.apply([mroute("eth0", "*", "225.0.0.0/8", "eth1")])
    for number in range(20):
        bench.packet("eth0", S, f"225.0.0.{number}")
    for _ in range(2):
        run(expire(bench.router))
    assert bench.origins() == {}


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
