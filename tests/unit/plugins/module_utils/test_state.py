"""The operational state as a playbook sees it."""

from __future__ import annotations

import pytest
from lxml import etree

from ansible_collections.mcast.smcroute.plugins.module_utils import state
from ansible_collections.mcast.smcroute.plugins.module_utils.codec import NAMESPACE


def data(content):
    return etree.fromstring(f'<data><smcroute xmlns="{NAMESPACE}">{content}</smcroute></data>')


ENTRY = (
    "<forwarding-entry><source>10.0.0.1</source><group>{group}</group>"
    "<in-interface>in0</in-interface><origin>learned</origin>"
    "<out-interface><name>b</name><ttl-threshold>16</ttl-threshold></out-interface>"
    "<out-interface><name>a</name></out-interface>"
    "<packets>{packets}</packets><bytes>{bytes}</bytes></forwarding-entry>"
)


def entries(*rows):
    return state.forwarding_entries(
        data("".join(ENTRY.format(group=g, packets=p, bytes=b) for g, p, b in rows))
    )


def test_no_data_is_no_rows():
    for read in (state.interfaces, state.memberships, state.forwarding_entries, state.pending):
        assert read(None) == []
    assert state.agent(None) == {}


def test_agent():
    found = state.agent(
        data(
            "<agent><version>1</version><table-id>7</table-id>"
            "<counters><upcalls>3</upcalls></counters></agent>"
        )
    )
    assert (found["version"], found["table_id"], found["identity"]) == ("1", 7, None)
    assert found["counters"]["upcalls"] == 3
    assert found["counters"]["cache_limit_reached"] is None


def test_interfaces_are_sorted_and_typed():
    found = state.interfaces(
        data(
            "<interface><name>b</name><if-index>9</if-index><vif>0</vif><flags>up multicast</flags>"
            "<ipv4><in-packets>1</in-packets><out-bytes>2</out-bytes></ipv4></interface>"
            "<interface><name>a</name><if-index>10</if-index><reason>odd</reason></interface>"
        )
    )
    nothing = {"vif": None, "mif": None, "ipv4": None, "ipv6": None, "reason": None}
    octets = {"in_bytes": None, "out_bytes": 2}
    counted = {"ipv4": {"in_packets": 1, "out_packets": None, **octets}}
    assert found == [
        {**nothing, "name": "a", "if_index": 10, "reason": "odd", "flags": []},
        nothing | {"name": "b", "if_index": 9, "vif": 0, "flags": ["up", "multicast"]} | counted,
    ]


def test_forwarding_entries():
    (row,) = entries(("225.0.0.1", 5, 240))
    assert row == {
        "source": "10.0.0.1",
        "group": "225.0.0.1",
        "in_interface": "in0",
        "origin": "learned",
        "packets": 5,
        "bytes": 240,
        "wrong_interface": None,
        "uptime": None,
        "idle": None,
        "out_interfaces": ["a", "b"],
        "ttl_thresholds": {"a": 1, "b": 16},
    }


@pytest.mark.parametrize(
    ("before", "after", "rate"),
    [
        ([("225.0.0.1", 5, 100)], ("225.0.0.1", 15, 300), (5.0, 100.0)),
        ([], ("225.0.0.1", 15, 300), (7.5, 150.0)),
        ([("225.0.0.2", 5, 100)], ("225.0.0.1", 15, 300), (7.5, 150.0)),
        ([("225.0.0.1", 500, 9000)], ("225.0.0.1", 15, 300), (7.5, 150.0)),
    ],
    ids=["goes on", "is new", "another", "was made anew"],
)
def test_rates(before, after, rate):
    (row,) = state.with_rates(entries(*before), entries(after), 2.0)
    assert (row["packets_per_second"], row["bytes_per_second"]) == rate


RULES = data(
    "<phyint><name>eth7</name><state>pending</state><reason>no eth7</reason></phyint>"
    "<mgroup><interface>b</interface><source>*</source><group>225.0.0.1</group></mgroup>"
    "<mroute><interface>b</interface><source>*</source><group>225.0.0.1</group>"
    "<state>pending</state><reason>no b</reason><warning>loop</warning></mroute>"
    "<mroute><interface>a</interface><source>*</source><group>225.0.0.1</group>"
    "<state>template</state><warning>loop</warning><warning>more</warning></mroute>"
)


def test_pending_is_only_what_is_pending():
    assert state.pending(RULES) == [
        {"kind": "phyint", "name": "eth7", "reason": "no eth7"},
        {
            "kind": "route",
            "interface": "b",
            "source": "*",
            "group": "225.0.0.1",
            "reason": "no b",
        },
    ]


def test_rule_warnings_by_kind_and_key():
    found = state.rule_warnings(RULES)
    assert [(row["interface"], row["warnings"]) for row in found] == [
        ("a", ["loop", "more"]),
        ("b", ["loop"]),
    ]
