"""VIFs: taken when needed, given back, and too few."""

from __future__ import annotations

import itertools

import pytest

from smcroute_agent.engine.addresses import IPV4, IPV6
from smcroute_agent.engine.interfaces import IFF_MULTICAST
from smcroute_agent.engine.kernel.netlink import LinkState
from smcroute_agent.engine.reconcile import Refused
from smcroute_agent.engine.transaction import Abandoned
from smcroute_agent.errors import ResourceError
from tests.unit.agent.engine.kernels import Bench, run
from tests.unit.agent.engine.routes import G, S, key, mroute, state_of


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


def test_33rd_vif_is_refused_with_its_rule():
    bench = Bench(interfaces=40)
    bench.apply([["mroute", "eth0", S, G, [f"eth{i}" for i in range(1, 31)]]])
    before = bench.state()
    with pytest.raises(Refused) as caught:
        bench.apply(
            [
                ["mroute", "eth0", S, "225.1.1.2", ["eth31"]],
                ["mroute", "eth0", S, "225.1.1.3", ["eth32"]],
            ]
        )
    assert isinstance(caught.value.error, ResourceError)
    assert caught.value.rule == ("mroute", "eth0", S, "225.1.1.3")
    assert "no VIF is left for interface eth32" in caught.value.error.message
    assert caught.value.error.remedy
    assert bench.state() == before


def test_a_lenient_change_takes_what_vifs_there_are_and_the_rest_waits():
    bench = Bench(interfaces=40)
    bench.apply([["mroute", "eth+", S, G, ["eth+"]]], lenient=True)
    assert len(bench.router.forwarding[IPV4].vifs.held()) == 32
    with pytest.raises(Refused):
        Bench(interfaces=40).apply([["mroute", "eth+", S, G, ["eth+"]]])
    # It is no more lenient than that.
    with pytest.raises(Refused):
        bench.apply(remove=[["mroute", "eth9", S, "225.9.9.9"]], lenient=True)


def test_vifs_that_a_change_frees_serve_the_same_change():
    bench = Bench(interfaces=40)
    bench.apply([["mroute", "eth0", S, G, [f"eth{i}" for i in range(1, 32)]]])
    bench.apply([["mroute", "eth0", S, G, [f"eth{i}" for i in range(9, 40)]]])
    assert bench.table() == {(S, G): ("eth0", {f"eth{i}" for i in range(9, 40)})}


@pytest.fixture
def full_bench() -> Bench:
    """All VIFs are taken, in no order that follows from the interfaces."""
    bench = Bench(interfaces=40)
    for i in reversed(range(1, 32)):
        bench.apply([["mroute", "eth0", S, f"226.1.1.{i}", [f"eth{i}"]]])
    return bench


NEW_OUTS = [["mroute", "eth0", S, G, [f"eth{i}" for i in range(9, 40)]]]


FREED = [["mroute", "eth0", S, f"226.1.1.{i}"] for i in range(1, 9)]


@pytest.mark.parametrize("nth", [1, 5, 9])
def test_numbers_are_as_before_when_such_a_change_is_undone(full_bench, nth):
    before = full_bench.state()
    full_bench.refusing.refuse_at = full_bench.refusing.calls + nth
    with pytest.raises(Refused):
        full_bench.apply(NEW_OUTS, FREED)
    assert full_bench.state() == before


def test_such_a_change_is_undone_wherever_it_is_abandoned(full_bench):
    before = full_bench.state()
    for steps in itertools.count(1):
        transaction = full_bench.transaction(NEW_OUTS, FREED)
        work = transaction.run()
        if any(next(work, StopIteration) is StopIteration for _ in range(steps)):
            break
        transaction.abandon()
        with pytest.raises(Abandoned):
            run(work)
        assert full_bench.state() == before
    assert steps > 2
