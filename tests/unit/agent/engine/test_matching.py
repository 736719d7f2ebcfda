"""The index finds what a walk over all rules finds."""

from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from smcroute_agent.engine import matching
from smcroute_agent.engine.addresses import IPV4, text
from smcroute_agent.engine.matching import PatternCounts, Route, RouteIndex, patterns_of
from smcroute_agent.rules import Mroute, matches_interface

INTERFACES = ("eth0", "eth1", "eth10", "e", "ppp0")
PATTERNS = ("eth0", "eth1", "eth+", "eth1+", "e+", "ppp0")


def _prefix(first: int, shortest: int):
    def build(drawn: tuple[int, int]) -> str:
        low, length = drawn
        value = (first | low) & (0xFFFFFFFF << (32 - length))
        return text(IPV4, value) + ("" if length == 32 else f"/{length}")

    return st.tuples(st.integers(0, 15), st.integers(shortest, 32)).map(build)


SOURCES = st.just("*") | _prefix(0x0A000000, 28)
GROUPS = _prefix(0xE1000000, 28)
ROUTES = st.builds(Mroute, st.sampled_from(PATTERNS), SOURCES, GROUPS)


def _holds(rule: Mroute, interface: str, source: str, group: str) -> bool:
    return (
        matches_interface(rule.interface, interface)
        and (
            rule.source == "*" or ipaddress.ip_address(source) in ipaddress.ip_network(rule.source)
        )
        and ipaddress.ip_address(group) in ipaddress.ip_network(rule.group)
    )


@given(
    st.lists(ROUTES, max_size=30),
    st.lists(st.integers(0, 29), max_size=15),
    st.integers(0, 15),
    st.integers(0, 15),
)
def test_index_agrees_with_a_walk(rules, removals, low_source, low_group):
    index, held = RouteIndex(IPV4), {}
    for rule in rules:
        route = Route(rule)
        held[route.key] = route
        index.add(route)
    for number in removals:
        if held:
            index.remove(held.pop(list(held)[number % len(held)]))
    source, group = 0x0A000000 | low_source, 0xE1000000 | low_group
    words = text(IPV4, source), text(IPV4, group)
    for interface in INTERFACES:
        routes = index.match(source, group, patterns_of(interface))
        assert [route.is_static for route in routes] == sorted(r.is_static for r in routes)
        assert {route.key for route in routes} == {
            key for key, route in held.items() if _holds(route.rule, interface, *words)
        }
    assert set(index.static(source, group)) == {
        route.rule.interface
        for route in held.values()
        if (route.rule.source, route.rule.group) == words
    }
    assert index.covers(source, group) == any(
        _holds(route.rule, interface, *words) for route in held.values() for interface in INTERFACES
    )


def test_many_changes_of_the_lengths_in_use_renew_the_probes_once(monkeypatch):
    masks = []
    monkeypatch.setattr(matching, "mask", lambda *of: masks.append(of) or 0)
    index = RouteIndex(IPV4)
    routes = [Route(Mroute("eth0", f"10.0.0.0/{n}", "225.0.0.0/24")) for n in range(8, 32)]
    for route in routes:
        index.add(route)
    for route in routes[10:]:
        index.remove(route)
    index.match(0x0A000000, 0xE1000000, ["eth0"])
    index.match(0x0A000000, 0xE1000000, ["eth0"])
    assert len(masks) == 2 * 10
    assert index.counts() == {(n, 24): 1 for n in range(8, 18)}


def test_patterns_of_an_interface_are_those_that_match_it():
    assert all(matches_interface(pattern, "eth10") for pattern in patterns_of("eth10"))
    assert patterns_of("eth") == ["eth", "eth+", "et+", "e+"]


def test_pattern_counts_tell_when_one_is_new_and_when_it_was_the_last():
    counts = PatternCounts()
    assert counts.add(["eth0", "eth1"])
    assert not counts.add(["eth1"])
    assert counts.of("eth1") == ("eth1",)
    assert not counts.remove(["eth1"])
    assert counts.remove(["eth1"])
    assert counts.of("eth1") == ()
