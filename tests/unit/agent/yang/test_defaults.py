"""The four ways to report defaults (RFC 6243, section 3)."""

from __future__ import annotations

import re

import pytest

from smcroute_agent.yang.data import Container, ListNode, lookup
from smcroute_agent.yang.defaults import DEFAULT_TAG, MODES
from smcroute_agent.yang.filter import subtree
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.schema import Schema, packaged
from smcroute_agent.yang.serialize import to_xml
from smcroute_agent.yang.xpath_filter import compiled, select

from .conftest import Load, config

SMC = "xmlns='urn:mcast:params:xml:ns:yang:smcroute'"
RULES = "xmlns='urn:zoo:rules'"
LOW = "<musts><low>1</low></musts>"
WHEN_A = "<whens><type>a</type></whens>"
WHEN_B = "<whens><type>b</type><on-b><y>why</y></on-b><extra-default>e</extra-default></whens>"
TCP = "<choices><keep-alive>true</keep-alive></choices>"
ORDER = (
    "<order><default-one>one</default-one>"
    "<default-many>x</default-many><default-many>y</default-many></order>"
)


def only_rules(schema: Schema, tree: Container) -> Container:
    """What is of zoo-rules."""
    kept = {n: c for n, c in tree.children.items() if c.schema.module.name == "zoo-rules"}
    return Container(tree.schema, kept)


def shown(zoo: Schema, tree: Container, mode: str) -> str:
    text = to_xml(only_rules(zoo, MODES[mode](zoo, tree))).decode()
    return text.replace(f" {RULES}".replace("'", '"'), "")


def leaves(text: str) -> int:
    """How many leaves with a value there are."""
    return len(re.findall(">[^<]+</", text))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", LOW + WHEN_A + TCP + ORDER),
        ("<whens><type>b</type></whens>", LOW + WHEN_B + TCP + ORDER),
        (
            "<choices><udp-port>1</udp-port></choices>",
            LOW + WHEN_A + "<choices><udp-port>1</udp-port></choices>" + ORDER,
        ),
        (
            "<choices><tcp-port>1</tcp-port></choices>",
            LOW
            + WHEN_A
            + "<choices><tcp-port>1</tcp-port><keep-alive>true</keep-alive></choices>"
            + ORDER,
        ),
        (
            "<limits><server><name>a</name></server><server><name>b</name>"
            "<address><port>1</port></address></server></limits>",
            "<limits><server><name>a</name><address><port>80</port></address></server>"
            "<server><name>b</name><address><port>1</port></address></server></limits>"
            + LOW + WHEN_A + TCP + ORDER,
        ),
        (
            "<order><default-many>z</default-many></order>",
            LOW + WHEN_A + TCP
            + "<order><default-one>one</default-one><default-many>z</default-many></order>",
        ),
    ],
)  # fmt: skip
def test_report_all(zoo: Schema, load: Load, content: str, expected: str) -> None:
    tree = load(content.replace(">", f" {RULES}>", 1) if content else "")
    assert shown(zoo, tree, "report-all") == expected
    tagged = shown(zoo, tree, "report-all-tagged")
    assert tagged.replace(DEFAULT_TAG, "") == expected
    made = leaves(expected) - leaves(shown(zoo, tree, "explicit"))
    assert tagged.count(DEFAULT_TAG) == made


def test_a_value_that_was_set_is_not_tagged(zoo: Schema, load: Load) -> None:
    tree = load(f"<order {RULES}><default-one>one</default-one></order>")
    tagged = shown(zoo, tree, "report-all-tagged")
    assert "<default-one>one</default-one>" in tagged
    assert f"<default-many{DEFAULT_TAG}>x</default-many>" in tagged


SET = (
    "<musts><low>1</low></musts>"
    "<order><default-one>one</default-one><default-many>y</default-many>"
    "<default-many>x</default-many></order>"
)


def test_trim_leaves_out_what_is_the_default(zoo: Schema, load: Load) -> None:
    tree = load(SET.replace("<musts>", f"<musts {RULES}>").replace("<order>", f"<order {RULES}>"))
    assert shown(zoo, tree, "explicit") == SET
    assert (
        shown(zoo, tree, "trim")
        == "<order><default-many>y</default-many><default-many>x</default-many></order>"
    )


def test_trim_in_entries(zoo: Schema, load: Load) -> None:
    tree = load(
        f"<limits {RULES}><server><name>a</name><address><ip>1</ip><port>80</port></address>"
        "</server><server><name>b</name><address><port>80</port></address></server></limits>"
    )
    assert shown(zoo, tree, "trim") == (
        "<limits><server><name>a</name><address><ip>1</ip></address></server>"
        "<server><name>b</name></server></limits>"
    )


def test_all_modes_say_the_same_of_what_has_no_defaults(zoo: Schema, load: Load) -> None:
    tree = load(f"<needs {RULES}><must-be>x</must-be></needs>")
    for mode in MODES:
        assert shown(zoo, tree, mode).startswith("<needs><must-be>x</must-be></needs>")


def test_a_filter_keeps_the_tags(zoo: Schema, load: Load) -> None:
    tree = MODES["report-all-tagged"](zoo, load(""))
    wanted = config(f"<order {RULES}><default-many>y</default-many><default-one/></order>")
    assert to_xml(subtree(zoo, tree, wanted)).decode() == (
        f"<order {RULES}>".replace("'", '"') + f"<default-one{DEFAULT_TAG}>one</default-one>"
        f"<default-many{DEFAULT_TAG}>y</default-many></order>"
    )


@pytest.mark.parametrize("mode", ["report-all", "report-all-tagged"])
def test_a_filter_by_value_finds_entries_by_their_defaults(mode: str) -> None:
    schema = packaged()
    phyints = (
        "<phyint><name>a</name></phyint><phyint><name>b</name><enabled>false</enabled></phyint>"
    )
    tree = MODES[mode](schema, parse(schema, config(f"<smcroute {SMC}>{phyints}</smcroute>")))
    wanted = config(f"<smcroute {SMC}><phyint><name/><enabled>true</enabled></phyint></smcroute>")
    found = lookup(subtree(schema, tree, wanted), "smcroute", "phyint")
    assert isinstance(found, ListNode)
    assert list(found.entries) == [("a",)]
    path = "/s:smcroute/s:phyint[s:enabled='true']"
    selected = select(tree, compiled(schema, path, {"s": SMC[7:-1]}.get))
    found = lookup(selected, "smcroute", "phyint")
    assert isinstance(found, ListNode)
    assert list(found.entries) == [("a",)]


def test_what_is_reported_is_what_another_report_keeps(zoo: Schema, load: Load) -> None:
    for content in ("", f"<whens {RULES}><type>b</type></whens>"):
        tree = load(content)
        everything = MODES["report-all"](zoo, tree)
        assert MODES["report-all"](zoo, everything) == everything
        assert MODES["trim"](zoo, everything) == MODES["trim"](zoo, tree)
