"""get-data and edit-data, over a real UNIX socket."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from smcroute_agent.netconf.transports import unix
from tests.unit.agent.netconf.agent import SMC, Agent, Client, mroute, smcroute
from tests.unit.agent.netconf.test_access import Alice
from tests.unit.agent.netconf.wire import NC, field

NMDA = "urn:ietf:params:xml:ns:yang:ietf-netconf-nmda"
DATASTORES = "urn:ietf:params:xml:ns:yang:ietf-datastores"
ORIGIN = "urn:ietf:params:xml:ns:yang:ietf-origin"
OR = f'xmlns:or="{ORIGIN}"'
WD = 'xmlns:wd="urn:ietf:params:xml:ns:netconf:default:1.0" wd:default="true"'
INTENDED = f'{OR} or:origin="or:intended"'
DEFAULT = f'{OR} or:origin="or:default"'

PHYINT = "<phyint><name>eth0</name><mrdisc>false</mrdisc></phyint>"
ROUTE = mroute("225.1.1.1", "eth1")
STATE = "<agent><version>1.2.3</version></agent>"


def get_data(more: str = "", datastore: str = "operational") -> str:
    """Of our own module, unless `more` has a filter."""
    if "-filter>" not in more.replace("origin-filter", "").replace("config-filter", ""):
        more += f'<subtree-filter><smcroute xmlns="{SMC}"/></subtree-filter>'
    return (
        f'<get-data xmlns="{NMDA}" xmlns:ds="{DATASTORES}" xmlns:s="{SMC}" {OR}>'
        f"<datastore>ds:{datastore}</datastore>{more}</get-data>"
    )


def edit_data(content: str, datastore: str = "running", more: str = "") -> str:
    return (
        f'<edit-data xmlns="{NMDA}" xmlns:ds="{DATASTORES}"><datastore>ds:{datastore}</datastore>'
        f"{more}<config>{content}</config></edit-data>"
    )


def found(reply: etree._Element) -> str:
    (data,) = reply
    assert data.tag == f"{{{NMDA}}}data", etree.tostring(reply)
    text = "".join(etree.tostring(child).decode() for child in data)
    for prefix, space in (("ds", DATASTORES), ("s", SMC), ("or", ORIGIN)):
        # What only stands there because the rpc has it, and is echoed.
        if f"{prefix}:" not in text.replace(f"xmlns:{prefix}", ""):
            text = text.replace(f' xmlns:{prefix}="{space}"', "")
    return text


@pytest.fixture
def configured(client: Client) -> Client:
    """A client of an agent with an interface and a route."""
    client.ok(edit_data(smcroute(PHYINT + ROUTE)))
    return client


ALL = smcroute(PHYINT + ROUTE + STATE)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", ALL),
        ("<config-filter>true</config-filter>", smcroute(PHYINT + ROUTE)),
        ("<config-filter>false</config-filter>", smcroute(STATE)),
        ("<max-depth>unbounded</max-depth>", ALL),
        ("<max-depth>3</max-depth>", ALL),
        ("<max-depth>1</max-depth>", f'<smcroute xmlns="{SMC}"/>'),
        (
            "<max-depth>2</max-depth>",
            smcroute(f"<phyint><name>eth0</name></phyint>{mroute('225.1.1.1')}<agent/>"),
        ),
        (
            "<max-depth>2</max-depth><config-filter>true</config-filter>",
            smcroute(f"<phyint><name>eth0</name></phyint>{mroute('225.1.1.1')}"),
        ),
        ("<xpath-filter>/s:smcroute/s:agent</xpath-filter>", smcroute(STATE)),
        (
            "<xpath-filter>//s:mroute[s:group='225.1.1.1']/s:out-interface</xpath-filter>",
            smcroute(ROUTE),
        ),
        ("<xpath-filter>//s:agent</xpath-filter><config-filter>true</config-filter>", ""),
        ("<xpath-filter>//s:agent</xpath-filter><max-depth>1</max-depth>", smcroute("<agent/>")),
        (f'<subtree-filter><smcroute xmlns="{SMC}"><agent/></smcroute></subtree-filter>',
         smcroute(STATE)),
        ("<subtree-filter></subtree-filter>", ""),
        ("<origin-filter>or:intended</origin-filter>", ALL),
        ("<origin-filter>or:origin</origin-filter>", ALL),
        ("<origin-filter>or:learned</origin-filter>", smcroute(STATE)),
        ("<origin-filter>or:learned</origin-filter><origin-filter>or:intended</origin-filter>",
         ALL),
        ("<origin-filter>or:learned</origin-filter><config-filter>true</config-filter>", ""),
        ("<negated-origin-filter>or:intended</negated-origin-filter>", smcroute(STATE)),
        ("<negated-origin-filter>or:learned</negated-origin-filter>", ALL),
        ("<with-defaults>trim</with-defaults>",
         smcroute("<phyint><name>eth0</name></phyint>" + ROUTE + STATE)),
        (
            "<with-defaults>report-all</with-defaults><origin-filter>or:default</origin-filter>",
            smcroute(
                "<phyint><name>eth0</name><enabled>true</enabled>"
                "<ttl-threshold>1</ttl-threshold></phyint>" + STATE
            ),
        ),
    ],
)  # fmt: skip
def test_get_data(configured: Client, more: str, expected: str) -> None:
    assert found(configured.ask(get_data(more))) == expected


def test_origins(configured: Client) -> None:
    asked = "<with-origin/><config-filter>true</config-filter>"
    top = f'<smcroute xmlns="{SMC}" {INTENDED}>'
    assert found(configured.ask(get_data(asked))) == (f"{top}{PHYINT}{ROUTE}</smcroute>").replace(
        f" {OR}", "", 0
    )
    reply = configured.ask(get_data(f"{asked}<with-defaults>report-all-tagged</with-defaults>"))
    assert re.sub(' xmlns:[a-z]+="[^"]*"', "", found(reply)) == re.sub(
        ' xmlns:[a-z]+="[^"]*"',
        "",
        f"{top}<phyint><name>eth0</name><enabled {WD} {DEFAULT}>true</enabled>"
        f"<mrdisc>false</mrdisc><ttl-threshold {WD} {DEFAULT}>1</ttl-threshold></phyint>"
        f"{ROUTE}</smcroute>",
    )
    cut = configured.ask(get_data("<with-origin/><max-depth>1</max-depth>"))
    assert 'or:origin="or:intended"' in found(cut)


def test_what_nobody_configured_is_the_systems(client: Client) -> None:
    reply = client.ask(get_data("<with-origin/>"))
    assert 'or:origin="or:system"' in found(reply)
    assert "or:origin" in found(reply).partition("<agent>")[0]
    assert "or:origin" not in found(reply).partition("<agent>")[2]


def test_without_a_filter_everything_is_there(configured: Client) -> None:
    bare = get_data().partition("<subtree-filter>")[0] + "</get-data>"
    tags = [etree.QName(child).localname for child in configured.ask(bare)[0]]
    assert {"smcroute", "netconf-state", "yang-library", "modules-state"} <= set(tags)


@pytest.mark.parametrize("datastore", ["running", "candidate", "startup"])
def test_configuration_datastores(configured: Client, datastore: str) -> None:
    configured.ok(
        "<copy-config><target><startup/></target><source><running/></source></copy-config>"
    )
    for more in ("", "<config-filter>true</config-filter>"):
        assert found(configured.ask(get_data(more, datastore))) == smcroute(PHYINT + ROUTE)
    assert found(configured.ask(get_data("<config-filter>false</config-filter>", datastore))) == ""
    reply = configured.ask(get_data("<with-defaults>trim</with-defaults>", datastore))
    assert found(reply) == smcroute("<phyint><name>eth0</name></phyint>" + ROUTE)


@pytest.mark.parametrize(
    ("more", "datastore", "tag", "where"),
    [
        ("", "dynamic", "invalid-value", "datastore"),
        ("", "intended", "invalid-value", "datastore"),
        ("<with-origin/>", "running", "invalid-value", "with-origin"),
        ("<origin-filter>or:intended</origin-filter>", "startup", "invalid-value",
         "origin-filter"),
        ("<origin-filter>or:nothing</origin-filter>", "operational", "invalid-value",
         "origin-filter"),
        ("<origin-filter>ds:intended</origin-filter>", "operational", "invalid-value",
         "origin-filter"),
        ("<max-depth>0</max-depth>", "running", "invalid-value", "max-depth"),
        ("<max-depth>65536</max-depth>", "running", "invalid-value", "max-depth"),
        ("<max-depth>deep</max-depth>", "running", "invalid-value", "max-depth"),
        ("<config-filter>yes</config-filter>", "running", "invalid-value", "config-filter"),
        ("<with-defaults>all</with-defaults>", "running", "invalid-value", "with-defaults"),
        ("<xpath-filter>/s:smcroute[</xpath-filter>", "running", "invalid-value",
         "xpath-filter"),
        ("<xpath-filter>/</xpath-filter><subtree-filter/>", "running", "bad-element",
         "xpath-filter"),
        ("<origin-filter>or:intended</origin-filter>"
         "<negated-origin-filter>or:intended</negated-origin-filter>", "operational",
         "bad-element", "negated-origin-filter"),
        ("<nothing/>", "running", "unknown-element", ""),
        ("<max-depth>1</max-depth><max-depth>1</max-depth>", "running", "unknown-element", ""),
    ],
)  # fmt: skip
def test_get_data_that_is_wrong(
    client: Client, more: str, datastore: str, tag: str, where: str
) -> None:
    reply = client.ask(get_data(more, datastore))
    assert field(reply, "error-tag") == tag
    expected = f"/nc:rpc/ncds:get-data/ncds:{where}" if where else "/nc:rpc/ncds:get-data"
    assert (field(reply, "error-path") or "").startswith(expected)


def test_a_datastore_without_a_prefix(client: Client) -> None:
    reply = client.ask(get_data().replace("ds:operational", "operational"))
    assert found(reply) == smcroute(STATE)


@pytest.mark.parametrize("datastore", ["running", "candidate", "startup"])
def test_edit_data(agent: Agent, client: Client, datastore: str) -> None:
    client.ok(edit_data(smcroute(ROUTE), datastore))
    more = "<default-operation>replace</default-operation>"
    client.ok(edit_data(smcroute(PHYINT), datastore, more))
    assert found(client.ask(get_data("", datastore))) == smcroute(PHYINT)
    assert len(agent.applied) == (2 if datastore == "running" else 0)


@pytest.mark.parametrize("datastore", ["operational", "nothing"])
def test_datastores_that_edit_data_does_not_write(client: Client, datastore: str) -> None:
    reply = client.ask(edit_data(smcroute(ROUTE), datastore))
    assert field(reply, "error-tag") == "invalid-value"
    assert "running, candidate, startup" in (field(reply, "error-message") or "")


def test_an_edit_of_startup_is_a_transaction(agent: Agent, client: Client) -> None:
    client.ok(edit_data(smcroute(ROUTE), "startup"))
    for wrong in (
        "<phyint><name>eth0</name><ttl-threshold>0</ttl-threshold></phyint>",
        "<mroute><interface>a</interface><source>10.0.0.1</source><group>ff1e::1</group></mroute>",
    ):
        assert field(client.ask(edit_data(smcroute(wrong), "startup")), "error-tag")
        assert found(client.ask(get_data("", "startup"))) == smcroute(ROUTE)
    with agent.connect() as other:
        other.ok("<lock><target><startup/></target></lock>")
        reply = client.ask(edit_data(smcroute(PHYINT), "startup"))
        assert field(reply, "error-tag") == "in-use"
    assert agent.changes[-1].datastore == "startup"


def test_an_edit_of_bad_data(client: Client) -> None:
    reply = client.ask(edit_data(smcroute("<nothing/>")))
    assert field(reply, "error-tag") == "unknown-element"


def test_datastores_by_identity_in_other_operations(client: Client) -> None:
    def named(name: str) -> str:
        return f'<datastore xmlns="{NMDA}" xmlns:ds="{DATASTORES}">ds:{name}</datastore>'

    for operation in ("lock", "unlock"):
        client.ok(f"<{operation}><target>{named('running')}</target></{operation}>")
        reply = client.ask(f"<{operation}><target>{named('operational')}</target></{operation}>")
        assert field(reply, "error-tag") == "invalid-value"
    client.ok(f"<validate><source>{named('candidate')}</source></validate>")
    reply = client.ask(f"<get-config><source>{named('running')}</source></get-config>")
    assert field(reply, "error-tag") == "unknown-element"
    assert reply.tag == f"{{{NC}}}rpc-reply"


def test_access_control(agent: Agent, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """alice reads all but defaults of interfaces, and writes nothing."""
    client.ok(edit_data(smcroute(PHYINT + ROUTE)))
    hidden = "/smc:smcroute/smc:phyint/smc:ttl-threshold"
    agent.rules(
        "<rule-list><name>all</name><group>*</group><rule><name>hidden</name>"
        f'<path xmlns:smc="{SMC}">{hidden}</path><action>deny</action></rule></rule-list>'
    )
    monkeypatch.setattr(unix, "peer", lambda sock: Alice())
    with agent.connect() as alice:
        reply = alice.ask(edit_data(smcroute(mroute("225.9.9.9", "eth1"))))
        assert field(reply, "error-tag") == "access-denied"
        for name in ("running", "operational"):
            asked = "<with-defaults>report-all</with-defaults>"
            seen = found(alice.ask(get_data(asked + "<config-filter>true</config-filter>", name)))
            assert seen == smcroute(
                "<phyint><name>eth0</name><enabled>true</enabled><mrdisc>false</mrdisc></phyint>"
                + ROUTE
            )
        agent.rules("<exec-default>deny</exec-default>")
        for operation in (get_data(), edit_data(smcroute(""))):
            assert field(alice.ask(operation), "error-tag") == "access-denied"
