"""Changes: all or nothing, and the same outcome whichever way one comes there."""

from __future__ import annotations

import errno
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcroute_agent.engine import protocol
from smcroute_agent.engine.addresses import FAMILIES, IPV4
from smcroute_agent.engine.interfaces import IFF_MULTICAST
from smcroute_agent.engine.kernel.netlink import LinkState
from smcroute_agent.engine.reconcile import Refused
from smcroute_agent.engine.transaction import Abandoned, Stage
from smcroute_agent.errors import DataError, EngineError, ResourceError
from tests.unit.agent.engine.kernels import Bench, run

S, G = "10.0.0.1", "225.1.1.1"

PATTERNS = st.sampled_from(["eth0", "eth1", "eth2", "eth+", "eth9"])
OUTS = st.lists(PATTERNS, max_size=3, unique=True)
SOURCES = st.sampled_from(["*", "10.0.0.1", "10.0.0.2", "10.0.0.0/24"])
GROUPS = st.sampled_from(["225.0.0.1", "225.0.0.2", "225.0.0.0/24"])
MROUTES = st.builds(
    lambda interface, source, group, outs: ["mroute", interface, source, group, outs],
    PATTERNS,
    SOURCES,
    GROUPS,
    OUTS,
) | st.builds(
    lambda interface, outs: ["mroute", interface, "2001:db8::1", "ff0e::1", outs], PATTERNS, OUTS
)
MGROUPS = st.builds(
    lambda interface, source, group: ["mgroup", interface, source, group],
    PATTERNS,
    st.sampled_from(["*", "10.0.0.1"]),
    st.sampled_from(["225.0.0.1", "225.0.0.0/30"]),
)
PHYINTS = st.builds(
    lambda name, enabled, ttl: ["phyint", name, enabled, None, ttl],
    PATTERNS,
    st.sampled_from([None, True, False]),
    st.sampled_from([None, 1, 9]),
)
RULES = MROUTES | MGROUPS | PHYINTS


def _key(rule: list) -> tuple[str, ...]:
    return tuple(rule[:2]) if rule[0] == "phyint" else tuple(rule[:4])


def _entries(bench: Bench) -> object:
    """What is forwarded, in names: numbers of VIFs depend on history, and may."""
    return {
        family: {
            flow: (
                in_interface,
                {(name, bench.router.interfaces.by_name[name].threshold) for name in outs},
            )
            for flow, (in_interface, outs) in bench.table(family).items()
        }
        for family in FAMILIES
    }


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_way_to_a_set_of_rules_ends_the_same(data):
    bench, held = Bench(), {}
    for _ in range(data.draw(st.integers(1, 5))):
        add = data.draw(st.lists(RULES, max_size=5))
        remove = data.draw(st.lists(st.sampled_from(sorted(held)), unique=True)) if held else []
        bench.apply(add, [list(key) for key in remove])
        for key in remove:
            del held[key]
        held |= {_key(rule): rule for rule in add}
    at_once = Bench()
    at_once.apply(held.values())
    assert _entries(bench) == _entries(at_once)
    assert bench.sockets.joined == at_once.sockets.joined
    for family in FAMILIES:
        assert set(bench.kernels[family].vifs.values()) == set(
            at_once.kernels[family].vifs.values()
        )


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_learned_flows_follow_every_change_as_if_learned_anew(data):
    bench, held = Bench(), {}
    packets = st.tuples(
        st.sampled_from(["eth0", "eth1"]),
        st.sampled_from(["10.0.0.1", "10.0.0.2"]),
        st.sampled_from(["225.0.0.1", "225.0.0.2"]),
    )
    for _ in range(data.draw(st.integers(1, 4))):
        add = data.draw(st.lists(MROUTES, max_size=4))
        bench.apply(add)
        held |= {_key(rule): rule for rule in add}
        for packet in data.draw(st.lists(packets, max_size=4)):
            bench.packet(*packet)
    anew = Bench()
    anew.apply(held.values())
    for (source, group), (interface, _) in bench.table().items():
        anew.packet(interface, source, group)
    assert bench.table() == {flow: anew.table()[flow] for flow in bench.table()}
    assert bench.origins() == {flow: anew.origins()[flow] for flow in bench.origins()}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_refused_change_leaves_nothing(data):
    bench = Bench()
    first = data.draw(st.lists(RULES, max_size=6))
    bench.apply(first)
    before = bench.state()
    add = data.draw(st.lists(RULES, min_size=1, max_size=6))
    keys = sorted({_key(rule) for rule in first})
    remove = data.draw(st.lists(st.sampled_from(keys), unique=True)) if keys else []
    bench.refusing.refuse_at = bench.refusing.calls + data.draw(st.integers(1, 8))
    refused = None
    try:
        bench.apply(add, [list(key) for key in remove])
    except Refused as refusal:
        refused = refusal.error
    if refused is not None:
        assert isinstance(refused, ResourceError)
        assert bench.state() == before


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_abandoned_change_leaves_nothing(data):
    bench = Bench()
    bench.apply(data.draw(st.lists(RULES, max_size=6)))
    before = bench.state()
    transaction = bench.transaction(data.draw(st.lists(RULES, min_size=1, max_size=6)))
    work = transaction.run()
    for _ in range(data.draw(st.integers(1, 6))):
        if next(work, StopIteration) is StopIteration:
            return
    transaction.abandon()
    with pytest.raises(Abandoned):
        run(work)
    assert bench.state() == before


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


