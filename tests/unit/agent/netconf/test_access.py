"""Access control at work in every operation, over a real socket, and its counters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lxml import etree

from smcroute_agent.errors import ResourceError
from smcroute_agent.nacm.guard import Subject
from smcroute_agent.netconf.transports import unix
from tests.unit.agent.netconf.agent import ACM, SMC, Agent, Client, edit, mroute, smcroute
from tests.unit.agent.netconf.test_notifications import LEARNED, learned, notification, subscribe
from tests.unit.agent.netconf.wire import NC, field

ROUTE = edit(smcroute(mroute("225.1.1.1", "eth1")))
STAFF = (
    "<groups><group><name>staff</name><user-name>alice</user-name></group></groups>"
    "<rule-list><name>staff</name><group>staff</group>{}</rule-list>"
)


class Alice:
    """A peer that is not root."""

    def subject(self) -> Subject:
        return Subject("alice", frozenset({"wheel"}))


@pytest.fixture
def alice(agent: Agent, client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A session of alice, beside root's `client`."""
    monkeypatch.setattr(unix, "peer", lambda sock: Alice())
    with agent.connect() as made:
        yield made


def rule(content: str, action: str = "permit") -> str:
    return f"<rule><name>{len(content)}</name>{content}<action>{action}</action></rule>"


def denied(reply: etree._Element) -> str | None:
    """The error-path of a reply that denies access."""
    assert field(reply, "error-tag") == "access-denied", etree.tostring(reply).decode()
    return field(reply, "error-path")


def counters(client: Client) -> list[str | None]:
    reply = client.ask(f"<get><filter><nacm xmlns='{ACM}'/></filter></get>")
    nacm = reply.find(f".//{{{ACM}}}nacm")
    names = ("denied-operations", "denied-data-writes", "denied-notifications")
    return [nacm.findtext(f"{{{ACM}}}{name}") for name in names]


def test_root_on_the_socket_is_the_recovery_session(agent: Agent, client: Client) -> None:
    agent.rules("<read-default>deny</read-default><exec-default>deny</exec-default>")
    client.ok(ROUTE)
    assert b"225.1.1.1" in etree.tostring(client.ask("<get/>"))


def test_edits_are_denied_with_their_path_and_nothing_changes(
    agent: Agent, client: Client, alice: Client
) -> None:
    assert denied(alice.ask(ROUTE)) == (
        "/smc:smcroute/smc:mroute[smc:interface='eth0'][smc:source='10.0.0.1']"
        "[smc:group='225.1.1.1']"
    )
    assert agent.applied == []
    agent.rules(STAFF.format(rule("<module-name>smcroute</module-name>")))
    alice.ok(ROUTE)
    nacm = f"<nacm xmlns='{ACM}'><write-default>permit</write-default></nacm>"
    assert denied(alice.ask(edit(nacm)))
    assert counters(client) == ["0", "2", "0"]


def test_what_is_hidden_is_left_out_of_get_and_get_config(
    agent: Agent, client: Client, alice: Client
) -> None:
    client.ok(ROUTE)
    agent.rules(STAFF.format(rule("<module-name>smcroute</module-name>", "deny")))
    for operation in (
        "<get/>",
        "<get-config><source><running/></source></get-config>",
        f"<get><filter><smcroute xmlns='{SMC}'/></filter></get>",
        f"<get><filter type='xpath' xmlns:s='{SMC}' select='//s:mroute'/></get>",
    ):
        text = etree.tostring(alice.ask(operation))
        assert b"<rpc-error" not in text
        assert b"225.1.1.1" not in text
        assert f'<nacm xmlns="{ACM}"'.encode() not in text
        assert b"225.1.1.1" in etree.tostring(client.ask(operation))


