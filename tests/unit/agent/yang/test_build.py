"""Nodes from plain values, as the operational data is made."""

from __future__ import annotations

import pytest

from smcroute_agent.yang.build import build, build_node, rows
from smcroute_agent.yang.data import Container, lookup
from smcroute_agent.yang.schema import Schema, packaged
from smcroute_agent.yang.serialize import to_xml

from .conftest import Load

COLUMNS = ("source", "group", "origin", "out-interface", "packets", "in-interface")


def test_build_is_what_parse_reads(zoo: Schema, load: Load) -> None:
    tree = build(
        zoo.root,
        {
            "order": {
                "user": [{"name": "a", "value": None}, {"name": "b", "value": "1"}],
                "word": ["x", "y"],
                "outer": {"inner": {}},
                "present": {},
            },
            "state": {"event": [{"text": "e"}, {"text": "e"}], "seen": ["a", "a"], "count": 7},
            "choices": {"keep-alive": True},
        },
    )
    assert tree == load(
        "<order xmlns='urn:zoo:rules'><user><name>a</name></user>"
        "<user><name>b</name><value>1</value></user><word>x</word><word>y</word><present/></order>"
        "<state xmlns='urn:zoo:rules'><event><text>e</text></event><event><text>e</text></event>"
        "<seen>a</seen><seen>a</seen><count>7</count></state>"
        "<choices xmlns='urn:zoo:rules'><keep-alive>true</keep-alive></choices>",
        state=True,
    )


def test_unknown_names(zoo: Schema) -> None:
    with pytest.raises(KeyError):
        build(zoo.root, {"order": {"nonsense": 1}})


def test_rows() -> None:
    node = packaged().node("smcroute/forwarding-entry")
    entries = rows(
        node,
        COLUMNS,
        [
            ("192.0.2.1", "225.1.1.1", "static", [["eth1", 1], ["eth2", 5]], 10, "eth0"),
            ("192.0.2.2", "225.1.1.1", "stop", [], 0, None),
        ],
    )
    same = build_node(
        node,
        [
            {
                "source": "192.0.2.1",
                "group": "225.1.1.1",
                "origin": "static",
                "out-interface": [
                    {"name": "eth1", "ttl-threshold": 1},
                    {"name": "eth2", "ttl-threshold": 5},
                ],
                "packets": 10,
                "in-interface": "eth0",
            },
            {"source": "192.0.2.2", "group": "225.1.1.1", "origin": "stop", "packets": 0},
        ],
    )
    assert entries == same
    assert lookup(entries, ("192.0.2.2", "225.1.1.1"), "in-interface") is None


def test_rows_of_a_list_without_keys(zoo: Schema) -> None:
    events = rows(zoo.node("state/event"), ("text",), [("a",), ("a",)])
    assert list(events.entries) == [("1",), ("2",)]
    state = Container(zoo.node("state"), {events.schema.qname: events})
    root = Container(zoo.root, {state.schema.qname: state})
    assert to_xml(root).count(b"<text>a</text>") == 2


def test_rows_of_the_wrong_width(zoo: Schema) -> None:
    with pytest.raises(ValueError, match="zip"):
        rows(zoo.node("state/event"), ("text",), [("a", "b")])