def test_interface_that_vanishes_meanwhile_is_no_reason_to_refuse(bench):
    bench.refusing.refuse_at = bench.refusing.calls + 2
    bench.refusing.errno = errno.EADDRNOTAVAIL
    bench.apply([["mroute", "eth0", S, G, ["eth1", "eth2"]]])
    assert bench.table() == {(S, G): ("eth0", {"eth2"})}


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


@pytest.mark.parametrize(
    ("change", "type_", "rule"),
    [
        ({"add": [["mroute", "eth0", "*", "10.1.1.1", []]]}, DataError,
         ("mroute", "eth0", "*", "10.1.1.1")),
        ({"add": [["mroute", "eth0"]]}, DataError, None),
        ({"remove": [["mroute", "eth0"]]}, DataError, None),
        ({"remove": [["phyint", "eth0"]]}, DataError, ("phyint", "eth0")),
        ({"add": [["mgroup", "eth0", "*", "225.0.0.0/8"]]}, ResourceError,
         ("mgroup", "eth0", "*", "225.0.0.0/8")),
        ({"add": [["mgroup", "eth+", "*", "225.0.0.0/22"]]}, ResourceError,
         ("mgroup", "eth+", "*", "225.0.0.0/22")),
    ],
)  # fmt: skip
def test_bad_change_is_refused(bench, change, type_, rule):
    before = bench.state()
    with pytest.raises(Refused) as caught:
        bench.apply(**change)
    assert type(caught.value.error) is type_
    assert caught.value.rule == rule
    assert bench.state() == before


def test_too_many_rules(bench, monkeypatch):
    monkeypatch.setattr("smcroute_agent.engine.transaction.MAX_RULES", 3)
    rules = [["phyint", f"eth{i}", None, None, None] for i in range(4)]
    with pytest.raises(Refused, match="more than 3 rules"):
        bench.apply(rules)
    bench.apply(rules[:3])
    with pytest.raises(Refused, match="more than 3 rules"):
        bench.apply(rules[3:])
    bench.apply(rules[3:], [["phyint", "eth0"]])
    assert len(bench.router.rules) == 3


def test_too_many_out_interfaces_in_all(bench, monkeypatch):
    monkeypatch.setattr("smcroute_agent.engine.transaction.MAX_OUT_INTERFACES_IN_ALL", 4)
    first, second, third = (["mroute", "eth0", S, f"225.1.1.{i}", ["a", "b"]] for i in range(3))
    bench.apply([first, second])
    before = bench.state()
    with pytest.raises(Refused, match="more than 4 out-interfaces") as caught:
        bench.apply([third])
    assert type(caught.value.error) is ResourceError
    assert caught.value.rule == tuple(third[:4])
    assert bench.state() == before
    bench.apply([third], [first[:4]])
    bench.apply(replace_all=True)
    bench.apply([first, second])


