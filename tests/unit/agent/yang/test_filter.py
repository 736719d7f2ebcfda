"""Subtree filters (RFC 6241, section 6), by its own distinctions."""

from __future__ import annotations

import pytest

from smcroute_agent.yang.filter import subtree
from smcroute_agent.yang.schema import Schema
from smcroute_agent.yang.serialize import to_xml

from .conftest import Load, config

PAIRS = "".join(f"<pair><a>{a}</a><b>{b}</b></pair>" for a in "xy" for b in (1, 2))
USERS = "".join(f"<user><name>{n}</name><value>{v}</value></user>" for n, v in ("a1", "b2", "c1"))
DATA = (
    f"<order xmlns='urn:zoo:rules'>{USERS}{PAIRS}<word>p</word><word>q</word>"
    "<default-one>d</default-one><present><leaf>l</leaf></present></order>"
    "<cage xmlns='urn:zoo:base'><size>7</size><window xmlns='urn:zoo:more'>w</window></cage>"
)
ORDER = "<order xmlns='urn:zoo:rules'>{}</order>"
B = "<user><name>b</name><value>2</value></user>"

FILTERS = [
    # filter, what it selects
    ("", ""),
    ("<order xmlns='urn:zoo:rules'/>", DATA[: DATA.index("<cage")]),
    ("<order/>", DATA[: DATA.index("<cage")]),
    ("<order xmlns='urn:other'/>", ""),
    ("<order xmlns='urn:zoo:base'/>", ""),
    ("<nothing/>", ""),
    (ORDER.format("<nothing/>"), ""),
    (ORDER.format("<default-one/>"), ORDER.format("<default-one>d</default-one>")),
    (ORDER.format("<default-one> d </default-one>"), DATA[: DATA.index("<cage")]),
    (ORDER.format("<default-one>e</default-one>"), ""),
    (
        ORDER.format("<default-one>d</default-one><word/>"),
        ORDER.format("<word>p</word><word>q</word><default-one>d</default-one>"),
    ),
    (ORDER.format("<default-one>e</default-one><word/>"), ""),
    (
        ORDER.format("<default-one>d</default-one><nothing/>"),
        ORDER.format("<default-one>d</default-one>"),
    ),
    (ORDER.format("<user><value>2</value><nothing/></user>"), ORDER.format(B)),
    (
        ORDER.format("<word>p</word><default-one/>"),
        ORDER.format("<word>p</word><default-one>d</default-one>"),
    ),
    (
        ORDER.format("<word>p</word><word>q</word><present/>"),
        ORDER.format("<word>p</word><word>q</word><present><leaf>l</leaf></present>"),
    ),
    (ORDER.format("<word>p</word><word>z</word><present/>"), ""),
    (ORDER.format("<user><name>b</name></user>"), ORDER.format(B)),
    (ORDER.format("<user/>"), ORDER.format(USERS)),
    (
        ORDER.format("<user><name/></user>"),
        ORDER.format(
            "<user><name>a</name></user><user><name>b</name></user><user><name>c</name></user>"
        ),
    ),
    (
        ORDER.format("<pair><a>x</a></pair>"),
        ORDER.format("<pair><a>x</a><b>1</b></pair><pair><a>x</a><b>2</b></pair>"),
    ),
    (ORDER.format("<pair><a>x</a><b>2</b></pair>"), ORDER.format("<pair><a>x</a><b>2</b></pair>")),
    (
        "<order><pair><b> +02 </b><a>y</a></pair></order>",
        ORDER.format("<pair><a>y</a><b>2</b></pair>"),
    ),
    (ORDER.format("<pair><a>x</a><b>300</b></pair>"), ""),
    (
        ORDER.format("<pair><a>x</a><b>2</b></pair><pair><a>y</a><b>1</b></pair>"),
        ORDER.format("<pair><a>x</a><b>2</b></pair><pair><a>y</a><b>1</b></pair>"),
    ),
    (
        ORDER.format("<present><leaf>l</leaf></present><user/>"),
        ORDER.format(USERS + "<present><leaf>l</leaf></present>"),
    ),
    (ORDER.format("<present><leaf>m</leaf></present>"), ""),
    (ORDER.format("<present><leaf/></present>"), ORDER.format("<present><leaf>l</leaf></present>")),
    (ORDER.format("<word><p/></word>"), ""),
    (ORDER.format("<default-one a='1'/>"), ""),
    (ORDER.format("text"), ""),
    (
        "<cage><window/></cage>",
        "<cage xmlns='urn:zoo:base'><window xmlns='urn:zoo:more'>w</window></cage>",
    ),
    ("<cage><size>7</size><window/></cage>", DATA[DATA.index("<cage") :]),
    ("<cage xmlns='urn:zoo:base'><window/></cage>", ""),
    (
        "<order><default-one/></order><cage><size/></cage>",
        ORDER.format("<default-one>d</default-one>")
        + "<cage xmlns='urn:zoo:base'><size>7</size></cage>",
    ),
    (
        ORDER.format("<default-one/>") + ORDER.format("<word/>"),
        ORDER.format("<word>p</word><word>q</word><default-one>d</default-one>"),
    ),
    (
        "<!-- nothing --><order><!-- x --><default-one/></order>",
        ORDER.format("<default-one>d</default-one>"),
    ),
]


@pytest.mark.parametrize(("content", "expected"), FILTERS)
def test_selects(zoo: Schema, load: Load, content: str, expected: str) -> None:
    tree = load(DATA)
    assert to_xml(subtree(zoo, tree, config(content))) == to_xml(load(expected))


def test_a_user_by_value_and_by_name(zoo: Schema, load: Load) -> None:
    tree = load(DATA)
    by_value = subtree(zoo, tree, config(ORDER.format("<user><value>2</value></user>")))
    by_name = subtree(zoo, tree, config(ORDER.format("<user><name>b</name><value/></user>")))
    only = load(ORDER.format(B))
    assert by_value == only
    assert by_name == only


def test_keys_are_always_selected(zoo: Schema, load: Load) -> None:
    selected = subtree(zoo, load(DATA), config(ORDER.format("<user><value/></user>")))
    assert selected == load(ORDER.format(USERS))
