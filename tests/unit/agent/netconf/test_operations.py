"""netconf/operations: what each operation does, over a real UNIX socket."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from smcroute_agent.errors import ResourceError
from smcroute_agent.yang.data import lookup
from tests.unit.agent.netconf.agent import SMC, Agent, Client, edit, mroute, smcroute
from tests.unit.agent.netconf.wire import NC

NS = {"nc": NC, "smc": SMC}
MONITORING = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"


def groups(reply: etree._Element) -> list[str]:
    """The groups of the mroutes in a reply."""
    return reply.xpath("nc:data/smc:smcroute/smc:mroute/smc:group/text()", namespaces=NS)


def get_config(source: str = "running", content: str = "") -> str:
    return f"<get-config><source><{source}/></source>{content}</get-config>"


def test_hello_announces_what_is_there_and_get_schema_has_it(client: Client) -> None:
    listed = [element.text for element in client.hello.iter(f"{{{NC}}}capability")]
    # What the library's identifier is says test_library.py.
    assert [re.sub("-id=[0-9a-f]{32}$", "-id=X", uri) for uri in listed] == [
        "urn:ietf:params:netconf:base:1.0",
        "urn:ietf:params:netconf:base:1.1",
        "urn:ietf:params:netconf:capability:writable-running:1.0",
        "urn:ietf:params:netconf:capability:candidate:1.0",
        "urn:ietf:params:netconf:capability:confirmed-commit:1.1",
        "urn:ietf:params:netconf:capability:rollback-on-error:1.0",
        "urn:ietf:params:netconf:capability:validate:1.1",
        "urn:ietf:params:netconf:capability:startup:1.0",
        "urn:ietf:params:netconf:capability:xpath:1.0",
        "urn:ietf:params:netconf:capability:with-defaults:1.0"
        "?basic-mode=explicit&also-supported=report-all,report-all-tagged,trim",
        "urn:ietf:params:netconf:capability:with-operational-defaults:1.0"
        "?basic-mode=explicit&also-supported=report-all,report-all-tagged,trim",
        "urn:ietf:params:netconf:capability:notification:1.0",
        "urn:ietf:params:netconf:capability:interleave:1.0",
        "urn:ietf:params:netconf:capability:yang-library:1.0?revision=2019-01-04&module-set-id=X",
        "urn:ietf:params:netconf:capability:yang-library:1.1?revision=2019-01-04&content-id=X",
        f"{NC}?module=ietf-netconf&revision=2011-06-01"
        "&features=candidate,confirmed-commit,rollback-on-error,startup,validate"
        ",writable-running,xpath",
        "urn:ietf:params:xml:ns:yang:ietf-netconf-acm?module=ietf-netconf-acm&revision=2018-02-14",
        f"{MONITORING}?module=ietf-netconf-monitoring&revision=2010-10-04",
        "urn:ietf:params:xml:ns:yang:ietf-netconf-notifications"
        "?module=ietf-netconf-notifications&revision=2012-02-06",
        "urn:ietf:params:xml:ns:yang:ietf-netconf-with-defaults"
        "?module=ietf-netconf-with-defaults&revision=2011-06-01",
        "urn:ietf:params:xml:ns:yang:ietf-system?module=ietf-system&revision=2014-08-06"
        "&features=authentication,local-users&deviations=smcroute-system-deviations",
        "urn:ietf:params:xml:ns:netmod:notification?module=nc-notifications&revision=2008-07-14",
        "urn:ietf:params:xml:ns:netconf:notification:1.0?module=notifications&revision=2008-07-14",
        f"{SMC}-netconf-rehearsal?module=smcroute-netconf-rehearsal&revision=2026-11-22",
        f"{SMC}-system-deviations?module=smcroute-system-deviations&revision=2026-11-22",
    ]
    modules = [uri.partition("?module=")[2].split("&")[0] for uri in listed if "?module=" in uri]
    for module in [
        "smcroute",
        *modules,
        "ietf-inet-types",
        "ietf-yang-types",
        "ietf-routing-types",
    ]:
        reply = client.ask(
            f'<get-schema xmlns="{MONITORING}"><identifier>{module}</identifier></get-schema>'
        )
        text = reply.findtext(f"{{{MONITORING}}}data")
        assert text is not None
        assert f"module {module} {{" in text


@pytest.mark.parametrize(
    "more",
    [
        "<version>2026-11-22</version>",
        "<version/>",
        "<format>yang</format>",
        f'<format xmlns:m="{MONITORING}">m:yang</format>',
    ],
)
def test_get_schema_with_version_and_format(client: Client, more: str) -> None:
    reply = client.ask(
        f'<get-schema xmlns="{MONITORING}"><identifier>smcroute</identifier>{more}</get-schema>'
    )
    text = reply.findtext(f"{{{MONITORING}}}data")
    assert text == Path("yang/smcroute.yang").read_text(encoding="utf-8")


def test_edit_get_and_apply(agent: Agent, client: Client) -> None:
    client.ok(edit(smcroute(mroute("225.1.2.3", "eth1", "eth2"))))
    (before, after) = agent.applied[0]
    assert before.children == {}
    key = ("eth0", "10.0.0.1", "225.1.2.3")
    assert lookup(after, "smcroute", "mroute", key, "out-interface").values == {
        "eth1": None,
        "eth2": None,
    }
    assert after is agent.datastores.running
    change = agent.changes[0]
    assert (change.datastore, change.session_id, change.user) == ("running", 1, "root")
    reply = client.ask(get_config())
    assert etree.tostring(reply[0][0]).decode() == smcroute(mroute("225.1.2.3", "eth1", "eth2"))


def test_an_edit_that_changes_nothing_is_not_applied(agent: Agent, client: Client) -> None:
    for _ in range(2):
        client.ok(edit(smcroute(mroute("225.1.2.3", "eth1"))))
    client.ok("<copy-config><target><startup/></target><source><running/></source></copy-config>")
    client.ok("<copy-config><target><running/></target><source><startup/></source></copy-config>")
    assert len(agent.applied) == 1


@pytest.mark.parametrize(
    ("default_operation", "left"),
    [
        ("", ["225.1.1.1", "225.2.2.2"]),
        ("<default-operation>merge</default-operation>", ["225.1.1.1", "225.2.2.2"]),
        ("<default-operation>replace</default-operation>", ["225.2.2.2"]),
    ],
)
def test_default_operation(client: Client, default_operation: str, left: list[str]) -> None:
    client.ok(edit(smcroute(mroute("225.1.1.1", "eth1"))))
    client.ok(edit(smcroute(mroute("225.2.2.2", "eth1")), more=default_operation))
    assert groups(client.ask(get_config())) == left


def test_an_edit_that_the_engine_refuses_leaves_everything(agent: Agent, client: Client) -> None:
    client.ok(edit(smcroute(mroute("225.1.1.1", "eth1"))))
    agent.refuse = ResourceError(
        "all 32 VIFs are taken", path="/smc:smcroute/smc:mroute", remedy="use fewer interfaces"
    )
    reply = client.ask(edit(smcroute(mroute("225.2.2.2", "eth1"))))
    error = reply[0]
    assert error.findtext(f"{{{NC}}}error-tag") == "resource-denied"
    assert error.findtext(f"{{{NC}}}error-path") == "/smc:smcroute/smc:mroute"
    assert error.find(f"{{{NC}}}error-path").nsmap["smc"] == SMC
    assert error.findtext(f"{{{NC}}}error-message") == "all 32 VIFs are taken; use fewer interfaces"
    assert groups(client.ask(get_config())) == ["225.1.1.1"]
    assert len(agent.changes) == 1


@pytest.mark.parametrize("option", ["stop-on-error", "rollback-on-error"])
def test_an_edit_is_done_as_a_whole_or_not_at_all(
    agent: Agent, client: Client, option: str
) -> None:
    bad = mroute("225.2.2.2", "eth1", "an-interface-name-that-is-too-long")
    reply = client.ask(
        edit(
            smcroute(mroute("225.1.1.1", "eth1") + bad),
            more=f"<error-option>{option}</error-option>",
        )
    )
    assert reply[0].findtext(f"{{{NC}}}error-tag") == "invalid-value"
    assert agent.applied == []
    assert groups(client.ask(get_config())) == []


def test_copy_and_delete(agent: Agent, client: Client) -> None:
    client.ok(edit(smcroute(mroute("225.1.1.1", "eth1"))))
    client.ok("<copy-config><target><startup/></target><source><running/></source></copy-config>")
    assert groups(client.ask(get_config("startup"))) == ["225.1.1.1"]
    inline = smcroute(mroute("225.2.2.2", "eth1"))
    for target in ("startup", "running"):
        client.ok(
            f"<copy-config><target><{target}/></target>"
            f"<source><config>{inline}</config></source></copy-config>"
        )
        assert groups(client.ask(get_config(target))) == ["225.2.2.2"]
    client.ok("<delete-config><target><startup/></target></delete-config>")
    assert groups(client.ask(get_config("startup"))) == []
    assert groups(client.ask(get_config())) == ["225.2.2.2"]
    assert [change.datastore for change in agent.changes] == [
        "running", "startup", "startup", "running", "startup",
    ]  # fmt: skip


def test_get_has_configuration_and_state(client: Client) -> None:
    client.ok(edit(smcroute(mroute("225.1.1.1", "eth1"))))
    reply = client.ask("<get/>")
    assert groups(reply) == ["225.1.1.1"]
    assert reply.xpath("string(//smc:agent/smc:version)", namespaces=NS) == "1.2.3"
    assert client.ask(get_config()).xpath("//smc:agent", namespaces=NS) == []


@pytest.mark.parametrize("kind", ["", ' type="subtree"', ' nc:type="subtree"'])
def test_subtree_filters(client: Client, kind: str) -> None:
    client.ok(edit(smcroute(mroute("225.1.1.1", "eth1") + mroute("225.2.2.2", "eth1"))))
    wanted = smcroute("<mroute><group>225.2.2.2</group></mroute>")
    content = f'<filter xmlns:nc="{NC}"{kind}>{wanted}</filter>'
    assert groups(client.ask(get_config(content=content))) == ["225.2.2.2"]
    reply = client.ask(f"<get>{content.replace(wanted, smcroute('<agent/>'))}</get>")
    assert len(reply[0][0]) == 1


def test_an_empty_filter_selects_nothing(client: Client) -> None:
    client.ok(edit(smcroute(mroute("225.1.1.1", "eth1"))))
    assert len(client.ask(get_config(content="<filter/>"))[0]) == 0


def test_config_and_filter_in_no_namespace(client: Client) -> None:
    """ncclient and ansible.netcommon pass on what their users write."""
    config = f'<config xmlns="">{smcroute(mroute("225.1.1.1", "eth1"))}</config>'
    client.ok(f"<edit-config><target><running/></target>{config}</edit-config>")
    client.ok(f"<copy-config><target><startup/></target><source>{config}</source></copy-config>")
    wanted = f'<filter xmlns="">{smcroute("<mroute/>")}</filter>'
    for source in ("running", "startup"):
        assert groups(client.ask(get_config(source, wanted))) == ["225.1.1.1"]


def test_an_rpc_of_the_model(agent: Agent, client: Client) -> None:
    client.ok(f'<flush xmlns="{SMC}"/>')
    assert agent.flushed == ["root"]


def test_locks(agent: Agent, client: Client) -> None:
    with agent.connect() as other:
        client.ok("<lock><target><running/></target></lock>")
        client.ok(edit(smcroute(mroute("225.1.1.1", "eth1"))))
        error = other.ask("<lock><target><running/></target></lock>")[0]
        assert error.findtext(f"{{{NC}}}error-tag") == "lock-denied"
        assert error.findtext(f"{{{NC}}}error-type") == "protocol"
        held_by = error.findtext(f"{{{NC}}}error-info/{{{NC}}}session-id")
        assert held_by == str(client.session_id)
        error = other.ask(edit(smcroute(mroute("225.2.2.2", "eth1"))))[0]
        assert error.findtext(f"{{{NC}}}error-tag") == "in-use"
        other.ok("<lock><target><startup/></target></lock>")
        error = client.ask(
            "<copy-config><target><startup/></target><source><running/></source></copy-config>"
        )[0]
        assert error.findtext(f"{{{NC}}}error-tag") == "in-use"
        client.ok("<unlock><target><running/></target></unlock>")
        other.ok(edit(smcroute(mroute("225.2.2.2", "eth1"))))


def test_a_lock_ends_with_its_session(agent: Agent, client: Client) -> None:
    client.ok("<lock><target><running/></target></lock>")
    client.close()
    agent.until(lambda: not agent.datastores.locks.held)
    with agent.connect() as other:
        other.ok("<lock><target><running/></target></lock>")
        other.ok("<close-session/>")
        assert other.at_end()
    assert agent.datastores.locks.held == {}


def test_kill_session(agent: Agent, client: Client) -> None:
    with agent.connect() as victim:
        victim.ok("<lock><target><running/></target></lock>")
        client.ok(f"<kill-session><session-id> {victim.session_id} </session-id></kill-session>")
        assert victim.at_end()
    client.ok("<lock><target><running/></target></lock>")


def test_a_killed_session_does_not_wait_for_its_turn_any_more(agent: Agent, client: Client) -> None:
    """The edit under way is finished; the one that waits for it is given up."""
    agent.do(agent.may_apply.clear)
    client.send(edit(smcroute(mroute("225.1.1.1", "eth1"))))
    agent.until(agent.datastores._one_at_a_time.locked)
    with agent.connect() as victim:
        victim.send(edit(smcroute(mroute("225.2.2.2", "eth1"))))
        agent.until(lambda: bool(agent.datastores._one_at_a_time._waiters))
        agent.do(lambda: agent.server.kill(victim.session_id))
        assert victim.at_end()
    agent.do(agent.may_apply.set)
    client.read()
    assert groups(client.ask(get_config())) == ["225.1.1.1"]


def test_an_edit_under_way_is_finished_when_its_client_vanishes(
    agent: Agent, client: Client
) -> None:
    agent.do(agent.may_apply.clear)
    with agent.connect() as other:
        other.send(edit(smcroute(mroute("225.1.1.1", "eth1"))))
        agent.until(agent.datastores._one_at_a_time.locked)
        agent.do(lambda: agent.server.kill(other.session_id))
    agent.do(agent.may_apply.set)
    agent.until(lambda: not agent.datastores._one_at_a_time.locked())
    assert groups(client.ask(get_config())) == ["225.1.1.1"]


def test_session_ids_are_never_used_again(agent: Agent) -> None:
    seen = []
    for _ in range(3):
        with agent.connect() as one:
            seen.append(one.session_id)
    assert seen == [1, 2, 3]
