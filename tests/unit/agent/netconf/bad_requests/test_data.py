"""edit-config with wrong data: the error that RFC 6241 and RFC 7950 name, and where it is."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.unit.agent.netconf.agent import Agent, Client, edit, smcroute
from tests.unit.agent.netconf.wire import NC

SMC = "urn:mcast:params:xml:ns:yang:smcroute"
NACM = "urn:ietf:params:xml:ns:yang:ietf-netconf-acm"
TOP = "/smc:smcroute"
ETH0 = f"{TOP}/smc:phyint[smc:name='eth0']"
HALF = f"{TOP}/smc:mroute[smc:interface='eth0']"
FULL = f"{HALF}[smc:source='10.0.0.1'][smc:group='225.1.2.3']"
RULES = "/nacm:nacm/nacm:rule-list[nacm:name='a']"

KEYS = "<interface>eth0</interface><source>10.0.0.1</source><group>225.1.2.3</group>"


def nc(operation: str) -> str:
    """An operation attribute with its namespace."""
    return f'xmlns:nc="{NC}" nc:operation="{operation}"'


def rule_lists(content: str) -> str:
    """Access control, whose rule lists are in the user's order."""
    return f'<nacm xmlns="{NACM}" xmlns:yang="urn:ietf:params:xml:ns:yang:1">{content}</nacm>'


