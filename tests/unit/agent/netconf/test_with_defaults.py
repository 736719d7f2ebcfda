"""The parameter with-defaults and the attribute default, over a real UNIX socket."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.unit.agent.netconf.agent import SMC, Agent, Client, edit, smcroute
from tests.unit.agent.netconf.wire import NC, field

WITH_DEFAULTS = "urn:ietf:params:xml:ns:yang:ietf-netconf-with-defaults"
TAG = 'xmlns:wd="urn:ietf:params:xml:ns:netconf:default:1.0" wd:default="true"'
EXPLICIT = "<phyint><name>eth0</name><mrdisc>false</mrdisc></phyint>"
ALL = (
    "<phyint><name>eth0</name><enabled>true</enabled><mrdisc>false</mrdisc>"
    "<ttl-threshold>1</ttl-threshold></phyint>"
)
TAGGED = (
    f"<phyint><name>eth0</name><enabled {TAG}>true</enabled><mrdisc>false</mrdisc>"
    f"<ttl-threshold {TAG}>1</ttl-threshold></phyint>"
)
MODES = {
    "explicit": EXPLICIT,
    "report-all": ALL,
    "report-all-tagged": TAGGED,
    "trim": "<phyint><name>eth0</name></phyint>",
}


@pytest.fixture
def interface(client: Client) -> Client:
    """A client of an agent with one interface, on which one leaf is set to its default."""
    client.ok(edit(smcroute(EXPLICIT)))
    return client


def asked(mode: str) -> str:
    return f'<with-defaults xmlns="{WITH_DEFAULTS}">{mode}</with-defaults>'


def get_config(more: str = "", source: str = "running") -> str:
    return f"<get-config><source><{source}/></source>{more}</get-config>"


def found(reply: etree._Element) -> str:
    (data,) = reply
    assert data.tag == f"{{{NC}}}data", etree.tostring(reply)
    return "".join(
        etree.tostring(child).decode() for child in data if child.tag.startswith(f"{{{SMC}}}")
    )


@pytest.mark.parametrize(("mode", "expected"), MODES.items())
def test_modes(interface: Client, mode: str, expected: str) -> None:
    assert found(interface.ask(get_config(asked(mode)))) == smcroute(expected)
    state = "<agent><version>1.2.3</version></agent>"
    wanted = f'<filter><smcroute xmlns="{SMC}"/></filter>'
    assert found(interface.ask(f"<get>{wanted}{asked(mode)}</get>")) == smcroute(expected + state)


def test_the_basic_mode_is_explicit(interface: Client) -> None:
    assert found(interface.ask(get_config())) == smcroute(EXPLICIT)


def test_a_filter_sees_what_the_mode_shows(interface: Client) -> None:
    wanted = f'<filter><smcroute xmlns="{SMC}"><phyint><enabled>true</enabled></phyint></smcroute>'
    for mode, expected in (("report-all", smcroute(ALL)), ("trim", "")):
        assert found(interface.ask(get_config(f"{wanted}</filter>{asked(mode)}"))) == expected


@pytest.mark.parametrize(
    ("mode", "expected"), [*list(MODES.items())[:2], ("report-all-tagged", EXPLICIT)]
)
def test_copy_config(interface: Client, mode: str, expected: str) -> None:
    targets = "<target><startup/></target><source><running/></source>"
    interface.ok(f"<copy-config>{targets}{asked(mode)}</copy-config>")
    assert found(interface.ask(get_config(source="startup"))) == smcroute(expected)


def test_a_tagged_report_can_be_sent_back(agent: Agent, interface: Client) -> None:
    for operation in ("merge", "replace"):
        more = f"<default-operation>{operation}</default-operation>"
        interface.ok(edit(smcroute(TAGGED), more=more))
        assert found(interface.ask(get_config())) == smcroute(EXPLICIT)
    inline = f"<source><config>{smcroute(TAGGED)}</config></source>"
    interface.ok(f"<copy-config><target><running/></target>{inline}</copy-config>")
    assert len(agent.applied) == 1


@pytest.mark.parametrize(
    ("leaf", "left"),
    [
        (f"<mrdisc {TAG}>false</mrdisc>", ""),
        (f'<mrdisc xmlns:nc="{NC}" nc:operation="replace" {TAG}>false</mrdisc>', ""),
        (TAG.join(("<mrdisc ", ">false</mrdisc>")).replace('"true"', '"false"'), "false"),
        (TAG.join(("<mrdisc ", ">false</mrdisc>")).replace('"true"', '"1"'), ""),
    ],
)
def test_a_tag_unsets_a_value(interface: Client, leaf: str, left: str) -> None:
    interface.ok(edit(smcroute(f"<phyint><name>eth0</name>{leaf}</phyint>")))
    expected = f"<mrdisc>{left}</mrdisc>" if left else ""
    assert found(interface.ask(get_config())) == smcroute(
        f"<phyint><name>eth0</name>{expected}</phyint>"
    )


def test_under_the_operation_none_a_tag_does_nothing(interface: Client) -> None:
    leaf = f"<phyint><name>eth0</name><mrdisc {TAG}>false</mrdisc></phyint>"
    none = "<default-operation>none</default-operation>"
    interface.ok(edit(smcroute(leaf), more=none))
    assert found(interface.ask(get_config())) == smcroute(EXPLICIT)


@pytest.mark.parametrize(
    ("leaf", "tag"),
    [
        (f"<mrdisc {TAG}>true</mrdisc>", "invalid-value"),
        (f"<mrdisc {TAG}>maybe</mrdisc>", "invalid-value"),
        (f"<name {TAG}>eth0</name>", "invalid-value"),
        (f"<nothing {TAG}>eth0</nothing>", "unknown-element"),
        (f"<mrdisc {TAG}>false</mrdisc>".replace("true", "yes"), "bad-attribute"),
        ('<mrdisc default="true">false</mrdisc>', "unknown-attribute"),
    ],
)
def test_a_tag_that_is_wrong(interface: Client, leaf: str, tag: str) -> None:
    reply = interface.ask(edit(smcroute(f"<phyint><name>eth0</name>{leaf}</phyint>")))
    assert field(reply, "error-tag") == tag
    assert found(interface.ask(get_config())) == smcroute(EXPLICIT)


@pytest.mark.parametrize(
    ("parameter", "tag"),
    [
        (asked("some"), "invalid-value"),
        ("<with-defaults>trim</with-defaults>", "unknown-element"),
    ],
)
def test_a_mode_that_is_wrong(client: Client, parameter: str, tag: str) -> None:
    reply = client.ask(get_config(parameter))
    assert field(reply, "error-tag") == tag
