"""XML to data: what is read, and the error for each thing that is wrong with it."""

from __future__ import annotations

import pytest
from lxml import etree

from smcroute_agent.errors import DataError
from smcroute_agent.yang.data import Leaf, LeafList, ListNode, lookup
from smcroute_agent.yang.parse import parse, parse_rpc
from smcroute_agent.yang.schema import Schema

from .conftest import Load, config

ORDER = '<order xmlns="urn:zoo:rules">{}</order>'
RULES = "{urn:zoo:rules}"


def test_all_kinds_of_nodes(load: Load) -> None:
    tree = load(
        ORDER.format(
            "<user><value>v</value><name>n</name></user><word>a</word><word>b</word>"
            "<present/><outer><inner/></outer><anything><x xmlns='urn:x'>1</x></anything>"
        )
    )
    user = lookup(tree, "order", "user", ("n",), "value")
    assert isinstance(user, Leaf)
    assert user.value == "v"
    words = lookup(tree, "order", "word")
    assert isinstance(words, LeafList)
    assert list(words.values) == ["a", "b"]
    assert lookup(tree, "order", "present") is not None
    assert lookup(tree, "order", "outer") is None, "an empty non-presence container says nothing"
    anything = lookup(tree, "order", "anything")
    assert isinstance(anything, Leaf)
    assert anything.value == '<x xmlns="urn:x">1</x>'


def test_prefixes_comments_and_blanks_do_not_matter(load: Load) -> None:
    plain = load(ORDER.format("<default-one>ab</default-one>"))
    other = load(
        "\n <r:order xmlns:r='urn:zoo:rules'><!-- c --><?pi x?>\n"
        "<r:default-one>a<!-- in the middle -->b</r:default-one> </r:order>\n"
    )
    assert plain == other


def test_keyless_lists_and_duplicates_in_state(load: Load) -> None:
    tree = load(
        '<state xmlns="urn:zoo:rules"><seen>a</seen><seen>b</seen><seen>a</seen>'
        "<event><text>x</text></event><event><text>x</text></event></state>",
        state=True,
    )
    seen = lookup(tree, "state", "seen")
    assert isinstance(seen, LeafList)
    assert list(seen.values) == ["a", "b", "a"]
    events = lookup(tree, "state", "event")
    assert isinstance(events, ListNode)
    assert list(events.entries) == [("1",), ("2",)]


WRONG = [
    # content of <order>, tag, path, info
    ("<usr/>", "unknown-element", "/r:order", (("bad-element", f"{RULES}usr"),)),
    (
        "<x xmlns='urn:none'/>",
        "unknown-namespace",
        "/r:order",
        (("bad-element", "{urn:none}x"), ("bad-namespace", "urn:none")),
    ),
    ("<types xmlns='urn:zoo:types'/>", "unknown-element", "/r:order", None),
    (
        "<default-one a='1'>x</default-one>",
        "unknown-attribute",
        None,
        (("bad-attribute", "a"), ("bad-element", f"{RULES}default-one")),
    ),
    (
        "<default-one operation='delete'>x</default-one>",
        "unknown-attribute",
        None,
        (("bad-attribute", "operation"), ("bad-element", f"{RULES}default-one")),
    ),
    ("text", "bad-element", "/r:order", (("bad-element", f"{RULES}order"),)),
    ("<present/>text", "bad-element", "/r:order", None),
    ("<present>text</present>", "bad-element", "/r:order/r:present", None),
    ("<user>text<name>n</name></user>", "bad-element", "/r:order/r:user[r:name='n']", None),
    (
        "<default-one><x/></default-one>",
        "unknown-element",
        "/r:order/r:default-one",
        (("bad-element", f"{RULES}x"),),
    ),
    (
        "<default-one>x</default-one><default-one>y</default-one>",
        "bad-element",
        "/r:order/r:default-one",
        (("bad-element", f"{RULES}default-one"),),
    ),
    ("<present/><present/>", "bad-element", "/r:order/r:present", None),
    ("<word>a</word><word>a</word>", "bad-element", "/r:order/r:word[.='a']", None),
    (
        "<user><name>n</name></user><user><name>n</name></user>",
        "bad-element",
        "/r:order/r:user[r:name='n']",
        (("bad-element", f"{RULES}user"),),
    ),
    (
        "<pair><a>x</a></pair>",
        "missing-element",
        "/r:order/r:pair[r:a='x']",
        (("bad-element", f"{RULES}b"),),
    ),
    ("<pair/>", "missing-element", "/r:order/r:pair", (("bad-element", f"{RULES}a"),)),
    (
        "<pair><a>it's</a><b>300</b></pair>",
        "invalid-value",
        '/r:order/r:pair[r:a="it\'s"]/r:b',
        (("bad-element", f"{RULES}b"),),
    ),
]


