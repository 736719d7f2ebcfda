"""netconf/xml.py: what is refused for its size or its number, and escaping."""

from __future__ import annotations

import pytest

from smcroute_agent.netconf import xml
from smcroute_agent.netconf.xml import MAX_ATTRIBUTES, MAX_DEPTH, NotWellFormed, parse


def test_more_tags_than_a_message_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_TAGS", 10)
    assert len(parse(b"<a>" + b"<b/>" * 8 + b"</a>")) == 8
    # Not even well-formed: it is not looked at any closer.
    with pytest.raises(NotWellFormed, match="more than 10 tags"):
        parse(b"<a>" + b"<b/>" * 9 + b"</a")


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


def test_what_a_message_costs_follows_its_octets_and_tags() -> None:
    assert xml.cost(b"a" * 1000) == 1000
    assert xml.cost(b"<a/>" * 1000) == 4000 + 1000 * xml.TAG_COST
    assert xml.cost(b'<a b="1" c="2"/>' * 10) == 160 + 30 * xml.TAG_COST


def test_blanks_before_the_declaration() -> None:
    assert parse(b'\r\n\t <?xml version="1.0" encoding="UTF-8"?>\n<a/>').tag == "a"
    with pytest.raises(NotWellFormed):
        parse(b"\n<!DOCTYPE a><a/>")
