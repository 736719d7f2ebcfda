"""The states rendered and parsed, which ask no router."""

from __future__ import annotations

import pytest
from lxml import etree

from ansible_collections.mcast.smcroute.plugins.module_utils import codec
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import PHYINT, ROUTE
from ansible_collections.mcast.smcroute.tests.unit.plugins.modules_under_test import run_module

TEXT = """\
# by hand
phyint eth0 disable
phyint eth0 ttl-threshold 9   # adds up
mgroup from eth0 group 225.1.2.3
ssmgroup from eth0 source 10.0.0.1 group 232.1.1.1
mroute from eth0 group 225.1.2.3/32 to eth2
mroute from eth0 source 0.0.0.0 group 225.1.2.3 to eth1
mroute from eth0 source 10.0.0.1 group 225.1.2.9/24
"""


@pytest.fixture
def offline(tmp_path):
    def run(noun, **options):
        result = run_module(noun, socket=tmp_path / "none", **options)
        result.pop("invocation", None)
        return result

    return run


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("noun", "entries"),
    [
        ("phyint", [{"name": "eth0", "enabled": False, "mrdisc": False, "ttl_threshold": 9}]),
        (
            "group",
            [
                {"interface": "eth0", "source": "*", "group": "225.1.2.3"},
                {"interface": "eth0", "source": "10.0.0.1", "group": "232.1.1.1"},
            ],
        ),
        (
            "route",
            [
                {
                    "interface": "eth0",
                    "source": "*",
                    "group": "225.1.2.3",
                    "out_interfaces": ["eth1", "eth2"],
                },
                {
                    "interface": "eth0",
                    "source": "10.0.0.1",
                    "group": "225.1.2.0/24",
                    "out_interfaces": [],
                },
            ],
        ),
    ],
)
def test_parsed(offline, noun, entries, check):
    result = offline(noun, state="parsed", running_config=TEXT, _ansible_check_mode=check)
    assert result == {"changed": False, "parsed": entries}


def test_every_bad_line_is_told(offline):
    bad = "mrout from eth0\n" + TEXT + "\nmroute from eth0 group 10.0.0.1\nphyint eth0 enable\n"
    result = offline("group", state="parsed", running_config=bad)
    assert result["failed"] is True
    assert result["msg"] == (
        "running_config is no smcroute.conf, 3 lines are wrong: "
        "line 1: unknown keyword 'mrout'; did you mean mroute?. "
        "line 11: '10.0.0.1': an IPv4 group is an address from 224.0.0.0 to 239.255.255.255. "
        "line 12: phyint eth0 contradicts what line 3 says about it; keep one of the lines"
    )


def test_the_number_of_told_lines_is_bounded(offline):
    result = offline("group", state="parsed", running_config="bad\n" * 1000)
    assert "1000 lines are wrong" in result["msg"]
    assert result["msg"].endswith("and 980 more")
    assert result["msg"].count("unknown keyword") == 20


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("phyint", "phyint without an interface"),
        ("phyint eth0 ttl-threshold", "ttl-threshold without a number"),
        ("phyint eth0 ttl-threshold 256", "'256': a TTL threshold is from 1 to 255"),
        ("phyint eth0 ttl-threshold 1 ttl-threshold 2", "contradicts what the line says before"),
        ("phyint eth0 enabel", "did you mean enable?"),
        ("phyint an-interface-name", "from 1 to 15 characters"),
        ("mroute from eth0 group 225.1.2.3 to", "'to' without an interface"),
        ("mroute from eth0 to eth1 group 225.1.2.3", "put 'to' and the outgoing interfaces last"),
        ("mroute from eth0 group", "'group' is the last word; write a multicast group behind it"),
        ("mroute from eth0 from eth1 group 225.1.2.3", "'from' is there twice"),
        ("mroute from eth0 group 225.1.2.3/33", "the prefix length is a number up to 32"),
        ("mroute from eth0 group 225.1.2.300", "this is not a multicast group"),
        ("mroute from eth0 source ff02::1 group ff02::1", "a source is a unicast address"),
        ("mroute from eth0 source :: group 225.1.2.3", "are of different address families"),
        ("mgroup from eth0 group 225.1.2.3 to eth1", "unknown word 'to'"),
        ("include a b", "include takes one path or pattern"),
        ("# \0", "there is a NUL in the line"),
        ("mroute from eth0 group 225.1.2.3 to" + " eth1" * 2000, "more than 8192 octets"),
    ],
)
def test_bad_lines(offline, line, says):
    result = offline("route", state="parsed", running_config=f"\n{line}\n")
    assert result["failed"] is True
    assert "one line is wrong: line 2: " in result["msg"]
    assert says in result["msg"]


def test_what_an_include_would_bring_is_not_passed_over_in_silence(offline):
    result = offline("route", state="parsed", running_config="include /etc/smcroute.d/*.conf")
    assert result["parsed"] == []
    (warning,) = result["warnings"]
    assert "line 1 of running_config includes /etc/smcroute.d/*.conf" in warning["event"]["msg"]


def test_running_config_is_needed(offline):
    result = offline("route", state="parsed")
    assert result["msg"].startswith("running_config is missing, and state parsed needs it")


def test_rendered(offline):
    config = [
        {"interface": "eth1", "group": "225.1.2.9/24"},
        {"interface": "eth0", "source": "10.0.0.1", "group": "225.1.2.3", "out_interfaces": "b,a"},
    ]
    result = offline("route", state="rendered", config=config)
    assert result["rendered"]["smcroute_conf"] == (
        "mroute from eth1 group 225.1.2.0/24\n"
        "mroute from eth0 source 10.0.0.1 group 225.1.2.3 to a b\n"
    )
    element = etree.fromstring(result["rendered"]["netconf"])
    assert {entry.get(f"{{{codec.NETCONF_NAMESPACE}}}operation") for entry in element[0]} == {
        "replace"
    }
    parsed = offline("route", state="parsed", running_config=result["rendered"]["smcroute_conf"])[
        "parsed"
    ]
    assert parsed == sorted(codec.decode(ROUTE, element).values(), key=ROUTE.key_of)


def test_rendered_says_only_what_the_task_says(offline):
    config = [{"name": "eth0"}, {"name": "eth1", "enabled": True, "mrdisc": False}]
    result = offline("phyint", state="rendered", config=config)
    assert result["rendered"]["smcroute_conf"] == "phyint eth0\nphyint eth1 enable\n"
    entries = codec.decode(PHYINT, etree.fromstring(result["rendered"]["netconf"]))
    assert entries["eth1",] == PHYINT.complete({"name": "eth1"})


@pytest.mark.parametrize("name", ["interface", "out_interfaces"])
def test_a_name_that_would_begin_a_comment(offline, name):
    good = {"interface": "eth0", "group": "225.1.2.3"}
    result = offline(
        "route", state="rendered", config=[good, {**good, "source": "10.0.0.1", name: "#x"}]
    )
    assert result["msg"] == (
        f"config[1] (interface {'#x' if name == 'interface' else 'eth0'}, source 10.0.0.1, "
        "group 225.1.2.3): the interface name #x would begin a comment in smcroute.conf; "
        "rename the interface"
    )


def test_rendered_warns_of_loops_and_needs_config(offline):
    looping = {"interface": "eth0", "group": "225.1.2.3", "out_interfaces": ["eth0"]}
    result = offline("route", state="rendered", config=[looping])
    assert len(result["warnings"]) == 1
    assert "state rendered needs it" in offline("route", state="rendered")["msg"]