@pytest.mark.parametrize(("content", "tag", "path", "info"), WRONG)
def test_wrong_content(load: Load, content: str, tag: str, path: str | None, info: object) -> None:
    with pytest.raises(DataError) as caught:
        load(ORDER.format(content))
    assert caught.value.tag == tag
    assert caught.value.path == path
    assert caught.value.error_type == "application"
    if info is not None:
        assert caught.value.info == info


def test_state_data_is_no_configuration(load: Load) -> None:
    with pytest.raises(DataError) as caught:
        load('<state xmlns="urn:zoo:rules"><count>1</count></state>')
    assert caught.value.tag == "unknown-element"
    assert caught.value.path == "/r:state"
    assert "state data" in caught.value.message


def test_two_cases_of_a_choice(load: Load) -> None:
    with pytest.raises(DataError) as caught:
        load(
            '<choices xmlns="urn:zoo:rules"><tcp-port>1</tcp-port><udp-port>2</udp-port></choices>'
        )
    assert caught.value.tag == "bad-element"
    assert caught.value.path == "/r:choices/r:udp-port"
    with pytest.raises(DataError):
        load('<choices xmlns="urn:zoo:rules"><one>1</one><udp-port>2</udp-port><two/></choices>')
    load('<choices xmlns="urn:zoo:rules"><one>1</one><udp-port>2</udp-port></choices>')


def test_two_cases_of_another_choice(load: Load) -> None:
    with pytest.raises(DataError, match="second"):
        load('<choices xmlns="urn:zoo:rules"><tcp-port>1</tcp-port><yes/><no/></choices>')


def test_an_empty_container_twice(load: Load) -> None:
    with pytest.raises(DataError) as caught:
        load(ORDER.format("<outer/><outer/>"))
    assert (caught.value.tag, caught.value.path) == ("bad-element", "/r:order/r:outer")


def test_a_namespace_in_anydata_that_is_no_absolute_uri(load: Load) -> None:
    tree = load(ORDER.format("<anything><a xmlns='here'><!--c-->&amp;</a></anything>"))
    anything = lookup(tree, "order", "anything")
    assert isinstance(anything, Leaf)
    assert anything.value == '<a xmlns="here"><!--c-->&amp;</a>'


def test_top_level_text_and_unknown_top(zoo: Schema, load: Load) -> None:
    with pytest.raises(DataError) as caught:
        load("text")
    assert caught.value.tag == "bad-element"
    with pytest.raises(DataError) as caught:
        load("<order/>")
    assert caught.value.tag == "unknown-namespace"
    with pytest.raises(DataError) as caught:
        load("<x xmlns='urn:zoo:rules'/>")
    assert caught.value.tag == "unknown-element"


def test_actions_are_no_data(load: Load) -> None:
    with pytest.raises(DataError) as caught:
        load('<cage xmlns="urn:zoo:base"><animal><name>a</name><feed/></animal></cage>')
    assert caught.value.tag == "unknown-element"


def test_nodes_without_their_feature_or_deviated_away_are_unknown(load: Load) -> None:
    for name in ("bright", "gone"):
        with pytest.raises(DataError) as caught:
            load(f'<cage xmlns="urn:zoo:base"><{name}>x</{name}></cage>')
        assert caught.value.tag == "unknown-element"
    load('<cage xmlns="urn:zoo:base"><matt>x</matt></cage>')


