"""The words of smcroute.conf and smcroutectl: canonical, or refused with what to do."""

from __future__ import annotations

import pytest

from smcroute_agent.compat import words
from smcroute_agent.errors import DataError


@pytest.mark.parametrize(
    ("source", "group", "canonical"),
    [
        (None, "225.1.2.3", ("*", "225.1.2.3")),
        ("*", "ff1e::1", ("*", "ff1e::1")),
        ("0.0.0.0", "225.1.2.3/32", ("*", "225.1.2.3")),
        ("0.0.0.0/0", "225.1.2.3/24", ("*", "225.1.2.0/24")),
        ("10.0.0.9/0", "225.1.2.3/4", ("*", "224.0.0.0/4")),
        ("::", "FF1E:0:0::1/128", ("*", "ff1e::1")),
        ("10.0.0.9/24", "225.1.2.3", ("10.0.0.0/24", "225.1.2.3")),
        ("10.0.0.9/32", "225.1.2.3", ("10.0.0.9", "225.1.2.3")),
        ("2001:DB8:0:0:1::/80", "ff1e::99/127", ("2001:db8:0:0:1::/80", "ff1e::98/127")),
    ],
)
def test_flow(source, group, canonical):
    assert words.flow(source, group) == canonical


@pytest.mark.parametrize(
    ("source", "group", "says"),
    [
        (None, "10.1.2.3", "no multicast group"),
        (None, "2001:db8::1", "ff00::/8"),
        (None, "225.1.2", "no IP address"),
        (None, "225.1.2.3/33", "up to 32"),
        (None, "225.1.2.3/", "prefix length"),
        (None, "225.1.2.3/-1", "prefix length"),
        (None, "225.1.2.3/٣", "prefix length"),
        (None, "225.1.2.3/3", "from 4 to 31"),
        (None, "ff1e::1/7", "from 8 to 127"),
        (None, "ff1e::1%eth0", "no IP address"),
        ("225.1.1.1", "225.1.2.3", "no unicast"),
        ("255.255.255.255", "225.1.2.3", "no unicast"),
        ("ff02::1", "ff1e::1", "no unicast"),
        ("10.0.0.1", "ff1e::1", "different address families"),
        ("::", "225.1.2.3", "different address families"),
        ("eth0\0", "225.1.2.3", "no IP address"),
    ],
)
def test_bad_flow(source, group, says):
    with pytest.raises(DataError) as caught:
        words.flow(source, group)
    assert says in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize("name", ["eth0", "eth+", "a" * 15, "br-lan.100", "#odd", "wg@0"])
def test_interface(name):
    assert words.interface(name) == name


@pytest.mark.parametrize("name", ["", "a" * 16, ".", "..", "+", "a/b", "a:b", "a b", "é", "a\x01"])
def test_bad_interface(name):
    with pytest.raises(DataError) as caught:
        words.interface(name)
    assert caught.value.remedy


@pytest.mark.parametrize("word", ["0", "256", "-1", "1.5", "", "x", "٣", "9" * 5000])
def test_bad_ttl_threshold(word):
    with pytest.raises(DataError, match="out of range"):
        words.ttl_threshold(word)
