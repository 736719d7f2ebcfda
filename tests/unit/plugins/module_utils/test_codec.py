"""Entries to XML and back."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from lxml import etree

from ansible_collections.mcast.smcroute.plugins.module_utils import codec
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import UnknownData
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import GROUP, PHYINT, ROUTE
from ansible_collections.mcast.smcroute.plugins.module_utils.reconcile import Edit

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
SMC = "urn:mcast:params:xml:ns:yang:smcroute"


def data(content):
    return f'<data xmlns="{BASE}"><smcroute xmlns="{SMC}">{content}</smcroute></data>'


@pytest.mark.parametrize("library", [etree, ElementTree])
def test_routes_are_read_in_canonical_form(library):
    element = library.fromstring(
        data(
            "<mroute><interface>in0</interface><source>2001:DB8::1</source><group>FF1E::1</group>"
            "<out-interface>b</out-interface><out-interface>a</out-interface></mroute>"
            "<!-- a comment --><mroute><interface>in0</interface><source>*</source>"
            "<group>225.0.0.1</group><!-- here too --></mroute>"
        )
    )
    assert codec.decode(ROUTE, element) == {
        ("in0", "2001:db8::1", "ff1e::1"): {
            "interface": "in0",
            "source": "2001:db8::1",
            "group": "ff1e::1",
            "out_interfaces": ["a", "b"],
        },
        ("in0", "*", "225.0.0.1"): {
            "interface": "in0",
            "source": "*",
            "group": "225.0.0.1",
            "out_interfaces": [],
        },
    }


def test_an_entry_is_read_with_its_defaults():
    element = etree.fromstring(
        data(
            "<phyint><name>a</name></phyint><phyint><name>b</name><enabled>false</enabled>"
            "<mrdisc>true</mrdisc><ttl-threshold>7</ttl-threshold></phyint>"
        )
    )
    assert list(codec.decode(PHYINT, element).values()) == [
        {"name": "a", "enabled": True, "mrdisc": False, "ttl_threshold": 1},
        {"name": "b", "enabled": False, "mrdisc": True, "ttl_threshold": 7},
    ]


@pytest.mark.parametrize("content", ["", "<phyint><name>a</name></phyint>"])
def test_other_lists_are_not_read(content):
    assert codec.decode(GROUP, etree.fromstring(data(content))) == {}


def test_no_data_is_no_entry():
    assert codec.decode(GROUP, None) == {}
    assert codec.decode(GROUP, etree.fromstring(f'<data xmlns="{BASE}"/>')) == {}


def test_a_leaf_of_a_newer_agent_is_passed_over():
    element = etree.fromstring(data("<phyint><name>a</name><colour>red</colour></phyint>"))
    assert list(codec.decode(PHYINT, element)) == [("a",)]


@pytest.mark.parametrize(
    "content",
    [
        "<phyint><name>a</name><ttl-threshold>many</ttl-threshold></phyint>",
        "<phyint><name>a</name><enabled>perhaps</enabled></phyint>",
        "<phyint><name>a</name><ttl-threshold>300</ttl-threshold></phyint>",
        "<phyint><enabled>true</enabled></phyint>",
    ],
)
def test_what_a_router_cannot_have_is_an_error(content):
    with pytest.raises(UnknownData, match="the router holds a phyint that this collection does"):
        codec.decode(PHYINT, etree.fromstring(data(content)))


def test_edits_carry_their_operation():
    key = {"interface": "in0", "source": "*", "group": "225.0.0.1"}
    full = {**key, "out_interfaces": ["a", "b"]}
    edits = [
        Edit("delete", key),
        Edit("create", full),
        Edit("replace", full),
        Edit("merge", {**key, "out_interfaces": ["c"]}),
    ]
    keys = "<interface>in0</interface><source>*</source><group>225.0.0.1</group>"
    out = "<out-interface>a</out-interface><out-interface>b</out-interface>"
    assert codec.encode(ROUTE, edits) == (
        f'<config xmlns="{BASE}" xmlns:nc="{BASE}"><smcroute xmlns="{SMC}">'
        f'<mroute nc:operation="delete">{keys}</mroute>'
        f'<mroute nc:operation="create">{keys}{out}</mroute>'
        f'<mroute nc:operation="replace">{keys}{out}</mroute>'
        f'<mroute>{keys}<out-interface nc:operation="merge">c</out-interface></mroute>'
        "</smcroute></config>"
    )


def test_values_are_written_as_yang_has_them_and_escaped():
    entry = {"name": "<&>", "enabled": True, "mrdisc": False, "ttl_threshold": 9}
    config = codec.encode(PHYINT, [Edit("create", entry)])
    assert "<name>&lt;&amp;&gt;</name><enabled>true</enabled><mrdisc>false</mrdisc>" in config
    config = config.replace(' nc:operation="create"', "")
    inner = etree.fromstring(config)
    assert list(codec.decode(PHYINT, inner).values()) == [entry]


def test_the_filter_selects_one_list():
    assert codec.list_filter(GROUP) == f'<smcroute xmlns="{SMC}"><mgroup/></smcroute>'