@pytest.mark.parametrize(
    "content",
    ["<default-one>&e;</default-one>", "&e;", "<anything>&e;</anything>", "<word>&e;</word>"],
)
def test_entities_are_refused(zoo: Schema, content: str) -> None:
    parser = etree.XMLParser(resolve_entities=False)
    element = etree.fromstring(
        f"<!DOCTYPE c [<!ENTITY e 'x'>]><c>{ORDER.format(content)}</c>", parser
    )
    with pytest.raises(DataError) as caught:
        parse(zoo, element)
    assert caught.value.tag == "bad-element"
    assert "&e;" in caught.value.message


def test_some_elements_below_a_node(zoo: Schema) -> None:
    elements = list(config("<default-one xmlns='urn:zoo:rules'>x</default-one>"))
    tree = parse(zoo.node("order"), elements)
    assert tree.value("default-one") == "x"


def test_long_and_repeated_values(load: Load) -> None:
    long = "x" * 1000
    first = load(ORDER.format(f"<default-one>{long}</default-one><word>w</word>"))
    again = load(ORDER.format(f"<default-one>{long}</default-one><word>w</word>"))
    assert first == again


def rpc(content: str) -> etree._Element:
    return etree.fromstring(f"<launch xmlns='urn:zoo:rules'>{content}</launch>")


def test_an_attribute_of_an_rpc(zoo: Schema) -> None:
    with pytest.raises(DataError) as caught:
        parse_rpc(zoo, etree.fromstring("<launch xmlns='urn:zoo:rules' operation='create'/>"))
    assert caught.value.tag == "unknown-attribute"
    assert ("bad-attribute", "operation") in caught.value.info


def test_rpc_input(zoo: Schema) -> None:
    given = parse_rpc(zoo, rpc("<where>moon</where><speed>7</speed><slowly/>"))
    assert given.value("where") == "moon"
    assert given.value("speed") == "7"


def test_values_repeat_in_messages(zoo: Schema) -> None:
    """RFC 7950, 7.7: they are unique in configuration data."""
    seats = "".join(f"<seat>{number}</seat>" for number in (1, 2, 1))
    given = parse_rpc(zoo, rpc(f"<where>m</where><slowly/>{seats}"))
    assert list(given.children["{urn:zoo:rules}seat"].values) == ["1", "2", "1"]
    with pytest.raises(DataError) as caught:
        parse_rpc(zoo, rpc(f"<where>m</where><slowly/>{seats}<seat>1</seat>"))
    assert caught.value.app_tag == "too-many-elements"


@pytest.mark.parametrize(
    ("content", "tag", "app_tag"),
    [
        ("<quickly/>", "missing-element", None),
        ("<where>m</where>", "data-missing", "missing-choice"),
        ("<where>m</where><quickly/><slowly/>", "bad-element", None),
        ("<where>m</where><quickly/><speed>200</speed>", "operation-failed", "must-violation"),
        ("<where>m</where><quickly/><speed>x</speed>", "invalid-value", None),
        ("<where>m</where><quickly/><who/>", "unknown-element", None),
        ("<where a='1'>m</where><quickly/>", "unknown-attribute", None),
        ("stray<where>m</where><quickly/>", "bad-element", None),
    ],
)
def test_wrong_rpc_input(zoo: Schema, content: str, tag: str, app_tag: str | None) -> None:
    with pytest.raises(DataError) as caught:
        parse_rpc(zoo, rpc(content))
    assert (caught.value.tag, caught.value.app_tag) == (tag, app_tag)


@pytest.mark.parametrize(
    ("content", "path"),
    [("<quickly/>", "/r:where"), ("<where>m</where><quickly/><speed>200</speed>", "/r:speed")],
)
def test_paths_in_rpc_input_are_those_of_the_xml(zoo: Schema, content: str, path: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_rpc(zoo, rpc(content))
    assert caught.value.path == path


def test_unknown_rpcs(zoo: Schema) -> None:
    with pytest.raises(DataError) as caught:
        parse_rpc(zoo, etree.fromstring("<land xmlns='urn:zoo:rules'/>"))
    assert caught.value.tag == "operation-not-supported"
    with pytest.raises(DataError) as caught:
        parse_rpc(zoo, etree.fromstring("<launch xmlns='urn:none'/>"))
    assert caught.value.tag == "unknown-namespace"
    assert caught.value.error_type == "protocol"
