"""Data trees as JSON and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from smcroute_agent.errors import DataError
from smcroute_agent.yang.json_data import from_json, to_json
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.schema import packaged

SMC = "urn:mcast:params:xml:ns:yang:smcroute"
ACM = "urn:ietf:params:xml:ns:yang:ietf-netconf-acm"
SCHEMA = packaged()

DATA = f"""<config><smcroute xmlns="{SMC}">
<phyint><name>eth0</name><enabled>false</enabled><ttl-threshold>7</ttl-threshold></phyint>
<mroute><interface>eth0</interface><source>*</source><group>225.1.1.1</group>
<out-interface>eth2</out-interface><out-interface>eth1</out-interface></mroute></smcroute>
<nacm xmlns="{ACM}"><rule-list><name>b</name><rule><name>x &lt; "y"</name>
<path xmlns:s="{SMC}">/s:smcroute/s:mroute[s:group='225.1.1.1']</path>
<access-operations>read update</access-operations><action>deny</action></rule></rule-list>
<rule-list><name>a</name></rule-list></nacm></config>"""


def test_there_and_back() -> None:
    tree = parse(SCHEMA, etree.fromstring(DATA))
    text = to_json(tree)
    assert from_json(SCHEMA, text) == tree
    plain = json.loads(text)
    assert plain["smcroute:smcroute"]["phyint"] == [
        {"name": "eth0", "enabled": False, "ttl-threshold": 7}
    ]
    assert plain["smcroute:smcroute"]["mroute"][0]["out-interface"] == ["eth2", "eth1"]
    rules = plain["ietf-netconf-acm:nacm"]["rule-list"]
    assert [entry["name"] for entry in rules] == ["b", "a"]
    assert rules[0]["rule"][0]["path"] == (
        "/smcroute:smcroute/smcroute:mroute[smcroute:group='225.1.1.1']"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"a": 1, "a": 2}',
        '{"moon:nacm": {}}',
        '{"ietf-netconf-acm:moon": {}}',
        '{"nacm": {}}',
        '{"ietf-netconf-acm:nacm": []}',
        '{"ietf-netconf-acm:nacm": 5}',
        '{"ietf-netconf-acm:nacm": {"rule-list": {}}}',
        '{"ietf-netconf-acm:nacm": {"rule-list": [5]}}',
        '{"ietf-netconf-acm:nacm": {"rule-list": [{}]}}',
        '{"ietf-netconf-acm:nacm": {"enable-nacm": "maybe"}}',
        '{"ietf-netconf-acm:nacm": {"enable-nacm": {}}}',
        '{"ietf-netconf-acm:nacm": {"enable-nacm": 1.5}}',
        '{"ietf-netconf-acm:nacm": {"enable-nacm": null}}',
        '{"ietf-netconf-acm:nacm": {"denied-operations": 5}}',
        '{"ietf-netconf-acm:nacm": {"rule-list": [{"name": "\\u0000"}]}}',
        '{"smcroute:smcroute": {"agent": {}}}',
        "[" * 100_000,
    ],
)
def test_what_is_wrong(text: str) -> None:
    with pytest.raises(DataError):
        from_json(SCHEMA, text)


def test_the_rules_of_the_lab_are_valid(tmp_path: Path) -> None:
    from lab.rules import FILE, let_write

    let_write(tmp_path, "operator")
    assert from_json(SCHEMA, (tmp_path / FILE).read_text()).children
