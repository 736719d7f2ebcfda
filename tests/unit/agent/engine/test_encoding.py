"""The shapes of rules, keys and errors on the wire."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcroute_agent.engine.encoding import (
    MAX_GROUPS,
    decode_error,
    decode_key,
    decode_rules,
    encode_error,
    encode_key,
    encode_rule,
    encode_rules,
)
from smcroute_agent.errors import DataError, EngineError, Error, ResourceError
from smcroute_agent.rules import Mgroup, Mroute, Phyint, rule_key

RULES = [
    Phyint("eth0"),
    Phyint("eth+", False, True, 255),
    Mgroup("eth0", "192.0.2.1", "232.1.1.1"),
    Mroute("eth0", "*", "225.0.0.0/24", ("eth1", "ppp+")),
    Mroute("eth0", "*", "ff0e::1"),
]


@pytest.mark.parametrize("rule", RULES)
def test_rule_travels(rule):
    wire = json.loads(json.dumps(encode_rule(rule)))
    assert decode_rules(wire) == [rule]
    key = json.loads(json.dumps(encode_key(rule_key(rule))))
    assert decode_key(key) == rule_key(rule)


def test_out_interface_counts_once():
    rules = decode_rules(["mroute", "eth0", "*", "225.1.1.1", ["eth1", "eth2", "eth1"]])
    assert rules == [Mroute("eth0", "*", "225.1.1.1", ("eth1", "eth2"))]


def routes(groups: int, **other) -> list[Mroute]:
    route = Mroute("eth0", "192.0.2.1", "", ("eth1",))._replace(**other)
    return [route._replace(group=f"225.1.{n // 256}.{n % 256}") for n in range(groups)]


@pytest.mark.parametrize(
    ("rules", "arrays"),
    [
        (routes(3), 1),
        (routes(MAX_GROUPS), 1),
        (routes(MAX_GROUPS + 1), 2),
        (routes(2) + routes(2, interface="eth2"), 2),
        (routes(2) + routes(2, source="*"), 2),
        (routes(2) + routes(2, out_interfaces=("eth1", "eth2")), 2),
        (routes(2) + RULES[:3] + routes(2), 5),
        (RULES, 5),
        ([], 0),
    ],
)
def test_neighbours_travel_together_and_arrive_in_order(rules, arrays):
    wires = json.loads(json.dumps(list(encode_rules(rules))))
    assert len(wires) == arrays
    assert [rule for wire in wires for rule in decode_rules(wire)] == rules


@pytest.mark.parametrize(
    "wire",
    [
        None,
        [],
        {},
        "mroute",
        ["mroute"],
        ["route", "eth0", "*", "225.1.1.1", []],
        [["mroute"], "eth0", "*", "225.1.1.1", []],
        ["mroute", "eth0", "*", "225.1.1.1"],
        ["mroute", "eth0", "*", "225.1.1.1", "eth1"],
        ["mroute", "eth0", "*", "225.1.1.1", ["eth1"] * 257],
        ["mroute", "eth0", "*", "225.1.1.1", [1]],
        ["mroute", "eth0", "*", "2" * 65, []],
        ["mroute", "eth0", "*", [], []],
        ["mroute", "eth0", "*", ["225.1.1.1", 1], []],
        ["mroute", "eth0", "*", [["225.1.1.1"]], []],
        ["mroute", "eth0", "*", ["225.1.1.1"] * (MAX_GROUPS + 1), []],
        ["mroute", "eth0", 1, "225.1.1.1", []],
        ["mroute", "interface-of-16", "*", "225.1.1.1", [], []],
        ["mroute", "a-name-of-16-cha", "*", "225.1.1.1", []],
        ["mroute", "", "*", "225.1.1.1", []],
        ["mroute", "+", "*", "225.1.1.1", []],
        ["mroute", "..", "*", "225.1.1.1", []],
        ["mroute", "a/b", "*", "225.1.1.1", []],
        ["mroute", "a b", "*", "225.1.1.1", []],
        ["mroute", "a:b", "*", "225.1.1.1", []],
        ["mroute", "eth0\n", "*", "225.1.1.1", []],
        ["phyint", "eth0", 1, None, None],
        ["phyint", "eth0", None, "yes", None],
        ["phyint", "eth0", None, None, 0],
        ["phyint", "eth0", None, None, 256],
        ["phyint", "eth0", None, None, True],
        ["phyint", "eth0", None, None, 1.0],
        ["mgroup", "eth0", "*"],
    ],
)
def test_bad_rule_is_refused(wire):
    with pytest.raises(DataError):
        decode_rules(wire)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just("mroute"),
        lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(), inner, max_size=3),
    )
)
def test_nothing_but_a_data_error_comes_of_garbage(wire):
    for decode in (decode_rules, decode_key):
        try:
            decode(wire)
        except DataError:
            continue


@pytest.mark.parametrize(
    "wire",
    [
        None,
        [],
        ["mroute"],
        ["phyint", 1],
        ["mroute", "a", "b", "c", "d"],
        [1, 2],
        ["phyint", "x" * 65],
    ],
)
def test_bad_key_is_refused(wire):
    with pytest.raises(DataError):
        decode_key(wire)


@pytest.mark.parametrize("type_", [EngineError, ResourceError, DataError])
def test_error_travels(type_):
    wire = encode_error(type_("bad", remedy="mend it"), ("phyint", "eth0"))
    error, rule = decode_error(json.loads(json.dumps(wire)))
    assert type(error) is type_
    assert (error.message, error.remedy, rule) == ("bad", "mend it", ("phyint", "eth0"))


def test_other_error_travels_as_one_of_the_engine():
    assert encode_error(Error("bad"), None)["kind"] == "engine"