BAD = {
    # RFC 7950, 8.3.1: all keys of an entry are needed, whatever is done with it.
    **{
        f"an entry without its keys, {name}": (
            smcroute(f"<mroute {attribute}><interface>eth0</interface></mroute>"),
            ("missing-element", HALF, {"bad-element": "smc:source"}),
        )
        for name, attribute in (
            ("merge", ""),
            *((operation, nc(operation)) for operation in ("create", "replace")),
            *((operation, nc(operation)) for operation in ("delete", "remove")),
        )
    },
    "an entry without its only key": (
        smcroute("<phyint><mrdisc>true</mrdisc></phyint>"),
        ("missing-element", f"{TOP}/smc:phyint", {"bad-element": "smc:name"}),
    ),
    "a key that is no value": (
        smcroute("<mroute><interface>eth0</interface><source>x</source></mroute>"),
        ("invalid-value", f"{HALF}/smc:source", {"bad-element": "smc:source"}),
    ),
    # RFC 6241, 7.2: the attribute is in the namespace of NETCONF; appendix A: unknown-attribute.
    "an operation without namespace": (
        smcroute('<phyint operation="delete"><name>eth0</name></phyint>'),
        (
            "unknown-attribute",
            f"{TOP}/smc:phyint",
            {"bad-attribute": "operation", "bad-element": "smc:phyint"},
        ),
    ),
    "an operation without namespace at the top": (
        f'<smcroute xmlns="{SMC}" operation="replace"/>',
        ("unknown-attribute", TOP, {"bad-attribute": "operation", "bad-element": "smc:smcroute"}),
    ),
    "an attribute of another namespace": (
        smcroute('<phyint xmlns:x="urn:x" x:a="1"><name>eth0</name></phyint>'),
        (
            "unknown-attribute",
            f"{TOP}/smc:phyint",
            {"bad-attribute": "ns:a", "bad-element": "smc:phyint"},
        ),
    ),
    "an attribute of a leaf": (
        smcroute('<phyint><name>eth0</name><mrdisc a="1">true</mrdisc></phyint>'),
        (
            "unknown-attribute",
            f"{ETH0}/smc:mrdisc",
            {"bad-attribute": "a", "bad-element": "smc:mrdisc"},
        ),
    ),
    "an operation that there is not": (
        smcroute(f"<phyint {nc('update')}><name>eth0</name></phyint>"),
        (
            "bad-attribute",
            f"{TOP}/smc:phyint",
            {"bad-attribute": "nc:operation", "bad-element": "smc:phyint"},
        ),
    ),
    # RFC 7950, 8.3.1, and RFC 6241, appendix A.
    "an unknown element": (
        smcroute("<phyint><name>eth0</name><nothing/></phyint>"),
        ("unknown-element", ETH0, {"bad-element": "smc:nothing"}),
    ),
    "an unknown element at the top": (
        f'<nothing xmlns="{SMC}"/>',
        ("unknown-element", None, {"bad-element": "smc:nothing"}),
    ),
    "an element of another module": (
        smcroute(f'<phyint><name>eth0</name><mrdisc xmlns="{NACM}">true</mrdisc></phyint>'),
        ("unknown-element", ETH0, {"bad-element": "nacm:mrdisc"}),
    ),
    "an unknown namespace": (
        smcroute('<phyint><name>eth0</name><mrdisc xmlns="urn:x">true</mrdisc></phyint>'),
        ("unknown-namespace", ETH0, {"bad-element": "ns:mrdisc", "bad-namespace": "urn:x"}),
    ),
    "an unknown namespace at the top": (
        '<smcroute xmlns="urn:x"/>',
        ("unknown-namespace", None, {"bad-element": "ns:smcroute", "bad-namespace": "urn:x"}),
    ),
    "no namespace": (
        '<smcroute xmlns=""/>',
        ("unknown-namespace", None, {"bad-element": "smcroute", "bad-namespace": ""}),
    ),
    "state": (
        smcroute("<agent><version>1</version></agent>"),
        ("unknown-element", f"{TOP}/smc:agent", {"bad-element": "smc:agent"}),
    ),
    # Twice in one payload.
    "a duplicate key": (
        smcroute(f"<mroute>{KEYS}</mroute><mroute>{KEYS}</mroute>"),
        ("bad-element", FULL, {"bad-element": "smc:mroute"}),
    ),
    "a duplicate key, once deleted": (
        smcroute(f"<mroute {nc('remove')}>{KEYS}</mroute><mroute>{KEYS}</mroute>"),
        ("bad-element", FULL, {"bad-element": "smc:mroute"}),
    ),
    "a key leaf twice": (
        smcroute("<phyint><name>eth0</name><name>eth1</name></phyint>"),
        ("bad-element", f"{ETH0}/smc:name", {"bad-element": "smc:name"}),
    ),
    "a leaf twice": (
        smcroute("<phyint><name>eth0</name><mrdisc>true</mrdisc><mrdisc>true</mrdisc></phyint>"),
        ("bad-element", f"{ETH0}/smc:mrdisc", {"bad-element": "smc:mrdisc"}),
    ),
    "a container twice": (
        f'<smcroute xmlns="{SMC}"/><smcroute xmlns="{SMC}"/>',
        ("bad-element", TOP, {"bad-element": "smc:smcroute"}),
    ),
    "a value of a leaf-list twice": (
        smcroute(f"<mroute>{KEYS}{'<out-interface>eth1</out-interface>' * 2}</mroute>"),
        (
            "bad-element",
            f"{FULL}/smc:out-interface[.='eth1']",
            {"bad-element": "smc:out-interface"},
        ),
    ),
    "text between elements": (
        smcroute("text"),
        ("bad-element", TOP, {"bad-element": "smc:smcroute"}),
    ),
    "a value that is none": (
        smcroute("<phyint><name>eth0</name><ttl-threshold>256</ttl-threshold></phyint>"),
        ("invalid-value", f"{ETH0}/smc:ttl-threshold", {"bad-element": "smc:ttl-threshold"}),
    ),
    "an element in a leaf": (
        smcroute("<phyint><name>eth0</name><mrdisc><nothing/></mrdisc></phyint>"),
        ("unknown-element", f"{ETH0}/smc:mrdisc", {"bad-element": "smc:nothing"}),
    ),
    # RFC 6241, 7.2.
    "delete of what is not there": (
        smcroute(f"<mroute {nc('delete')}>{KEYS}</mroute>"),
        ("data-missing", FULL, {"bad-element": "smc:mroute"}),
    ),
    "delete of a leaf that is not there": (
        smcroute(f"<phyint><name>eth0</name><mrdisc {nc('delete')}/></phyint>"),
        ("data-missing", f"{ETH0}/smc:mrdisc", {"bad-element": "smc:mrdisc"}),
    ),
    "delete of a key": (
        smcroute(f"<phyint><name {nc('delete')}>eth0</name></phyint>"),
        (
            "bad-attribute",
            f"{ETH0}/smc:name",
            {"bad-attribute": "nc:operation", "bad-element": "smc:name"},
        ),
    ),
    # RFC 7950, 7.8.6 and 15.7.
    "insert after what is not there": (
        rule_lists(
            "<rule-list yang:insert=\"after\" yang:key=\"[nacm:name='b']\""
            f' xmlns:nacm="{NACM}"><name>a</name></rule-list>'
        ),
        (
            "bad-attribute",
            RULES,
            {"bad-attribute": "ns:key", "bad-element": "nacm:rule-list"},
        ),
    ),
    "insert after nothing": (
        rule_lists('<rule-list yang:insert="after"><name>a</name></rule-list>'),
        (
            "missing-attribute",
            "/nacm:nacm/nacm:rule-list",
            {"bad-attribute": "ns:key", "bad-element": "nacm:rule-list"},
        ),
    ),
    "insert where the order is the system's": (
        smcroute('<phyint xmlns:y="urn:ietf:params:xml:ns:yang:1" y:insert="first">'
                 "<name>eth0</name></phyint>"),
        (
            "unknown-attribute",
            f"{TOP}/smc:phyint",
            {"bad-attribute": "ns:insert", "bad-element": "smc:phyint"},
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("config", "expected"), BAD.values(), ids=BAD.keys())
def test_bad_data(
    agent: Agent, client: Client, config: str, expected: tuple[str, str | None, dict[str, str]]
) -> None:
    tag, path, info = expected
    (error,) = client.ask(edit(config))
    said = {etree.QName(child).localname: child for child in error}
    assert said["error-type"].text == "application"
    assert said["error-tag"].text == tag
    assert said["error-severity"].text == "error"
    assert (said["error-path"].text if "error-path" in said else None) == path
    assert {etree.QName(item).localname: item.text or "" for item in said["error-info"]} == info
    for element in (said.get("error-path"), *said["error-info"]):
        prefix, colon, _ = ((element.text if element is not None else "") or "").partition(":")
        if colon and element is not None and prefix.strip("/").isalpha():
            assert prefix.strip("/") in element.nsmap or element.tag.endswith("bad-namespace")
    assert agent.applied == []
    client.ok("<close-session/>")
