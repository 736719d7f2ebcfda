"""Addresses of rules: what is taken, what is refused and why."""

from __future__ import annotations

import pytest

from smcroute_agent.engine.addresses import IPV4, IPV6, Prefix, parse_flow, text
from smcroute_agent.errors import DataError


@pytest.mark.parametrize(
    ("source", "group", "expected"),
    [
        ("*", "225.1.2.3", (IPV4, Prefix(0, 0), Prefix(0xE1010203, 32))),
        ("192.0.2.1", "225.0.0.0/8", (IPV4, Prefix(0xC0000201, 32), Prefix(0xE1000000, 8))),
        ("0.0.0.0/1", "224.0.0.0/4", (IPV4, Prefix(0, 1), Prefix(0xE0000000, 4))),
        ("128.0.0.0/1", "224.0.0.0/4", (IPV4, Prefix(1 << 31, 1), Prefix(0xE0000000, 4))),
        (
            "2001:db8::1",
            "ff0e::1",
            (IPV6, Prefix(0x20010DB8 << 96 | 1, 128), Prefix(0xFF0E << 112 | 1, 128)),
        ),
        ("*", "ff00::/8", (IPV6, Prefix(0, 0), Prefix(0xFF << 120, 8))),
    ],
)
def test_flow(source, group, expected):
    assert parse_flow(source, group) == expected


@pytest.mark.parametrize(
    ("source", "group", "words"),
    [
        ("*", "192.0.2.1", "no multicast group"),
        ("*", "2001:db8::1", "no multicast group"),
        ("*", "224.0.0.0/3", "no multicast group"),
        ("*", "240.0.0.0/4", "no multicast group"),
        ("*", "ff00::/7", "canonical"),
        ("*", "225.1.2", "no IPv4 address"),
        ("*", "225.1.2.3\0", "no IPv4 address"),
        ("*", "ff0e::1%eth0", "no IPv6 address"),
        ("*", "225.1.2.3/32", "not below 32"),
        ("*", "225.1.2.3/", "prefix length"),
        ("*", "225.1.2.3/-1", "prefix length"),
        ("*", "225.1.2.3/²", "prefix length"),
        ("*", "225.1.2.3/24", "canonical"),
        ("*", "FF0E::1", "canonical"),
        ("*", "ff0e:0::1", "canonical"),
        ("225.1.1.1", "225.1.1.1", "no unicast source"),
        ("0.0.0.0", "225.1.1.1", "no unicast source"),
        ("10.0.0.0/0", "225.1.1.1", "canonical"),
        ("::", "ff0e::1", "no unicast source"),
        ("192.0.2.1", "ff0e::1", "different address families"),
        ("2001:db8::1", "225.1.1.1", "different address families"),
    ],
)
def test_bad_flow(source, group, words):
    with pytest.raises(DataError, match=words):
        parse_flow(source, group)


def test_canonical_form_is_proposed():
    with pytest.raises(DataError) as caught:
        parse_flow("*", "225.1.2.3/24")
    assert caught.value.remedy == "write 225.1.2.0/24"


def test_text():
    assert text(IPV4, 0xE1010203) == "225.1.2.3"
    assert text(IPV6, 0xFF0E << 112 | 1) == "ff0e::1"
