"""Changes: all or nothing, and the same outcome whichever way one comes there."""

from __future__ import annotations

import errno

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcroute_agent.engine.addresses import FAMILIES, IPV4
from smcroute_agent.engine.encoding import encode_rule
from smcroute_agent.engine.reconcile import Refused
from smcroute_agent.engine.transaction import Abandoned
from smcroute_agent.errors import ResourceError
from tests.unit.agent.engine.kernels import Bench, run
from tests.unit.agent.engine.routes import G, S

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


def test_interface_that_vanishes_meanwhile_is_no_reason_to_refuse(bench):
    bench.refusing.refuse_at = bench.refusing.calls + 2
    bench.refusing.errno = errno.EADDRNOTAVAIL
    bench.apply([["mroute", "eth0", S, G, ["eth1", "eth2"]]])
    assert bench.table() == {(S, G): ("eth0", {"eth2"})}


def test_routes_that_came_together_are_rules_of_their_own(bench):
    groups = ["225.1.1.1", "225.1.1.2", "225.1.1.3"]
    bench.apply([["mroute", "eth0", S, groups, ["eth1"]]])
    assert bench.table() == {(S, group): ("eth0", {"eth1"}) for group in groups}
    with pytest.raises(Refused, match=r"192\.0\.2\.9 is no multicast group") as caught:
        bench.apply([["mroute", "eth0", S, ["225.1.1.4", "192.0.2.9"], ["eth1"]]])
    assert caught.value.rule == ("mroute", "eth0", S, "192.0.2.9")
    bench.apply([], [["mroute", "eth0", S, groups[1]]])
    assert bench.table() == {(S, group): ("eth0", {"eth1"}) for group in groups[::2]}


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
    assert {encode_rule(rule.rule)[0] for rule in bench.router.rules.values()} == {
        "mroute", "mgroup", "phyint"
    }  # fmt: skip
    assert list(bench.table()) == [(S, G)]


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
