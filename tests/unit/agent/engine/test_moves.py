"""Flows that come in on another interface than their entry has."""

from __future__ import annotations

import pytest

from smcroute_agent.engine import traffic
from smcroute_agent.engine.addresses import IPV4
from smcroute_agent.engine.interfaces import IFF_MULTICAST, IFF_RUNNING, IFF_UP
from smcroute_agent.engine.kernel.netlink import LinkState
from tests.unit.agent.engine.kernels import Bench
from tests.unit.agent.engine.routes import G, S, key, mroute

READY = IFF_MULTICAST | IFF_UP | IFF_RUNNING
FIRST = {(S, G): ("eth0", frozenset({"eth2"}))}
THEN = {(S, G): ("eth1", frozenset({"eth2"}))}


@pytest.fixture(params=["*", S], ids=["learned", "static"])
def running(request, bench, monkeypatch) -> Bench:
    """Links that are up, and a flow that may come in on two of them."""
    monkeypatch.setattr(traffic, "SILENCE", 0)
    bench.links([LinkState(2 + i, f"eth{i}", READY) for i in range(4)])
    bench.apply([mroute(name, request.param, G, "eth2") for name in ("eth0", "eth1")])
    bench.packet("eth0", S, G)
    return bench


@pytest.fixture
def both(running) -> Bench:
    """The flow has come in on one, then on the other."""
    running.packet("eth1", S, G)
    assert running.table() == THEN
    return running


def moved(bench: Bench) -> int:
    return bench.router.counters.values["moved"]


def follow(bench: Bench) -> None:
    bench.router.traffic[IPV4].follow()


def test_a_flow_moves_at_once(running):
    running.packet("eth1", S, G)
    assert (running.table(), moved(running)) == (THEN, 1)
    assert running.router.traffic[IPV4].due is None


def test_a_flow_moves_back_at_once_after_a_while(both, monkeypatch):
    monkeypatch.setattr(traffic, "BOTH", 0)
    both.packet("eth0", S, G)
    assert (both.table(), moved(both)) == (FIRST, 2)


def test_a_flow_moves_back_soon_when_it_is_silent_where_it_was(both):
    both.packet("eth0", S, G)
    assert both.table() == THEN
    assert both.router.traffic[IPV4].due is not None
    follow(both)
    assert (both.table(), moved(both)) == (FIRST, 2)
    assert both.router.traffic[IPV4].due is None


def test_a_flow_that_comes_in_on_both_stays(both):
    for _ in range(3):
        both.packet("eth0", S, G)
        both.packet("eth1", S, G)
        follow(both)
    assert (both.table(), moved(both)) == (THEN, 1)


def test_what_no_rule_covers_keeps_no_flow_from_moving(running):
    running.packet("eth3", S, G)
    running.packet("eth1", S, G)
    assert running.table() == THEN


def test_a_flow_is_not_moved_back_before_it_was_silent_for_a_while(both, monkeypatch):
    monkeypatch.setattr(traffic, "SILENCE", 60)
    both.packet("eth0", S, G)
    follow(both)
    assert both.table() == THEN


def test_a_flow_moves_at_once_from_where_there_is_no_carrier(both):
    both.links([LinkState(3, "eth1", IFF_MULTICAST | IFF_UP)])
    both.packet("eth0", S, G)
    assert (both.table(), moved(both)) == (FIRST, 2)


def test_a_flow_that_is_stopped_moves_at_once(running):
    running.packet("eth3", S, "225.9.9.9")
    running.apply([mroute("eth0", "*", "225.9.9.8/31", "eth2")])
    running.packet("eth0", S, "225.9.9.9")
    assert running.table()[S, "225.9.9.9"] == ("eth0", frozenset({"eth2"}))


def test_an_entry_that_has_gone_meanwhile_stays_gone(both):
    both.packet("eth0", S, G)
    both.apply([], [key(name, source, G) for name, source, _ in routes(both)])
    follow(both)
    assert all(not outs for _, outs in both.table().values())


def routes(bench: Bench) -> list[tuple[str, str, str]]:
    return [rule.key[1:] for rule in bench.router.rules.values()]


def test_a_refusal_of_the_kernel_is_counted(both):
    both.packet("eth0", S, G)
    both.refusing.refuse_at = both.refusing.calls + 1
    follow(both)
    assert both.table() == THEN
    assert both.router.counters.values["kernel_refusals"] == 1
