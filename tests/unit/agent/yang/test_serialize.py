"""Data to XML: order, escapes, namespaces, caches; what is written can be read again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from smcroute_agent.yang.data import Container, ListNode, empty, lookup
from smcroute_agent.yang.diff import Change, diff
from smcroute_agent.yang.edit import edit
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.schema import Schema
from smcroute_agent.yang.serialize import to_xml

from .conftest import NAMESPACES, Load, config

TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs", "Cc", "Cn"])
    | st.sampled_from("<>&'\"\t\n\r ]"),
    max_size=6,
)


def test_schema_order_keys_first(load: Load) -> None:
    tree = load(
        "<cage xmlns='urn:zoo:base'><animal><meat>m</meat><name>n</name></animal><size>1</size>"
        "</cage><order xmlns='urn:zoo:rules'><word>w</word><user><value>v</value><name>n</name>"
        "</user></order>"
    )
    assert to_xml(tree) == (
        b'<order xmlns="urn:zoo:rules"><user><name>n</name><value>v</value></user>'
        b"<word>w</word></order>"
        b'<cage xmlns="urn:zoo:base"><size>1</size><animal><name>n</name><meat>m</meat></animal>'
        b"</cage>"
    )


def test_only_what_names_an_identity_gets_a_prefix(load: Load, zoo: Schema) -> None:
    """The other values of such a union are text, whatever it looks like."""
    tree = load(
        "<types xmlns='urn:zoo:types'><kinds>cat</kinds><kinds>zoo-rules:x</kinds><kinds>y</kinds>"
        "<kinds/></types>"
    )
    text = to_xml(tree)
    assert b'<kinds xmlns:t="urn:zoo:types">t:cat</kinds>' in text
    assert b"<kinds>zoo-rules:x</kinds><kinds>y</kinds><kinds/>" in text
    assert parse(zoo, config(text.decode())) == tree


def test_pretty(load: Load) -> None:
    tree = load("<order xmlns='urn:zoo:rules'><user><name>n</name></user><present/><word/></order>")
    assert to_xml(tree, pretty=True).decode() == (
        '<order xmlns="urn:zoo:rules">\n  <user>\n    <name>n</name>\n  </user>\n'
        "  <word/>\n  <present/>\n</order>\n"
    )


def test_values_that_need_prefixes(load: Load, zoo: Schema) -> None:
    tree = load(
        "<types xmlns='urn:zoo:types' xmlns:q='urn:zoo:rules'><animal>cat</animal>"
        "<instance>/q:order/q:user[q:name='a:b']</instance></types>"
        "<cage xmlns='urn:zoo:base'><colour xmlns:x='urn:zoo:more'>x:red</colour></cage>"
    )
    text = to_xml(tree)
    assert b'<animal xmlns:t="urn:zoo:types">t:cat</animal>' in text
    assert b"<instance xmlns:r=\"urn:zoo:rules\">/r:order/r:user[r:name='a:b']</instance>" in text
    assert b'<colour xmlns:more="urn:zoo:more">more:red</colour>' in text
    assert parse(zoo, config(text.decode())) == tree


def test_anydata_keeps_its_namespaces(load: Load, zoo: Schema) -> None:
    tree = load(
        "<order xmlns='urn:zoo:rules' xmlns:p='urn:p'><anything>"
        "a&lt;<p:b c='&amp;'><d/></p:b>t</anything></order>"
    )
    text = to_xml(tree)
    inner = etree.fromstring(text)[0]
    assert inner[0].tag == "{urn:p}b"
    assert inner[0][0].tag == "{urn:zoo:rules}d"
    assert inner.text == "a<"
    assert parse(zoo, config(text.decode())) == tree


@pytest.mark.parametrize(
    "inside",
    [
        '<a xmlns=""><b/></a>',
        '<a xmlns=""/>t<a xmlns="" c="1"/>',
        '<p:b><d xmlns=""/></p:b>',
        '<p:b><p:c><d xmlns=""/></p:c><e xmlns="here"><f xmlns=""/></e></p:b>',
    ],
)
def test_anydata_without_a_namespace_gets_none(load: Load, zoo: Schema, inside: str) -> None:
    written = f"<order xmlns='urn:zoo:rules' xmlns:p='urn:p'><anything>{inside}</anything></order>"
    tree = load(written)
    text = to_xml(tree).decode()
    read = [element.tag for element in etree.fromstring(text).iter()]
    assert read == [element.tag for element in etree.fromstring(written).iter()]
    assert parse(zoo, config(text)) == tree


def test_an_entry_is_rendered_once(load: Load, zoo: Schema) -> None:
    tree = load("<order xmlns='urn:zoo:rules'><user><name>a</name></user></order>")
    entry = lookup(tree, "order", "user", ("a",))
    assert isinstance(entry, Container)
    assert entry.xml is None
    to_xml(tree)
    assert entry.xml == "<user><name>a</name></user>"


@st.composite
def contents(draw: st.DrawFn) -> str:
    """Content of <order> with values that need escapes."""
    parts = []
    for name in draw(st.lists(TEXT, max_size=4, unique=True)):
        value = draw(st.none() | TEXT)
        parts.append(
            f"<user><name>{_escaped(name)}</name>"
            + (f"<value>{_escaped(value)}</value>" if value is not None else "")
            + "</user>"
        )
    parts += [
        f"<word>{_escaped(word)}</word>" for word in draw(st.lists(TEXT, max_size=3, unique=True))
    ]
    if draw(st.booleans()):
        parts.append(f"<default-one>{_escaped(draw(TEXT))}</default-one>")
    if draw(st.booleans()):
        parts.append("<present><leaf>x</leaf></present>")
    return f"<order xmlns='urn:zoo:rules'>{''.join(parts)}</order>"


def _escaped(text: str) -> str:
    return "".join(f"&#{ord(character)};" for character in text)


def wrap(text: bytes) -> etree._Element:
    return etree.fromstring(b"<config " + NAMESPACES.encode() + b">" + text + b"</config>")


@given(contents())
def test_what_is_written_is_read_again(zoo: Schema, content: str) -> None:
    tree = parse(zoo, config(content))
    assert parse(zoo, wrap(to_xml(tree))) == tree
    element = wrap(to_xml(tree))
    assert to_xml(parse(zoo, element)) == to_xml(tree)


@given(contents(), contents())
def test_edits_are_idempotent_and_replace_is_exact(zoo: Schema, first: str, second: str) -> None:
    before = parse(zoo, config(first))
    merged = edit(zoo, before, config(second))
    assert edit(zoo, merged, config(second)) is merged
    replaced = edit(zoo, before, config(second), "replace")
    assert replaced == parse(zoo, config(second))
    assert edit(zoo, empty(zoo), config(first)) == before


@given(contents(), contents())
def test_a_diff_applied_gives_the_other_tree(zoo: Schema, first: str, second: str) -> None:
    before, after = parse(zoo, config(first)), parse(zoo, config(second))
    changes = diff(before, after)
    assert bool(changes) is (before != after)
    order = zoo.node("order")
    container = before.children.get(order.qname, Container(order, {}))
    assert isinstance(container, Container)
    patched: dict[str, Any] = {
        name: node for name, node in container.children.items() if name != order.qname
    }
    for change in changes:
        _apply(patched, change)
    wanted = after.children.get(order.qname, Container(order, {}))
    assert isinstance(wanted, Container)
    assert set(patched) == set(wanted.children)
    for name, node in wanted.children.items():
        if node.schema.kind != "list":
            assert patched[name] == node
        else:
            assert patched[name].entries == node.entries


def _apply(children: dict[str, Any], change: Change) -> None:
    name = change.schema.qname
    if change.schema.kind == "list" and change.key:
        present = children.get(name)
        entries = dict(present.entries) if isinstance(present, ListNode) else {}
        if change.after is None:
            del entries[change.key]
        else:
            entries[change.key] = change.after
        if entries:
            children[name] = ListNode(change.schema, entries)
        else:
            children.pop(name, None)
    elif change.schema.kind == "list":
        return
    elif change.after is None:
        del children[name]
    else:
        children[name] = change.after
