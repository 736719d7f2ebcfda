"""Groups that are joined for rules."""

from __future__ import annotations

import errno

import pytest

from smcroute_agent.engine import protocol
from smcroute_agent.engine.interfaces import IFF_MULTICAST
from smcroute_agent.engine.kernel.netlink import LinkState
from smcroute_agent.engine.reconcile import Refused
from tests.unit.agent.engine.routes import G, S


def test_membership_that_the_kernel_refuses(bench):
    bench.apply([["mgroup", "eth0", "*", G]])
    before = bench.state()
    bench.refusing.refuse_at = bench.refusing.calls + 3
    bench.refusing.errno = errno.ENOBUFS
    with pytest.raises(Refused) as caught:
        bench.apply(
            [["mroute", "eth0", S, G, []], ["mgroup", "eth1", "*", "225.2.0.0/30"]],
            [["mgroup", "eth0", "*", G]],
        )
    assert caught.value.rule == ("mgroup", "eth1", "*", "225.2.0.0/30")
    assert caught.value.error.remedy == "raise the sysctl a.b"
    assert bench.state() == before


def test_memberships_follow_their_interface(bench):
    bench.apply([["mgroup", "eth+", "*", G], ["mgroup", "ppp0", S, "232.1.1.1"]])
    assert {member.ifindex for member in bench.sockets.joined} == {2, 3, 4, 5}
    bench.links([LinkState(3, "wan", IFF_MULTICAST), LinkState(9, "ppp0", IFF_MULTICAST)], gone=[2])
    assert {member.ifindex for member in bench.sockets.joined} == {4, 5, 9}
    bench.links([LinkState(9, "ppp0", IFF_MULTICAST)], gone=[9])
    assert {member.ifindex for member in bench.sockets.joined} == {4, 5, 9}


def test_late_interface_with_too_many_memberships_waits(bench):
    bench.apply([["mgroup", "e+", "*", "225.0.0.0/23"]])
    bench.links([LinkState(9, "ens0", IFF_MULTICAST)])
    assert len(bench.sockets.joined) == protocol.MAX_MEMBERSHIPS
    assert list(bench.router.memberships.refused) == [("mgroup", "e+", "*", "225.0.0.0/23")]


def test_a_refusal_that_nobody_waits_for_is_logged_once(bench, caplog):
    bench.sockets.never = {"ens0", "ens1"}
    bench.apply([["mgroup", "ens0", "*", "225.1.1.0/30"], ["mgroup", "ens1", "*", G]])
    for ifindex, name in ((9, "ens0"), (10, "ens1"), (11, "ens2")):
        bench.links([LinkState(ifindex, name, IFF_MULTICAST)])
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [text.partition(": ")[0] for text in told] == [
        "mgroup ens0 * 225.1.1.0/30",
        f"mgroup ens1 * {G}",
    ]
    assert bench.router.memberships.refused.keys() == {
        ("mgroup", "ens0", "*", "225.1.1.0/30"),
        ("mgroup", "ens1", "*", G),
    }


def test_two_rules_may_want_one_membership(bench):
    bench.apply([["mgroup", "eth0", "*", G], ["mgroup", "eth+", "*", G]])
    bench.apply(remove=[["mgroup", "eth+", "*", G]])
    assert {member.ifindex for member in bench.sockets.joined} == {2}


def test_range_of_senders_from_the_first_address_on(bench):
    """The first address is nobody's: a membership with it would be one for any sender."""
    bench.apply([["mgroup", "eth0", "0.0.0.0/30", "232.1.1.1"]])
    assert {member.source for member in bench.sockets.joined} == {1, 2, 3}


def test_interface_that_does_not_route(bench):
    bench.apply([["phyint", "eth1", False, None, None], ["mgroup", "eth+", "*", G]])
    assert {member.ifindex for member in bench.sockets.joined} == {2, 3, 4, 5}
    assert bench.rehearse([["mgroup", "eth1", "*", "225.9.9.9"]]) == {}
    bench.links([LinkState(3, "eth1", 0)])
    assert {member.ifindex for member in bench.sockets.joined} == {2, 4, 5}
