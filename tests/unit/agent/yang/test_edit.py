"""edit-config: the five operations, their defaults, and what becomes of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from smcroute_agent.errors import DataError
from smcroute_agent.yang.data import empty, lookup
from smcroute_agent.yang.edit import edit
from smcroute_agent.yang.schema import Schema
from smcroute_agent.yang.serialize import to_xml

from .conftest import Load, config
from .order import BEFORE, ORDER, USERS, apply

EDITS = [
    # the content of <order>, default-operation, the content afterwards
    ("<default-one>e</default-one>", "merge", USERS, "x y", "e"),
    (
        "<user><name>a</name><value>2</value></user>",
        "merge",
        USERS.replace(">1<", ">2<"),
        "x y",
        "d",
    ),
    ("<user><name>c</name></user>", "merge", USERS + "<user><name>c</name></user>", "x y", "d"),
    ("<word>z</word>", "merge", USERS, "x y z", "d"),
    ("<word nc:operation='delete'>x</word>", "merge", USERS, "y", "d"),
    ("<word nc:operation='remove'>q</word>", "none", USERS, "x y", "d"),
    ("<word nc:operation='create'>q</word>", "none", USERS, "x y q", "d"),
    ("<default-one nc:operation='delete'/>", "none", USERS, "x y", None),
    ("<default-one nc:operation='remove'>other</default-one>", "merge", USERS, "x y", None),
    (
        "<user nc:operation='replace'><name>a</name></user>",
        "merge",
        "<user><name>a</name></user><user><name>b</name></user>",
        "x y",
        "d",
    ),
    (
        "<user nc:operation='delete'><name>a</name></user>",
        "none",
        "<user><name>b</name></user>",
        "x y",
        "d",
    ),
    (
        "<user><name>a</name><value nc:operation='delete'/></user>",
        "none",
        "<user><name>a</name></user><user><name>b</name></user>",
        "x y",
        "d",
    ),
    (
        "<user><name nc:operation='merge'>a</name><value nc:operation='replace'>9</value></user>",
        "none",
        USERS.replace(">1<", ">9<"),
        "x y",
        "d",
    ),
    (
        "<user nc:operation='create'><name nc:operation='create'>n</name></user>",
        "none",
        USERS + "<user><name>n</name></user>",
        "x y",
        "d",
    ),
    (
        "<user yang:insert='first'><name>b</name></user>",
        "merge",
        "<user><name>b</name></user><user><name>a</name><value>1</value></user>",
        "x y",
        "d",
    ),
    (
        "<user yang:insert='before' yang:key=\"[q:name='b']\" xmlns:q='urn:zoo:rules'>"
        "<name>c</name></user>",
        "merge",
        USERS.replace("<user><name>b</name>", "<user><name>c</name></user><user><name>b</name>"),
        "x y",
        "d",
    ),
    ("<word yang:insert='after' yang:value='x'>z</word>", "merge", USERS, "x z y", "d"),
    ("<word yang:insert='last'>x</word>", "merge", USERS, "y x", "d"),
    (
        "<word yang:insert='first' nc:operation='create'>z</word><word yang:insert='before'"
        " yang:value='z'>y</word>",
        "merge",
        USERS,
        "y z x",
        "d",
    ),
]


@pytest.mark.parametrize(("content", "default", "users", "words", "one"), EDITS)
def test_edits(
    zoo: Schema, load: Load, content: str, default: str, users: str, words: str, one: str | None
) -> None:
    before = load(BEFORE)
    text = to_xml(before)
    after = apply(zoo, before, ORDER.format(content), default)
    rest = "".join(f"<word>{word}</word>" for word in words.split())
    rest += f"<default-one>{one}</default-one>" if one else ""
    assert to_xml(after) == to_xml(load(ORDER.format(users + rest)))
    assert to_xml(before) == text, "the tree before is untouched"


def test_nothing_new_is_the_same_tree(zoo: Schema, load: Load) -> None:
    before = load(BEFORE)
    assert apply(zoo, before, BEFORE) is before
    assert apply(zoo, before, BEFORE, "replace") is before
    assert apply(zoo, before, "") is before


def test_replace_of_everything(zoo: Schema, load: Load) -> None:
    before = load(BEFORE)
    after = apply(zoo, before, ORDER.format("<word>y</word>"), "replace")
    assert after == load(ORDER.format("<word>y</word>"))
    assert apply(zoo, before, "", "replace") == empty(zoo)
    assert edit(zoo, before, _root_operation("replace")) == empty(zoo)
    with pytest.raises(DataError):
        edit(zoo, before, _root_operation("delete"))


def _root_operation(operation: str) -> Any:
    element = config("")
    element.set("{urn:ietf:params:xml:ns:netconf:base:1.0}operation", operation)
    return element


def test_unchanged_entries_are_shared(zoo: Schema, load: Load) -> None:
    before = load(BEFORE)
    after = apply(
        zoo,
        before,
        ORDER.format("<user><name>a</name><value>1</value></user>"),
        "replace",
    )
    assert lookup(after, "order", "user", ("a",)) is lookup(before, "order", "user", ("a",))


def test_containers_come_and_go(zoo: Schema, load: Load) -> None:
    leaf = ORDER.format("<outer><inner><leaf>x</leaf></inner></outer>")
    before = apply(zoo, empty(zoo), leaf)
    gone = apply(zoo, before, leaf.replace("<leaf>", "<leaf nc:operation='remove'>"), "none")
    assert gone == empty(zoo)
    present = apply(zoo, empty(zoo), ORDER.format("<present><leaf>x</leaf></present>"))
    kept = apply(zoo, present, ORDER.format("<present><leaf nc:operation='delete'/></present>"))
    assert to_xml(kept) == b'<order xmlns="urn:zoo:rules"><present/></order>'


def test_a_default_that_was_set_is_kept(zoo: Schema) -> None:
    after = apply(zoo, empty(zoo), ORDER.format("<default-one>one</default-one>"))
    assert b"<default-one>one</default-one>" in to_xml(after)


def test_a_case_replaces_the_others(zoo: Schema, load: Load) -> None:
    choices = "<choices xmlns='urn:zoo:rules'>{}</choices>"
    before = load(choices.format("<udp-port>1</udp-port><checksum>true</checksum><one>1</one>"))
    after = apply(zoo, before, choices.format("<two>2</two>"))
    assert after == load(
        choices.format("<udp-port>1</udp-port><checksum>true</checksum><two>2</two>")
    )
    after = apply(zoo, before, choices.format("<unix><path>p</path></unix>"))
    assert after == load(choices.format("<unix><path>p</path></unix>"))
    after = apply(
        zoo,
        before,
        choices.format("<tcp-port>1</tcp-port><udp-port nc:operation='delete'/>"),
    )
    assert after == load(choices.format("<tcp-port>1</tcp-port>"))
    with pytest.raises(DataError) as caught:
        apply(zoo, before, choices.format("<tcp-port>1</tcp-port><udp-port>2</udp-port>"))
    assert caught.value.tag == "bad-element"


def test_nodes_whose_when_becomes_false_go(zoo: Schema, load: Load) -> None:
    whens = "<whens xmlns='urn:zoo:rules'>{}</whens>"
    before = load(whens.format("<type>b</type><only-b>x</only-b><on-b><x>y</x></on-b><extra/>"))
    after = apply(zoo, before, whens.format("<type>a</type><only-a>z</only-a>"))
    assert after == load(whens.format("<type>a</type><only-a>z</only-a>"))
    with pytest.raises(DataError) as caught:
        apply(zoo, after, whens.format("<on-b><x>new</x></on-b>"))
    assert caught.value.tag == "unknown-element"
    assert caught.value.path == "/r:whens/r:on-b"
    back = apply(zoo, after, whens.format("<type>b</type><only-b>x</only-b>"))
    assert back == load(whens.format("<type>b</type><only-b>x</only-b>"))


def test_operations_in_an_augment(zoo: Schema, load: Load) -> None:
    cage = "<cage xmlns='urn:zoo:base'><size>9</size>{}</cage>"
    window = "<window xmlns='urn:zoo:more'{}>w</window>"
    before = apply(zoo, empty(zoo), cage.format(window.format("")))
    assert b'<window xmlns="urn:zoo:more">w</window>' in to_xml(before)
    after = apply(zoo, before, cage.format(window.format(" nc:operation='delete'")))
    assert b"window" not in to_xml(after)
