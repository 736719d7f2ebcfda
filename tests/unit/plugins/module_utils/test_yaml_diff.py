"""The diff: YAML that reads back as what changed."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import PHYINT, ROUTE
from ansible_collections.mcast.smcroute.plugins.module_utils.yaml_diff import difference


def route(group, *out, interface="in0", source="*"):
    entry = {
        "interface": interface,
        "source": source,
        "group": group,
        "out_interfaces": list(out),
    }
    return {ROUTE.key_of(entry): entry}


def test_only_the_entries_that_change_are_shown():
    same = route("225.0.0.1", "a")
    before = {**same, **route("225.0.0.2", "a")}
    after = {**same, **route("225.0.0.2", "a", "b"), **route("ff1e::1")}
    diff = difference(ROUTE, before, after)
    assert diff == {
        "before_header": "smcroute route",
        "after_header": "smcroute route",
        "before": "- interface: in0\n  source: '*'\n  group: 225.0.0.2\n  out_interfaces: [a]\n",
        "after": (
            "- interface: in0\n  source: '*'\n  group: 225.0.0.2\n  out_interfaces: [a, b]\n"
            "- interface: in0\n  source: '*'\n  group: ff1e::1\n  out_interfaces: []\n"
        ),
    }


def test_an_empty_side_says_so():
    diff = difference(ROUTE, route("225.0.0.1"), {})
    assert diff["after"] == "[]\n"
    assert difference(ROUTE, {}, route("225.0.0.1"))["before"] == "[]\n"


def test_nothing_changed_shows_nothing():
    diff = difference(ROUTE, route("225.0.0.1"), route("225.0.0.1"))
    assert diff["before"] == diff["after"] == ""


NAMES = r"""
eth0 eth+ eth0.5 on No y null 12 0x1f 1e5 1:20 .5 ' a'b - -- ~ #a a#b { a,b [x] &a *a !a | > % @ `
" a-b = ? : <<
"""


@pytest.mark.parametrize("name", NAMES.split())
def test_any_name_reads_back_as_itself(name):
    after = route("2001::".replace("2001", "ff0e"), name, interface=name, source="2001:db8::/32")
    (entry,) = after.values()
    assert yaml.safe_load(difference(ROUTE, {}, after)["after"]) == [entry]


def test_numbers_and_booleans_read_back_as_such():
    entry = {"name": "a", "enabled": True, "mrdisc": False, "ttl_threshold": 7}
    assert yaml.safe_load(difference(PHYINT, {}, {("a",): entry})["after"]) == [entry]
