"""Constraints after a change: looked at where it matters, and nowhere else."""

from __future__ import annotations

import pytest

from smcroute_agent.yang.data import Container, Leaf, empty, lookup, replaced
from smcroute_agent.yang.edit import edit
from smcroute_agent.yang.schema import Schema
from smcroute_agent.yang.validate import validate

from .conftest import Load, config
from .problems import R, problem

CHANGES = [
    # before, edit, tag or None
    (
        f"<musts {R}><low>3</low><item><name>a</name><capped>3</capped></item></musts>",
        f"<musts {R}><low>2</low></musts>",
        "operation-failed",
    ),
    (
        f"<musts {R}><low>3</low><item><name>a</name><capped>2</capped></item></musts>",
        f"<musts {R}><item><name>a</name><weight>3</weight></item></musts>",
        "operation-failed",
    ),
    (
        f"<musts {R}><low>3</low><high>4</high></musts>",
        f"<musts {R}><low>5</low></musts>",
        "operation-failed",
    ),
    (
        f"<musts {R}><low>3</low><high>2</high></musts>".replace("3", "2"),
        f"<musts {R}><low nc:operation='delete'/></musts>",
        None,
    ),
    (
        f"<musts {R}><item><name>a</name><next>b</next></item><item><name>b</name></item></musts>",
        f"<musts {R}><item nc:operation='delete'><name>b</name></item></musts>",
        "data-missing",
    ),
    (
        f"<musts {R}><item><name>b</name></item><either>b</either></musts>",
        f"<musts {R}><item nc:operation='delete'><name>b</name></item></musts>",
        "data-missing",
    ),
    (
        f"<musts {R} xmlns:q='urn:zoo:rules'><item><name>b</name></item>"
        "<pointer>/q:musts/q:item[q:name='b']</pointer></musts>",
        f"<musts {R}><item nc:operation='delete'><name>b</name></item></musts>",
        "data-missing",
    ),
    (
        f"<musts {R}><item><name>a</name><weight>7</weight></item><filter>a</filter>"
        "<best>7</best></musts>",
        f"<musts {R}><filter>b</filter></musts>",
        "data-missing",
    ),
    (
        f"<whens {R}><type>b</type><only-b>x</only-b><needs-y/></whens>",
        f"<whens {R}><on-b><y>no</y></on-b></whens>",
        "operation-failed",
    ),
    (
        f"<whens {R}><type>b</type><only-b>x</only-b></whens>",
        f"<whens {R}><only-b nc:operation='delete'/></whens>",
        "data-missing",
    ),
    (
        f"<choices {R}><strict><this/></strict></choices>",
        f"<choices {R}><strict><this nc:operation='delete'/></strict></choices>",
        "data-missing",
    ),
    (
        f"<limits {R}><at-least><two>a</two><two>b</two><one><id>1</id></one></at-least></limits>",
        f"<limits {R}><at-least><one nc:operation='delete'><id>1</id></one></at-least></limits>",
        "operation-failed",
    ),
    (
        f"<musts {R}><kind>fast</kind><racing/></musts>",
        f"<musts {R}><kind nc:operation='delete'/></musts>",
        "operation-failed",
    ),
    *(
        (
            f"<elsewhere {R}><mode>a</mode><{name}>{content}</{name}></elsewhere>",
            f"<elsewhere {R}><mode>b</mode></elsewhere>",
            tag,
        )
        for name, content, tag in (
            ("leaf", "<other>x</other>", "data-missing"),
            ("count", "<other>x</other>", "operation-failed"),
            ("choice", "<other>x</other>", "data-missing"),
            ("hollow", "<other>x</other>", "data-missing"),
            ("boxed", "<other>x</other>", None),
            ("boxed", "<other>y</other>", "operation-failed"),
            ("given", "<other>x</other>", None),
            ("given", "<other>y</other>", "operation-failed"),
            ("entry", "<name>x</name>", "data-missing"),
        )
    ),
    (
        "<cage xmlns='urn:zoo:base'><animal><name>wolf</name></animal></cage>",
        "<cage xmlns='urn:zoo:base'><animal><name>wolf</name><meat>m</meat></animal></cage>",
        None,
    ),
]


@pytest.mark.parametrize(("before", "change", "tag"), CHANGES)
def test_a_change_is_looked_at_where_it_matters(
    zoo: Schema, load: Load, before: str, change: str, tag: str | None
) -> None:
    old = load(before)
    validate(zoo, empty(zoo), old)
    new = edit(zoo, old, config(change))
    if tag is None:
        validate(zoo, old, new)
    else:
        assert problem(zoo, old, new)[0] == tag


def test_the_same_tree_is_not_looked_at(zoo: Schema, load: Load) -> None:
    broken = load(f"<needs {R}/>")
    validate(zoo, broken, broken)


def test_a_when_of_a_uses_looks_at_the_parent(zoo: Schema, load: Load) -> None:
    before = load(
        f"<whens {R}><type>b</type><only-b>x</only-b><extra-box><inside>i</inside></extra-box>"
        "</whens>"
    )
    validate(zoo, empty(zoo), before)
    whens = lookup(before, "whens")
    assert isinstance(whens, Container)
    kind = zoo.node("whens/type")
    changed = replaced(whens, {kind.qname: Leaf(kind, "a"), zoo.node("whens/only-b").qname: None})
    after = replaced(before, {whens.schema.qname: changed})
    assert problem(zoo, before, after) == ("unknown-element", "/r:whens/r:extra-box", None)
