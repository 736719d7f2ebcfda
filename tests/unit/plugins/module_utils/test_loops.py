"""Routes whose packets go out where they came in."""

from __future__ import annotations

import pytest

from ansible_collections.mcast.smcroute.plugins.module_utils.entries import from_config
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import PHYINT, ROUTE
from ansible_collections.mcast.smcroute.plugins.module_utils.loops import loop_warnings


def warned(count):
    config = [
        {"interface": "a", "group": f"225.0.0.{number}", "out_interfaces": ["a", "b"]}
        for number in range(count)
    ]
    return loop_warnings(ROUTE, from_config(ROUTE, config))


def test_such_routes_are_named_in_one_warning():
    assert warned(2) == [
        "packets are sent out on the interface that they came in on by "
        "config[0] (interface a, source *, group 225.0.0.0); "
        "config[1] (interface a, source *, group 225.0.0.1)"
    ]


def test_many_of_them_are_counted():
    (warning,) = warned(7)
    assert warning.endswith("config[4] (interface a, source *, group 225.0.0.4) and 2 more")


@pytest.mark.parametrize(
    ("interface", "out", "loops"),
    [
        ("eth+", "eth0", True),
        ("eth+", "wan0", False),
        # Among those that a wildcard stands for, the one that packets came in on is left out.
        ("eth0", "eth+", False),
        ("eth+", "eth+", False),
    ],
)
def test_wildcards(interface, out, loops):
    config = [{"interface": interface, "group": "225.0.0.1", "out_interfaces": [out]}]
    assert bool(loop_warnings(ROUTE, from_config(ROUTE, config))) == loops


def test_others_are_not_warned_of():
    assert warned(0) == []
    assert loop_warnings(PHYINT, from_config(PHYINT, [{"name": "a"}])) == []
