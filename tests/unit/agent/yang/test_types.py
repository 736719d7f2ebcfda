"""Each built-in type: what it accepts, in which canonical form, and what it says otherwise."""

from __future__ import annotations

import pytest

from smcroute_agent.yang.schema import Schema, packaged
from smcroute_agent.yang.value_problem import ValueProblem

ACCEPTED = [
    ("int8", "-128", "-128"),
    ("int8", " +127 ", "127"),
    ("int16", "010", "10"),
    ("int32", "-0", "0"),
    ("int64", "-9223372036854775808", "-9223372036854775808"),
    ("uint8", "255", "255"),
    ("uint16", "65535", "65535"),
    ("uint64", "18446744073709551615", "18446744073709551615"),
    ("ranged", "-2147483648", "-2147483648"),
    ("ranged", "0", "0"),
    ("ranged", "2147483647", "2147483647"),
    ("small-percent", "10", "10"),
    ("decimal", "1", "1.0"),
    ("decimal", "-0.50", "-0.5"),
    ("decimal", "+007.10", "7.1"),
    ("decimal", "92233720368547758.07", "92233720368547758.07"),
    ("decimal-ranged", "1.25", "1.25"),
    ("decimal-ranged", "3.140", "3.14"),
    ("string", "", ""),
    ("word", "abcde", "abcde"),
    ("name", "a-b.c", "a-b.c"),
    ("subtracted", "xyz", "xyz"),
    ("boolean", "true", "true"),
    ("enumeration", "two words", "two words"),
    ("bits", "late \n first", "first late"),
    ("bits", "", ""),
    ("binary", "QUJD\n", "QUJD"),
    ("empty", "", ""),
    ("number-or-word", "9", "9"),
    ("number-or-word", "none", "none"),
    ("number-or-word", "77", "77"),
    ("nested", "-1", "-1"),
    ("nested", "zz", "zz"),
    ("ip", "2001:DB8:0:0::1", "2001:db8::1"),
    ("ip", "fe80::1%eth0", "fe80::1%eth0"),
    ("ip", "192.0.2.1", "192.0.2.1"),
    ("ip-no-zone", "::ffff:1.2.3.4", "::ffff:1.2.3.4"),
    ("prefix", "192.0.2.77/24", "192.0.2.0/24"),
    ("prefix", "2001:DB8::1/32", "2001:db8::/32"),
    ("prefix", "0.0.0.0/0", "0.0.0.0/0"),
    ("host", "Example.ORG", "example.org"),
    ("mac", "AA:bb:CC:00:11:22", "aa:bb:cc:00:11:22"),
    ("when", "2026-11-22T10:00:00Z", "2026-11-22T10:00:00+00:00"),
]

REFUSED = [
    ("int8", "128", "out of range"),
    ("int8", "", "not an integer"),
    ("int8", "1.0", "not an integer"),
    ("int8", "0x7f", "not an integer"),
    ("int8", "9" * 5000, "out of range"),
    ("uint8", "-1", "out of range"),
    ("uint8", "\u0661", "not an integer"),
    ("ranged", "1", "0 or 7 to 10"),
    ("ranged", "-4", "out of range"),
    ("percent", "101", "a percentage is from 0 to 100"),
    ("small-percent", "11", "1 to 10"),
    ("decimal", "1.234", "fraction digits"),
    ("decimal", "92233720368547758.08", "out of range"),
    ("decimal", ".5", "not a decimal number"),
    ("decimal", "1e3", "not a decimal number"),
    ("decimal-ranged", "1.251", "-1.5 to 1.25 or 3.14"),
    ("word", "abcdef", "characters"),
    ("word", "ABC", "not a valid word"),
    ("word", "xyz", "not a valid word"),
    ("name", "1a", "not a valid name"),
    ("subtracted", "xay", "not a valid"),
    ("boolean", "TRUE", "true or false"),
    ("boolean", " true", "true or false"),
    ("enumeration", "nine", "one of zero, seven, eight, two words"),
    ("bits", "first first", "twice"),
    ("bits", "third", "no bit"),
    ("binary", "QUJ", "not base64"),
    ("binary", "", "octets"),
    ("binary", "QUJDREVG", "octets"),
    ("empty", "x", "no content"),
    ("number-or-word", "some", "not"),
    ("nested", "y", "not a valid"),
    ("ip", "1.2.3.256", "not a valid ipv4-address"),
    ("ip-no-zone", "fe80::1%eth0", "not a valid"),
    ("ip", "1::2::3", "ipv6-address"),
    ("prefix", "1.2.3.4/33", "not a valid ipv4-prefix"),
    ("mac", "aa:bb", "not a valid mac-address"),
]