def test_operations(agent: Agent, client: Client, alice: Client) -> None:
    kill = f"<kill-session><session-id>{client.session_id}</session-id></kill-session>"
    assert denied(alice.ask(kill)) == "/nc:rpc/nc:kill-session"
    delete = "<delete-config><target><startup/></target></delete-config>"
    assert denied(alice.ask(delete)) == "/nc:rpc/nc:delete-config"
    agent.rules(STAFF.format(rule("<rpc-name>delete-config</rpc-name>")))
    alice.ok(delete)
    agent.rules("<exec-default>deny</exec-default>")
    for operation in ("<get/>", f"<flush xmlns='{SMC}'/>", "<discard-changes/>"):
        denied(alice.ask(operation))
    assert agent.flushed == []
    assert counters(client)[0] == "5"
    alice.ok("<close-session/>")


def test_copies(agent: Agent, client: Client, alice: Client) -> None:
    client.ok(ROUTE)
    # To save needs no right to write startup (RFC 8341, section 3.2.6).
    alice.ok("<copy-config><target><startup/></target><source><running/></source></copy-config>")
    client.ok(edit(smcroute(mroute("225.1.1.2"))))
    denied(
        alice.ask(
            "<copy-config><target><running/></target><source><startup/></source></copy-config>"
        )
    )
    denied(
        alice.ask(
            "<copy-config><target><startup/></target><source><config/></source></copy-config>"
        )
    )
    assert b"225.1.1.2" in etree.tostring(client.ask("<get/>"))
    # What alice cannot see is not copied along: she would take it away, and may not.
    visible = rule("<module-name>smcroute</module-name>")
    agent.rules(STAFF.format(visible))
    client.ok("<copy-config><target><startup/></target><source><running/></source></copy-config>")
    agent.rules("<read-default>permit</read-default>" + STAFF.format(visible))
    denied(
        alice.ask(
            "<copy-config><target><running/></target><source><startup/></source></copy-config>"
        )
    )


def test_the_candidate_and_its_commit(agent: Agent, client: Client, alice: Client) -> None:
    target = "<candidate/>"
    config = smcroute(mroute("225.1.1.1", "eth1"))
    assert denied(alice.ask(edit(config, target=target)))
    client.ok(edit(config, target=target))
    # Who commits answers for the change, whoever made it.
    assert denied(alice.ask("<commit/>"))
    assert agent.applied == []
    client.ok("<commit/>")
    assert len(agent.applied) == 1


def test_notifications(agent: Agent, client: Client, alice: Client) -> None:
    agent.rules(STAFF.format(rule("<notification-name>route-learned</notification-name>", "deny")))
    alice.ok(subscribe())
    learned(agent)
    values = {"interface": "eth0"}
    agent.do(lambda: agent.server.stream.publish(f"{{{SMC}}}interface-active", values))
    assert etree.QName(notification(alice)).localname == "interface-active"
    assert counters(client)[2] == "1"


CHANGES = "urn:ietf:params:xml:ns:yang:ietf-netconf-notifications"


def test_a_change_tells_no_more_than_may_be_read(
    agent: Agent, client: Client, alice: Client
) -> None:
    hidden = f"<path xmlns:s='{SMC}'>/s:smcroute/s:mroute[s:group='225.1.1.1']</path>"
    agent.rules(STAFF.format(rule(hidden, "deny")))
    wanted = f"<filter><netconf-config-change xmlns='{CHANGES}'/></filter>"
    alice.ok(subscribe(wanted))
    client.ok(edit(smcroute(mroute("225.1.1.1", "eth1"))))
    client.ok(edit(smcroute(mroute("225.1.1.1", "eth2") + mroute("225.1.1.2", "eth1"))))
    told = notification(alice)
    targets = [e.text for e in told.iter(f"{{{CHANGES}}}target")]
    assert [("225.1.1.2" in target, "225.1.1.1" in target) for target in targets] == [(True, False)]


def test_rules_hold_at_once_for_open_sessions(agent: Agent, client: Client, alice: Client) -> None:
    alice.ok(subscribe(LEARNED))
    learned(agent)
    notification(alice)
    agent.rules("<read-default>deny</read-default>")
    learned(agent)
    assert etree.tostring(alice.ask("<get/>")).count(b"version") == 0
    agent.rules("<read-default>permit</read-default>")
    learned(agent, "232.1.1.9")
    assert notification(alice).findtext(f"{{{SMC}}}group") == "232.1.1.9"


