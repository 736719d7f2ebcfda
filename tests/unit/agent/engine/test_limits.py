"""Changes that are refused for what they ask, and how much of it."""

from __future__ import annotations

import pytest

from smcroute_agent.engine import protocol
from smcroute_agent.engine.addresses import IPV6
from smcroute_agent.engine.reconcile import Refused
from smcroute_agent.engine.transaction import Stage
from smcroute_agent.errors import DataError, EngineError, ResourceError, SystemProblem
from tests.unit.agent.engine.kernels import run
from tests.unit.agent.engine.routes import S


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
    del bench.kernels[IPV6]
    bench.start(bench.kernels, absent={IPV6: SystemProblem("no IPv6 here", remedy="none")})
    with pytest.raises(Refused) as caught:
        bench.apply([["mroute", "eth0", "*", "ff0e::1", []]])
    assert type(caught.value.error) is EngineError
    assert str(caught.value.error) == "no IPv6 here; none"