def test_a_stage_is_bounded_before_it_is_applied(bench, monkeypatch):
    monkeypatch.setattr("smcroute_agent.engine.transaction.MAX_OUT_INTERFACES_IN_ALL", 4)
    rules = [["mroute", "eth0", S, f"225.1.1.{i}", ["a", "b"]] for i in range(3)]
    stage = Stage()
    run(stage.take([], [*rules[:2], *rules[:2]]))
    assert stage.refusal is None
    run(stage.take([], rules[2:]))
    assert stage.refusal is not None
    assert "a change of more than 4 out-interfaces" in stage.refusal.error.message


def test_too_many_pairs_of_prefix_lengths(bench):
    pairs = [(source, group) for source in range(8, 32) for group in range(20, 32)]
    rules = [
        ["mroute", "eth0", f"10.0.0.0/{source}", f"225.0.0.0/{group}", ["eth1"]]
        for source, group in pairs
    ]
    held = rules[: protocol.MAX_LENGTH_PAIRS]
    bench.apply(held)
    with pytest.raises(Refused, match="more than 256 different pairs of prefix lengths") as caught:
        bench.apply([rules[256]])
    assert type(caught.value.error) is ResourceError
    assert caught.value.rule == tuple(rules[256][:4])
    bench.apply([["mroute", "eth1", *held[0][2:]]])
    with pytest.raises(Refused):
        bench.apply([rules[256]], [held[0][:4]])
    bench.apply([rules[256]], [held[1][:4]])
    assert len(bench.router.rules) == protocol.MAX_LENGTH_PAIRS + 1


def test_family_that_the_kernel_lacks(bench):
    del bench.router.forwarding[FAMILIES[1]]
    with pytest.raises(Refused) as caught:
        bench.apply([["mroute", "eth0", "*", "ff0e::1", []]])
    assert type(caught.value.error) is EngineError
    assert "IPv6" in caught.value.error.message
    assert caught.value.error.remedy


def test_replace_all_removes_the_rest_and_touches_nothing_that_stays(bench):
    rules = [
        ["mroute", "eth0", S, G, ["eth1"]],
        ["mgroup", "eth0", "*", G],
        ["phyint", "eth1", None, None, 3],
    ]
    bench.apply([*rules, ["mroute", "eth0", S, "225.1.1.2", ["eth2"]]])
    calls = bench.refusing.calls
    bench.apply(rules, replace_all=True)
    assert bench.refusing.calls == calls
    assert {protocol.encode_rule(rule.rule)[0] for rule in bench.router.rules.values()} == {
        "mroute", "mgroup", "phyint"
    }  # fmt: skip
    assert list(bench.table()) == [(S, G)]


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


def test_two_rules_may_want_one_membership(bench):
    bench.apply([["mgroup", "eth0", "*", G], ["mgroup", "eth+", "*", G]])
    bench.apply(remove=[["mgroup", "eth+", "*", G]])
    assert {member.ifindex for member in bench.sockets.joined} == {2}


def test_upcalls_between_the_steps_of_a_change_meet_the_right_entry(bench):
    bench.apply([["mroute", "eth0", "*", "225.0.0.0/8", ["eth1"]]])
    transaction = bench.transaction(
        [
            ["mroute", "eth0", "10.0.0.9", f"226.0.{i // 250}.{i % 250}", ["eth2"]]
            for i in range(500)
        ]
        + [["mroute", "eth0", "*", "225.0.0.0/8", ["eth3"]]]
    )
    for number, _ in enumerate(transaction.run()):
        bench.packet("eth0", S, f"225.0.0.{number}")
    flows = {flow: outs for flow, (_, outs) in bench.table(IPV4).items() if flow[0] == S}
    assert len(flows) > 10
    assert set(flows.values()) == {frozenset({"eth3"})}
