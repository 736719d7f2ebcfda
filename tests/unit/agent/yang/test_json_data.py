"""Data trees as JSON and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from lxml import etree

from smcroute_agent.errors import DataError
from smcroute_agent.yang import instance
from smcroute_agent.yang.json_data import to_json
from smcroute_agent.yang.json_input import from_json
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.schema import packaged
from tests.effort import effort

from .oracle.documents import contents
from .oracle.models import MODELS
from .oracle.verdict import reread, text_of

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
    assert rules[0]["rule"][0]["path"] == ("/smcroute:smcroute/mroute[group='225.1.1.1']")


INSTANCES = [
    # RFC 7951, section 6.11: inside, in JSON.
    ("/a:x/a:y[a:k='1'][a:l='/b:z[b:q]']/a:z", "/a:x/y[k='1'][l='/b:z[b:q]']/z"),
    ("/a:x/b:y[b:k='1']/a:z", "/a:x/b:y[k='1']/a:z"),
    ("/a:x/a:y[.='a:b']", "/a:x/y[.='a:b']"),
    ("/a:x/a:y[3]/a:z", "/a:x/y[3]/z"),
    ("/a:x/a:y[a:k=$USER]", "/a:x/y[k=$USER]"),
    ('/a:x/a:y[a:k="it\'s"]', '/a:x/y[k="it\'s"]'),
    ("/", "/"),
]


@pytest.mark.parametrize(("inside", "written"), INSTANCES)
def test_instances_name_a_module_where_it_is_another(inside: str, written: str) -> None:
    assert instance.to_json(inside) == written
    assert instance.from_json(written) == inside
    # As these files were written once.
    assert instance.from_json(inside) == inside


def test_instances_are_read_in_either_form() -> None:
    rule = '{{"name": "x", "path": "{}", "action": "deny"}}'
    text = '{{"ietf-netconf-acm:nacm": {{"rule-list": [{{"name": "a", "rule": [{}]}}]}}}}'
    short, full = (
        from_json(SCHEMA, text.format(rule.format(path)))
        for path in (
            "/smcroute:smcroute/mroute[group='225.1.1.1']",
            "/smcroute:smcroute/smcroute:mroute[smcroute:group='225.1.1.1']",
        )
    )
    assert short == full
    with pytest.raises(DataError):
        from_json(SCHEMA, text.format(rule.format("/smcroute/mroute")))


def references() -> Any:
    return next(model for model in MODELS if model.name == "references").schema


@effort(0.3)
@given(contents(references()))
def test_any_data_comes_back(document: Any) -> None:
    schema = references()
    try:
        tree = parse(schema, reread(text_of(document)))
    except DataError:
        return
    assert from_json(schema, to_json(tree)) == tree


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
        '{"ietf-netconf-acm:nacm": {"rule-list": [{"name": "\\ud800"}]}}',
        '{"ietf-netconf-acm:nacm": {"rule-list": [{"name": "\\uffff"}]}}',
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
