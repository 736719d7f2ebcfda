"""edit-config: the five operations, their defaults, and what becomes of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from smcroute_agent.errors import DataError
from smcroute_agent.yang.data import Container, empty, lookup
from smcroute_agent.yang.edit import edit
from smcroute_agent.yang.schema import Schema
from smcroute_agent.yang.serialize import to_xml

from .conftest import Load, config

ORDER = "<order xmlns='urn:zoo:rules'>{}</order>"
USERS = "<user><name>a</name><value>1</value></user><user><name>b</name></user>"
BEFORE = ORDER.format(USERS + "<word>x</word><word>y</word><default-one>d</default-one>")


def apply(zoo: Schema, tree: Container, content: str, default: str = "merge") -> Container:
    return edit(zoo, tree, config(content), default)


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


ERRORS = [
    # content, default operation, tag, path below /r:order, app-tag
    (
        "<user nc:operation='create'><name>a</name></user>",
        "merge",
        "data-exists",
        "/r:user[r:name='a']",
    ),
    (
        "<user nc:operation='delete'><name>z</name></user>",
        "merge",
        "data-missing",
        "/r:user[r:name='z']",
    ),
    ("<user><name>z</name><value>1</value></user>", "none", "data-missing", "/r:user[r:name='z']"),
    (
        "<default-one nc:operation='create'>x</default-one>",
        "merge",
        "data-exists",
        "/r:default-one",
    ),
    ("<present nc:operation='delete'/>", "merge", "data-missing", "/r:present"),
    ("<present/>", "none", "data-missing", "/r:present"),
    ("<word nc:operation='create'>x</word>", "merge", "data-exists", "/r:word[.='x']"),
    ("<word nc:operation='delete'>q</word>", "merge", "data-missing", "/r:word[.='q']"),
    ("<word>q</word>", "none", "data-missing", "/r:word[.='q']"),
    ("<word nc:operation='destroy'>q</word>", "merge", "bad-attribute", "/r:word"),
    ("<word operation='delete'>q</word>", "merge", "unknown-attribute", "/r:word"),
    ("<word nc:other='1'>q</word>", "merge", "unknown-attribute", "/r:word"),
    ("<system yang:insert='first'>q</system>", "merge", "unknown-attribute", "/r:system"),
    ("<word yang:key='x' yang:insert='first'>q</word>", "merge", "unknown-attribute", "/r:word"),
    ("<word yang:insert='middle'>q</word>", "merge", "bad-attribute", "/r:word"),
    ("<word yang:insert='after'>q</word>", "merge", "missing-attribute", "/r:word"),
    (
        "<word yang:insert='after' yang:value='n'>q</word>",
        "merge",
        "bad-attribute",
        "/r:word[.='q']",
    ),
    (
        "<user yang:insert='after' yang:key=\"[name='n']\"><name>q</name></user>",
        "merge",
        "bad-attribute",
        "/r:user[r:name='q']",
    ),
    (
        "<user yang:insert='after' yang:key=\"name='a'\"><name>q</name></user>",
        "merge",
        "bad-attribute",
        "/r:user[r:name='q']",
    ),
    ("<word>q</word><word>q</word>", "merge", "bad-element", "/r:word[.='q']"),
    (
        "<user><name>q</name></user><user nc:operation='remove'><name>q</name></user>",
        "merge",
        "bad-element",
        "/r:user[r:name='q']",
    ),
    (
        "<default-one>q</default-one><default-one>q</default-one>",
        "merge",
        "bad-element",
        "/r:default-one",
    ),
    ("<user><value>q</value></user>", "merge", "missing-element", "/r:user"),
    (
        "<user><name nc:operation='delete'>a</name></user>",
        "merge",
        "bad-attribute",
        "/r:user[r:name='a']/r:name",
    ),
    (
        "<user><name nc:operation='create'>a</name></user>",
        "merge",
        "data-exists",
        "/r:user[r:name='a']/r:name",
    ),
    ("<user><name>a</name><nonsense/></user>", "merge", "unknown-element", "/r:user[r:name='a']"),
    (
        "<user nc:operation='delete'><name>a</name><nonsense/></user>",
        "merge",
        "unknown-element",
        "",
    ),
    ("<user><name>a</name>stray</user>", "merge", "bad-element", "/r:user[r:name='a']"),
    (
        "<outer><inner><leaf nc:operation='delete'/></inner></outer>",
        "merge",
        "data-missing",
        "/r:outer/r:inner/r:leaf",
    ),
    ("<pair><a>x</a><b>x</b></pair>", "merge", "invalid-value", "/r:pair[r:a='x']/r:b"),
    (
        "<outer nc:operation='replace'><inner nc:operation='delete'/></outer>",
        "merge",
        "data-missing",
        "/r:outer/r:inner",
    ),
]


@pytest.mark.parametrize(("content", "default", "tag", "path"), ERRORS)
def test_errors(zoo: Schema, load: Load, content: str, default: str, tag: str, path: str) -> None:
    before = load(BEFORE)
    with pytest.raises(DataError) as caught:
        apply(zoo, before, ORDER.format(content), default)
    assert (caught.value.tag, caught.value.path) == (tag, "/r:order" + path)
    assert before == load(BEFORE)


def test_a_missing_anchor_has_its_app_tag(zoo: Schema, load: Load) -> None:
    with pytest.raises(DataError) as caught:
        apply(zoo, load(BEFORE), ORDER.format("<word yang:insert='after' yang:value='n'>q</word>"))
    assert caught.value.app_tag == "missing-instance"


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


def test_unknown_default_operation(zoo: Schema) -> None:
    with pytest.raises(ValueError, match="default operation"):
        apply(zoo, empty(zoo), "", "create")


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
