"""The config option: every wrong entry is named by its index and option."""

from __future__ import annotations

import pytest

from ansible_collections.mcast.smcroute.plugins.module_utils.entries import from_config
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import OptionError
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import GROUP, PHYINT, ROUTE

GOOD = {"interface": "in0", "group": "225.1.2.3"}


def refused(kind, *config):
    with pytest.raises(OptionError) as caught:
        from_config(kind, list(config))
    return str(caught.value)


def test_entries_are_found_by_their_keys_in_canonical_form():
    wanted = from_config(
        ROUTE,
        [
            {"interface": "in0", "source": "2001:DB8::1", "group": "FF1E::/16"},
            {**GOOD, "out_interfaces": ["out1", "out0", "out1"]},
        ],
    )
    assert list(wanted) == [("in0", "2001:db8::1", "ff1e::/16"), ("in0", "*", "225.1.2.3")]
    assert wanted["in0", "*", "225.1.2.3"] == (
        1,
        {
            "interface": "in0",
            "source": "*",
            "group": "225.1.2.3",
            "out_interfaces": ["out0", "out1"],
        },
    )


def test_what_is_left_out_or_null_stays_out():
    assert from_config(ROUTE, [{**GOOD, "source": None, "out_interfaces": None}]) == {
        ("in0", "*", "225.1.2.3"): (0, {**GOOD, "source": "*"})
    }


def test_what_a_template_makes_of_numbers_and_booleans_is_understood():
    given = {"name": 5, "enabled": "no", "mrdisc": "True", "ttl_threshold": "16"}
    assert from_config(PHYINT, [given]) == {
        ("5",): (0, {"name": "5", "enabled": False, "mrdisc": True, "ttl_threshold": 16})
    }


@pytest.mark.parametrize(("text", "names"), [("out0, out1", ["out0", "out1"]), (" ", [])])
def test_a_list_may_be_a_text_with_commas(text, names):
    entry = from_config(ROUTE, [{**GOOD, "out_interfaces": text}])["in0", "*", "225.1.2.3"].entry
    assert entry["out_interfaces"] == names


@pytest.mark.parametrize(
    ("kind", "bad", "message"),
    [
        (ROUTE, "eth0", "config[1] is 'eth0', which is not a dictionary of options"),
        (ROUTE, None, "config[1] is None, which is not a dictionary of options"),
        (ROUTE, {"group": "225.1.2.3"}, "config[1].interface is missing"),
        (GROUP, {"interface": "in0"}, "config[1].group is missing"),
        (PHYINT, {"name": None}, "config[1].name is missing"),
        (
            GROUP,
            {**GOOD, "out_interfaces": []},
            "config[1].out_interfaces: there is no such option; "
            "the options are interface, source, group",
        ),
        (ROUTE, {**GOOD, 5: 5}, "config[1].5: there is no such option"),
        (ROUTE, {**GOOD, "interface": "x" * 16}, "config[1].interface is 'xxxxxxxxxxxxxxxx': an"),
        (ROUTE, {**GOOD, "interface": True}, "config[1].interface is True: this is not a string"),
        (ROUTE, {**GOOD, "group": "10.0.0.1"}, "config[1].group is '10.0.0.1': an IPv4 group is"),
        (ROUTE, {**GOOD, "group": ["a"]}, "config[1].group is ['a']: this is not a string"),
        (ROUTE, {**GOOD, "source": "0.0.0.0"}, "config[1].source is '0.0.0.0': write '*'"),
        (
            ROUTE,
            {**GOOD, "source": "2001:db8::1"},
            "config[1]: source 2001:db8::1 and group 225.1.2.3 are of different address families",
        ),
        (
            GROUP,
            {"interface": "in0", "source": "192.0.2.0/24", "group": "ff0e::1"},
            "config[1]: source 192.0.2.0/24 and group ff0e::1 are of different",
        ),
        (ROUTE, {**GOOD, "out_interfaces": ["a", "+"]}, "config[1].out_interfaces[1] is '+': a w"),
        (ROUTE, {**GOOD, "out_interfaces": [None]}, "config[1].out_interfaces[0] is None: this"),
        (ROUTE, {**GOOD, "out_interfaces": "a,,b"}, "config[1].out_interfaces[1] is '': an int"),
        (ROUTE, {**GOOD, "out_interfaces": {}}, "config[1].out_interfaces is {}, which is not a"),
        (
            ROUTE,
            {**GOOD, "out_interfaces": [f"e{number}" for number in range(129)]},
            "config[1].out_interfaces has 129 elements, and 128 is the most there can be",
        ),
        (PHYINT, {"name": "a", "ttl_threshold": 0}, "config[1].ttl_threshold is 0: a TTL thres"),
        (PHYINT, {"name": "a", "ttl_threshold": "x"}, "config[1].ttl_threshold is 'x': this is"),
        (PHYINT, {"name": "a", "ttl_threshold": 1.5}, "config[1].ttl_threshold is 1.5: this is"),
        (PHYINT, {"name": "a", "ttl_threshold": True}, "config[1].ttl_threshold is True: this is"),
        (
            PHYINT,
            {"name": "a", "enabled": "maybe"},
            "config[1].enabled is 'maybe': this is neither",
        ),
        (PHYINT, {"name": "a", "mrdisc": []}, "config[1].mrdisc is []: this is neither true nor"),
    ],
)
def test_a_wrong_entry_is_named(kind, bad, message):
    good = {"name": "good"} if kind is PHYINT else {"interface": "good", "group": "225.0.0.1"}
    assert message in refused(kind, good, bad)


def test_two_spellings_of_one_entry_are_one_too_many():
    message = refused(
        GROUP,
        {"interface": "in0", "group": "ff0e::1"},
        GOOD,
        {"interface": "in0", "source": "*", "group": "FF0E:0::1"},
    )
    assert message == (
        "config[2] names the same group as config[0]: interface in0, source *, group ff0e::1; "
        "leave one of them out"
    )