@pytest.mark.parametrize("target", ["<running/>", "<candidate/>"])
def test_an_edit_is_judged_when_its_turn_has_come(
    agent: Agent, client: Client, alice: Client, target: str
) -> None:
    agent.rules(STAFF.format(rule("")))
    alice.ok(edit(smcroute(mroute("225.1.1.2")), target="<candidate/>"))
    agent.do(agent.may_apply.clear)
    client.send(
        edit(
            f"<nacm xmlns='{ACM}'><rule-list xmlns:nc='{NC}' nc:operation='delete'>"
            "<name>staff</name></rule-list></nacm>"
        )
    )
    transactions = agent.datastores._one_at_a_time
    agent.until(transactions.locked)
    alice.send(ROUTE if target == "<running/>" else "<commit/>")
    agent.until(lambda: bool(transactions._waiters))
    agent.do(agent.may_apply.set)
    assert b"<ok/>" in client.read()
    assert denied(etree.fromstring(alice.read()))


def test_groups_of_the_transport(agent: Agent, alice: Client) -> None:
    wheel = "<rule-list><name>w</name><group>wheel</group>{}</rule-list>".format(
        rule("<module-name>smcroute</module-name>")
    )
    agent.rules("<enable-external-groups>false</enable-external-groups>" + wheel)
    denied(alice.ask(ROUTE))
    agent.rules(wheel)
    alice.ok(ROUTE)


def test_the_state_of_access_control_is_always_there(client: Client) -> None:
    reply = client.ask(f"<get><filter><nacm xmlns='{ACM}'/></filter></get>")
    assert [child.tag for child in reply] == [f"{{{NC}}}data"]
    assert counters(client) == ["0", "0", "0"]


FAMILIES = mroute("ff1e::1", "eth1", source="10.0.0.1")
"""Its must is false: it may stand in the candidate, and be no part of running."""


def test_constraints_do_not_tell_of_what_is_hidden(
    agent: Agent, client: Client, alice: Client
) -> None:
    client.ok(edit(smcroute(FAMILIES), target="<candidate/>"))
    validate = "<validate><source><candidate/></source></validate>"
    told = alice.ask(validate)
    assert "ff1e::1" in str(field(told, "error-path"))
    agent.rules(STAFF.format(rule("<module-name>smcroute</module-name>", "deny")))
    for reply in (
        alice.ask(validate),
        alice.ask(
            "<copy-config><target><running/></target><source><candidate/></source></copy-config>"
        ),
    ):
        text = etree.tostring(reply).decode()
        if field(reply, "error-tag") == "access-denied":
            continue
        assert "ff1e" not in text
        assert "10.0.0.1" not in text
        assert field(reply, "error-path") is None
        # What the model says it is (RFC 7950, section 15) stays.
        assert field(reply, "error-tag") == field(told, "error-tag") == "operation-failed"
        assert field(reply, "error-app-tag") == field(told, "error-app-tag") == "address-family"
    assert "ff1e::1" in str(field(client.ask(validate), "error-path"))


def test_the_system_does_not_tell_of_what_is_hidden(
    agent: Agent, client: Client, alice: Client
) -> None:
    agent.rules(
        STAFF.format(
            "<rule><name>all</name><module-name>smcroute</module-name>"
            "<access-operations>create update delete exec</access-operations>"
            "<action>permit</action></rule>" + rule("<module-name>smcroute</module-name>", "deny")
        )
    )
    client.ok(edit(smcroute(mroute("225.1.1.1", "eth1")), target="<candidate/>"))
    where = (
        "/smc:smcroute/smc:mroute[smc:interface='eth0'][smc:source='10.0.0.1']"
        "[smc:group='225.1.1.1']"
    )
    agent.refuse = ResourceError("the kernel has no VIF left for eth1", path=where)
    reply = alice.ask("<commit/>")
    assert field(reply, "error-tag") == "resource-denied", etree.tostring(reply).decode()
    assert b"eth1" not in etree.tostring(reply)
    assert field(reply, "error-path") is None
    assert field(client.ask("<commit/>"), "error-path") == where
    agent.refuse = None