@pytest.mark.parametrize(("leaf", "text", "canonical"), ACCEPTED)
def test_canonical_form(zoo: Schema, leaf: str, text: str, canonical: str) -> None:
    kind = zoo.node(f"types/{leaf}").type
    assert kind is not None
    assert kind.parse(text) == canonical
    assert kind.parse(canonical) == canonical


@pytest.mark.parametrize(("leaf", "text", "message"), REFUSED)
def test_refused(zoo: Schema, leaf: str, text: str, message: str) -> None:
    kind = zoo.node(f"types/{leaf}").type
    assert kind is not None
    with pytest.raises(ValueProblem) as caught:
        kind.parse(text)
    assert message in caught.value.message
    assert len(caught.value.message) < 300


def test_app_tag_of_a_range(zoo: Schema) -> None:
    kind = zoo.node("types/percent").type
    assert kind is not None
    with pytest.raises(ValueProblem) as caught:
        kind.parse("200")
    assert caught.value.app_tag == "percent"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("t:dog", "zoo-types:dog"), ("cat", "zoo-types:cat"), (" t:mammal ", "zoo-types:mammal")],
)
def test_identity_names_get_their_module(zoo: Schema, text: str, expected: str) -> None:
    kind = zoo.node("types/animal").type
    assert kind is not None
    assert kind.parse(text, {"t": "zoo-types", "": "zoo-types"}.get) == expected


@pytest.mark.parametrize(
    ("leaf", "text", "message"),
    [
        ("animal", "t:animal", "not derived"),
        ("animal", "t:stone", "not derived"),
        ("animal", "t:unicorn", "no identity"),
        ("animal", "u:dog", "stands for no module"),
        ("animal", "t:dog:x", "not the name"),
        ("tame", "t:dog", "not derived"),
    ],
)
def test_identities_refused(zoo: Schema, leaf: str, text: str, message: str) -> None:
    kind = zoo.node(f"types/{leaf}").type
    assert kind is not None
    with pytest.raises(ValueProblem) as caught:
        kind.parse(text, {"t": "zoo-types"}.get)
    assert message in caught.value.message


def test_instance_identifiers_name_modules(zoo: Schema) -> None:
    kind = zoo.node("types/instance").type
    assert kind is not None
    resolve = {"x": "zoo-rules"}.get
    text = '/x:order/x:user[ x:name = "it\'s" ]/x:value'
    assert kind.parse(text, resolve) == (
        '/zoo-rules:order/zoo-rules:user[zoo-rules:name="it\'s"]/zoo-rules:value'
    )
    for wrong in ("", "order", "/y:order", "/x:order[", "/order"):
        with pytest.raises(ValueProblem):
            kind.parse(wrong, resolve)


@pytest.mark.parametrize(
    ("leaf", "text", "message", "app_tag"),
    [
        ("group", "225.1.2.3/40", "the prefix length of an IPv4 group range", "prefix-length"),
        ("group", "225.1.2.3/3", "the prefix length of an IPv4 group range", "prefix-length"),
        ("group", "ff02::1/4", "the prefix length of an IPv6 group range", "prefix-length"),
        ("group", "10.1.2.3", "not a valid ipv4-multicast-group-address", None),
        ("group", "10.0.0.0/8", "an IPv4 group range begins with", "not-multicast"),
        ("group", "225.1.2.3%eth0", "carries no zone", None),
        ("group", "all", "not a valid multicast-group", None),
        ("source", "225.1.2.3", "a source is a unicast address", "not-unicast"),
        ("source", "10.0.0.0/33", "the prefix length of an IPv4 source range", "prefix-length"),
        ("source", "0.0.0.0", "write '*' for any source", "not-unicast"),
        ("interface", "a-name-that-is-too-long", "from 1 to 15 char", "interface-name-length"),
        ("interface", "+", "a wildcard needs a name", "interface-name-character"),
        ("interface", "", "from 1 to 15 characters", "interface-name-length"),
    ],
)
def test_the_most_helpful_message(leaf: str, text: str, message: str, app_tag: str | None) -> None:
    kind = packaged().node(f"smcroute/mroute/{leaf}").type
    assert kind is not None
    with pytest.raises(ValueProblem) as caught:
        kind.parse(text)
    assert message in caught.value.message
    assert caught.value.app_tag == app_tag
