"""What a filter can look at; nothing else changes what it selects."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from lxml import etree

from smcroute_agent.yang.data import Container
from smcroute_agent.yang.filter import subtree
from smcroute_agent.yang.filter_reach import of_subtree
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.reach import Part, Reach, covers, keys_in, narrowed
from smcroute_agent.yang.schema import Schema, packaged
from smcroute_agent.yang.serialize import to_xml
from smcroute_agent.yang.xpath.item import TooMuchWork
from smcroute_agent.yang.xpath_filter import compiled, reach, select

from .test_xpath_filter import DOCUMENT, EXPRESSIONS, NAMESPACES, SMC

OTHER = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
PREFIXES = NAMESPACES | {"m": OTHER}


@pytest.fixture(scope="module")
def schema() -> Schema:
    return packaged()


def of(schema: Schema, text: str) -> Reach:
    return reach(schema, compiled(schema, text, PREFIXES.get), PREFIXES.get)


def shown(found: Reach) -> Any:
    if found is None:
        return None
    return {
        (*(name.rpartition("}")[2] for name in (top, child) if name is not None), *(key or ()))
        for top, child, key in found
    }


ROUTES = {("smcroute", "mroute")}
KEY = "[s:interface='a'][s:source='*'][s:group='b']"
ONE = {("smcroute", "mroute", "a", "*", "b")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/s:smcroute/s:mroute", ROUTES),
        ("s:smcroute/s:mroute", ROUTES),
        ("/s:smcroute/s:mroute[s:group='x']/s:state", ROUTES),
        ("/s:smcroute/s:mroute[.//s:group]//s:state", ROUTES),
        ("//s:mroute[s:group='x']", ROUTES),
        ("//s:out-interface", ROUTES | {("smcroute", "forwarding-entry")}),
        ("//s:smcroute", {("smcroute",)}),
        ("/s:smcroute", {("smcroute",)}),
        ("/s:smcroute/*", {("smcroute",)}),
        ("/s:smcroute//s:group", {("smcroute",)}),
        ("/s:smcroute[s:agent]/s:mroute", {("smcroute",)}),
        ("/m:netconf-state/m:sessions", {("netconf-state", "sessions")}),
        ("/s:smcroute/s:mroute | /m:netconf-state", ROUTES | {("netconf-state",)}),
        (
            "/s:smcroute/s:mroute[s:group=/s:smcroute/s:mgroup/s:group]",
            ROUTES | {("smcroute", "mgroup")},
        ),
        ("/s:smcroute/s:mroute[count(//s:mgroup) > 1]", ROUTES | {("smcroute", "mgroup")}),
        ("(/s:smcroute/s:mroute)[1]/s:group", ROUTES),
        (f"/s:smcroute/s:mroute{KEY}", ONE),
        (f"/s:smcroute/s:mroute{KEY}[1]/s:state", ONE),
        ("/s:smcroute/s:mroute['b'=s:group and s:source='*' and s:interface='a']", ONE),
        (f"/s:smcroute/s:mroute{KEY} | /s:smcroute/s:mroute[s:group='b']", ROUTES | ONE),
        (f"/s:smcroute/s:mroute[1]{KEY}", ROUTES),
        (
            "/s:smcroute/s:mroute[s:interface='a' and position()=1][s:source='*'][s:group='b']",
            ROUTES,
        ),
        ("/s:smcroute/s:mroute[s:interface='a' or s:source='*'][s:group='b']", ROUTES),
        ("/s:smcroute/s:mroute[s:interface='a'][s:group='b']", ROUTES),
        (f"/s:smcroute/s:mroute{KEY.replace('=', '!=', 1)}", ROUTES),
        (f"/s:smcroute/s:mroute{KEY}[../s:agent]", None),
        (
            f"/s:smcroute/s:mroute{KEY}[s:group=/s:smcroute/s:mgroup/s:group]",
            ONE | {("smcroute", "mgroup")},
        ),
        ("/", None),
        ("/*", None),
        ("//*", None),
        ("/s:smcroute/s:mroute/..", None),
        ("/s:smcroute/s:mroute[../s:agent]", None),
        ("/s:smcroute/s:mroute[current()/s:smcroute/s:agent]", None),
        ("/s:smcroute/s:mroute/following::*", None),
        ("(/)/s:smcroute", None),
    ],
)
def test_xpath(schema: Schema, text: str, expected: Any) -> None:
    assert shown(of(schema, text)) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", set()),
        (f"<smcroute xmlns='{SMC}'/>", {("smcroute",)}),
        ("<smcroute><mroute/></smcroute>", ROUTES),
        ("<smcroute><mroute><group>x</group></mroute></smcroute>", ROUTES),
        (
            "<smcroute><mroute><group>225.1.1.1</group><source> * </source>"
            "<interface>a</interface><state/></mroute></smcroute>",
            {("smcroute", "mroute", "a", "*", "225.1.1.1")},
        ),
        (
            "<smcroute><mroute><group>225.1.1.1</group><source/><interface>a</interface>"
            "</mroute></smcroute>",
            ROUTES,
        ),
        ("<smcroute><!-- x --><nothing/></smcroute>", set()),
        ("<nothing/>", set()),
        (
            f"<smcroute><mroute/></smcroute><netconf-state xmlns='{OTHER}'/>",
            ROUTES | {("netconf-state",)},
        ),
    ],
)
def test_subtree(schema: Schema, content: str, expected: Any) -> None:
    assert shown(of_subtree(schema, etree.fromstring(f"<filter>{content}</filter>"))) == expected


def test_covers() -> None:
    found: Reach = frozenset((Part("a"), Part("b", "x")))
    assert [covers(found, *pair) for pair in (("a",), ("a", "y"), ("b",), ("b", "x"))] == [True] * 4
    assert [covers(found, *pair) for pair in (("b", "y"), ("c",), ("c", "x"))] == [False] * 3
    assert covers(None, "c", "x")
    assert not covers(frozenset(), "a")


def test_keys_in() -> None:
    found: Reach = frozenset((Part("a", "x", ("1",)), Part("a", "x", ("2",)), Part("a", "y")))
    assert keys_in(found, "a", "x") == {("1",), ("2",)}
    assert keys_in(found, "a", "y") is keys_in(None, "a", "x") is None
    assert keys_in(found | {Part("a")}, "a", "x") is None
    assert keys_in(found, "b", "x") == frozenset()


STATE = (
    "<agent><version>1</version></agent><interface><name>a</name></interface>"
    "<membership><interface>a</interface><source>*</source><group>225.0.0.1</group></membership>"
)


@pytest.fixture(scope="module")
def tree(schema: Schema) -> Container:
    text = DOCUMENT.replace("</smcroute>", f"{STATE}</smcroute>")
    return parse(schema, [etree.fromstring(text)], state=True)


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS)
@example("//s:group[../s:source='*']")
@example("/s:smcroute/s:mroute[s:interface='a'][s:source='*'][s:group='225.0.0.1'][last()]")
@example("/s:smcroute/s:phyint[s:name='b'][2] | /s:smcroute/s:phyint[2][s:name='b']")
@example("/s:smcroute/s:mroute[s:group=//s:membership/s:group]")
def test_what_is_out_of_reach_changes_nothing(schema: Schema, tree: Container, text: str) -> None:
    expression = compiled(schema, text, NAMESPACES.get)
    try:
        whole = select(tree, expression, work=50_000)
    except TooMuchWork:
        assume(False)
    found = reach(schema, expression, NAMESPACES.get)
    assert to_xml(select(narrowed(tree, found), expression)) == to_xml(whole)


def test_a_subtree_filter_on_what_is_in_reach(schema: Schema, tree: Container) -> None:
    flow = "<interface>a</interface><source>*</source><group>225.0.0.1</group>"
    for content in (
        "<agent/>",
        "<mroute><group>225.0.0.1</group></mroute><interface/>",
        f"<mroute>{flow}</mroute>",
        f"<mroute>{flow}<out-interface/></mroute><phyint><name>a</name></phyint>",
        "",
    ):
        wanted = etree.fromstring(f"<filter><smcroute xmlns='{SMC}'>{content}</smcroute></filter>")
        found = of_subtree(schema, wanted)
        assert subtree(schema, narrowed(tree, found), wanted) == subtree(schema, tree, wanted)
