"""Values of one leaf: what is accepted, in which form, and the words for what is not."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mcast.smcroute.plugins.module_utils import values


@pytest.mark.parametrize("name", ["e", "eth0", "eth+", "a.b", "...", "x" * 15, "br-1@x", "a;b"])
def test_interface_names_stay_as_they_are(name):
    assert values.interface(name) == name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "from 1 to 15 characters"),
        ("x" * 16, "from 1 to 15 characters"),
        ("a b", "printable ASCII without blank"),
        ("a/b", "printable ASCII without blank"),
        ("a:1", "printable ASCII without blank"),
        ("eth0\n", "printable ASCII without blank"),
        ("höh", "printable ASCII without blank"),
        (".", "no interface names"),
        ("..", "no interface names"),
        ("+", "a wildcard needs a name"),
    ],
)
def test_bad_interface_names(name, words):
    with pytest.raises(values.BadValue, match=words):
        values.interface(name)


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("225.1.2.3", "225.1.2.3"),
        ("239.1.2.3/8", "239.0.0.0/8"),
        ("230.0.0.0/4", "224.0.0.0/4"),
        ("225.1.2.3/31", "225.1.2.2/31"),
        ("225.1.2.3/32", "225.1.2.3"),
        ("FF0E:0:0:0:0:0:0:1", "ff0e::1"),
        ("ff0e:0:0:1::", "ff0e:0:0:1::"),
        ("ff3e:1:2::/16", "ff3e::/16"),
        ("ff0e::1/127", "ff0e::/127"),
        ("FF0E::1/128", "ff0e::1"),
    ],
)
def test_groups(given, canonical):
    assert values.group(given) == canonical


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("192.0.2.1", "an IPv4 group is an address from 224.0.0.0 to 239.255.255.255"),
        ("240.0.0.1", "an IPv4 group is an address"),
        ("2001:db8::1", "an IPv6 group is an address of ff00::/8"),
        ("192.0.2.0/24", "an IPv4 group range begins with"),
        ("2001:db8::/64", "an IPv6 group range begins with"),
        ("225.0.0.0/3", "from 4 to 31"),
        ("225.1.2.3/33", "from 4 to 31"),
        ("192.0.2.1/32", "an IPv4 group is an address from 224.0.0.0 to 239.255.255.255"),
        ("225.1.2.3/", "from 4 to 31"),
        ("225.1.2.3/08", "from 4 to 31"),
        ("225.1.2.3/-8", "from 4 to 31"),
        ("ff0e::/7", "from 8 to 127"),
        ("ff0e::1/129", "from 8 to 127"),
        ("ff02::1%eth0", "an IPv6 group carries no zone"),
        ("*", "not a multicast group"),
        ("", "not a multicast group"),
        ("225.1.2", "not a multicast group"),
        ("225.1.2.03", "not a multicast group"),
        ("225.1.2.3.4", "not a multicast group"),
        ("225.1.2.3\x00", "not a multicast group"),
        ("\uff1225.1.2.3", "not a multicast group"),
        ("ff0e::g", "not a multicast group"),
    ],
)
def test_bad_groups(given, words):
    with pytest.raises(values.BadValue, match=words):
        values.group(given)


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("*", "*"),
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.77/24", "192.0.2.0/24"),
        ("10.1.2.3/1", "0.0.0.0/1"),
        ("192.0.2.1/32", "192.0.2.1"),
        ("2001:db8::1/128", "2001:db8::1"),
        ("2001:DB8::0001", "2001:db8::1"),
        ("2001:db8::1/64", "2001:db8::/64"),
        ("fe80::1", "fe80::1"),
    ],
)
def test_sources(given, canonical):
    assert values.source(given) == canonical


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("225.1.2.3", "a source is a unicast address"),
        ("255.255.255.255", "a source is a unicast address"),
        ("ff0e::1", "a source is a unicast address"),
        ("225.0.0.0/8", "a source range begins with a unicast address"),
        ("ff0e::/16", "a source range begins with a unicast address"),
        ("0.0.0.0", r"write '\*' for any source"),
        ("::", r"write '\*' for any source"),
        ("0.0.0.0/0", r"from 1 to 31; write '\*' for any source"),
        ("192.0.2.1/33", "from 1 to 31"),
        ("225.1.2.3/32", "a source is a unicast address"),
        ("0.0.0.0/32", r"write '\*' for any source"),
        ("2001:db8::/0", "from 1 to 127"),
        ("2001:db8::1/129", "from 1 to 127"),
        ("fe80::1%eth0", "a source carries no zone"),
        ("any", r"not an address, an address range or '\*'"),
    ],
)
def test_bad_sources(given, words):
    with pytest.raises(values.BadValue, match=words):
        values.source(given)


def test_ttl_thresholds():
    assert [values.ttl_threshold(number) for number in (1, 255)] == [1, 255]
    for number in (0, 256, -1):
        with pytest.raises(values.BadValue, match="from 1 to 255"):
            values.ttl_threshold(number)


@given(st.ip_addresses(v=4, network="224.0.0.0/4"), st.integers(4, 31))
def test_ipv4_group_ranges_are_those_of_the_standard_library(address, length):
    network = ipaddress.ip_network((address, length), strict=False)
    assert values.group(f"{address}/{length}") == str(network)


@given(st.ip_addresses(v=6, network="ff00::/8"))
def test_every_spelling_of_an_ipv6_group_is_the_same_group(address):
    assert values.group(address.exploded.upper()) == values.group(str(address)) == str(address)
