"""netconf/xml.py: what is refused for its size or its number, and escaping."""

from __future__ import annotations

import pytest

from smcroute_agent.netconf import xml
from smcroute_agent.netconf.xml import (
    ATTRIBUTE_COST,
    ELEMENT_COST,
    MAX_ATTRIBUTES,
    MAX_DEPTH,
    TEXT_COST,
    NotWellFormed,
    parse,
)


def nested(depth: int) -> bytes:
    return b"<a>" * depth + b"</a>" * depth


def attributes(count: int) -> bytes:
    return b"<a><b %s/></a>" % b" ".join(b'a%d="1"' % number for number in range(count))


def namespaces(count: int) -> bytes:
    return b"<a><b %s/></a>" % b" ".join(b'xmlns:a%d="u"' % number for number in range(count))


@pytest.mark.parametrize(
    ("made", "most", "too_many"),
    [
        (nested, MAX_DEPTH, MAX_DEPTH + 1),
        (attributes, MAX_ATTRIBUTES, MAX_ATTRIBUTES + 1),
        (attributes, MAX_ATTRIBUTES, 100_000),
        (namespaces, MAX_ATTRIBUTES, 2 * MAX_ATTRIBUTES + 1),
        (namespaces, MAX_ATTRIBUTES, 100_000),
    ],
)
def test_bounds(made: object, most: int, too_many: int) -> None:
    parse(made(most))  # type: ignore[operator]
    with pytest.raises(NotWellFormed, match=f"{MAX_DEPTH}|{MAX_ATTRIBUTES}|too many"):
        parse(made(too_many))  # type: ignore[operator]


def test_a_declaration_on_each_of_many_elements_is_none_too_many() -> None:
    assert len(parse(b"<a>" + b'<b xmlns:c="u"/>' * 5000 + b"</a>")) == 5000


@pytest.mark.parametrize(
    ("message", "nodes"),
    [
        (b"a" * 1000, 0),
        (b"<a/>" * 1000, 1000 * (ELEMENT_COST + TEXT_COST)),
        (b"<a>b</a>" * 1000, 1000 * (ELEMENT_COST + 2 * TEXT_COST)),
        (b'<a b="1" c="2"/>' * 10, 10 * (ELEMENT_COST + TEXT_COST + 2 * ATTRIBUTE_COST)),
    ],
)
def test_what_a_message_costs_follows_its_octets_and_nodes(message: bytes, nodes: int) -> None:
    assert xml.cost(message) == 2 * len(message) + nodes


ROUTE = b"""
          <mroute operation="create">
            <interface>eth0</interface>
            <source>192.0.2.100</source>
            <group>225.100.100.1</group>
            <out-interface>eth1</out-interface>
          </mroute>"""


def test_what_costs_too_much() -> None:
    xml.cost(ROUTE * 100_000)
    with pytest.raises(xml.TooCostly, match="more than 320 MiB"):
        xml.cost(ROUTE * 110_000)


def test_blanks_before_the_declaration() -> None:
    assert parse(b'\r\n\t <?xml version="1.0" encoding="UTF-8"?>\n<a/>').tag == "a"
    with pytest.raises(NotWellFormed):
        parse(b"\n<!DOCTYPE a><a/>")


def test_what_xml_forbids_is_replaced_and_nothing_else() -> None:
    """XML 1.0, production 2, over all of Unicode."""
    allowed = {0x9, 0xA, 0xD, *range(0x20, 0xD800), *range(0xE000, 0xFFFE)}
    for number in (*range(0x10000), 0x10000, 0x10FFFF):
        wanted = number in allowed or number >= 0x10000
        assert ("\ufffd" in xml.text(chr(number))) is (not wanted or number == 0xFFFD)
