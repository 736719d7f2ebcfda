"""edit-config with continue-on-error: what fails is told, the rest is done as one transaction."""

from __future__ import annotations

import pytest
from lxml import etree

from smcroute_agent.errors import EngineError
from tests.unit.agent.netconf.agent import ACM, SMC, Agent, Client, edit, mroute, smcroute
from tests.unit.agent.netconf.test_access import STAFF, alice, counters, rule
from tests.unit.agent.netconf.wire import NC

__all__ = ["alice"]

GO_ON = "<error-option>continue-on-error</error-option>"
RUNNING = "<running/>"
YANG = "urn:ietf:params:xml:ns:yang:1"


def route(group: str, operation: str = "merge", out: str = "eth1") -> str:
    return mroute(group, *([out] if operation != "delete" else [])).replace(
        "<mroute>", f'<mroute xmlns:nc="{NC}" nc:operation="{operation}">'
    )


def going_on(content: str, target: str = RUNNING, more: str = "") -> str:
    return edit(smcroute(content), target=target, more=more + GO_ON)


def errors(reply: etree._Element) -> list[tuple[str | None, str | None]]:
    """error-tag and the group in the error-path of each rpc-error; there is nothing else."""
    assert {child.tag for child in reply} == {f"{{{NC}}}rpc-error"}, etree.tostring(reply)
    found = []
    for error in reply:
        path = error.findtext(f"{{{NC}}}error-path") or ""
        group = path.partition("[smc:group='")[2].partition("'")[0]
        found.append((error.findtext(f"{{{NC}}}error-tag"), group or None))
    return found


def groups(client: Client, datastore: str = "running") -> set[str | None]:
    reply = client.ask(f"<get-config><source><{datastore}/></source></get-config>")
    return {group.text for group in reply.iter(f"{{{SMC}}}group")}


MIXED = (
    route("225.1.1.1", "create")
    + route("225.1.1.2", "create")
    + route("225.1.1.3", "delete")
    + route("225.1.1.4", "merge", out="no such name, for it is long")
    + route("10.1.1.1")
    + route("225.1.1.5", "replace")
)
FAILING = [
    ("data-exists", "225.1.1.1"),
    ("data-missing", "225.1.1.3"),
    ("invalid-value", "225.1.1.4"),
    ("invalid-value", None),
]


@pytest.mark.parametrize("target", ["running", "candidate"])
def test_each_failing_node_is_told_and_the_rest_is_done(
    agent: Agent, client: Client, target: str
) -> None:
    client.ok(edit(smcroute(route("225.1.1.1"))))
    reply = client.ask(going_on(MIXED, target=f"<{target}/>"))
    assert errors(reply) == FAILING
    done = {"225.1.1.1", "225.1.1.2", "225.1.1.4", "225.1.1.5"}
    assert groups(client, target) == done
    assert len(agent.applied) == (2 if target == "running" else 1)
    client.ok("<commit/>")
    assert groups(client) == done


def test_an_edit_without_mistakes_is_ok(client: Client) -> None:
    client.ok(going_on(route("225.1.1.1")))
    assert groups(client) == {"225.1.1.1"}


def test_when_nothing_is_left_nothing_changes(agent: Agent, client: Client) -> None:
    reply = client.ask(going_on(route("225.1.1.3", "delete")))
    assert errors(reply) == [("data-missing", "225.1.1.3")]
    assert agent.applied == []


def test_what_is_left_is_done_as_a_whole_or_not_at_all(agent: Agent, client: Client) -> None:
    agent.refuse = EngineError("the kernel has no VIF left", tag="resource-denied")
    reply = client.ask(going_on(MIXED))
    tags = [tag for tag, _ in errors(reply)]
    assert tags == ["data-missing", "invalid-value", "invalid-value", "resource-denied"]
    assert "nothing of the edit" in str(reply[-1].findtext(f"{{{NC}}}error-message"))
    assert groups(client) == set()
    agent.refuse = None


def test_a_constraint_on_what_is_left_refuses_all_of_it(agent: Agent, client: Client) -> None:
    families = mroute("ff1e::1", "eth1", source="10.0.0.1")
    reply = client.ask(going_on(route("225.1.1.3", "delete") + route("225.1.1.2") + families))
    assert errors(reply) == [("data-missing", "225.1.1.3"), ("operation-failed", "ff1e::1")]
    assert "nothing of the edit" in str(reply[-1].findtext(f"{{{NC}}}error-message"))
    assert agent.applied == []
    assert groups(client) == set()


def test_a_replacement_of_all_is_one_thing(client: Client) -> None:
    client.ok(edit(smcroute(route("225.1.1.1"))))
    replace = "<default-operation>replace</default-operation>"
    reply = client.ask(going_on(mroute("225.1.1.2") + mroute("10.1.1.1"), more=replace))
    assert [tag for tag, _ in errors(reply)] == ["invalid-value"]
    assert groups(client) == {"225.1.1.1"}


def test_only_testing_changes_nothing(client: Client) -> None:
    only = "<test-option>test-only</test-option>"
    client.ok(edit(smcroute(route("225.1.1.1"))))
    assert errors(client.ask(going_on(MIXED, more=only))) == FAILING
    assert groups(client) == {"225.1.1.1"}


def test_the_other_error_options_are_all_or_nothing(agent: Agent, client: Client) -> None:
    for option in ("stop-on-error", "rollback-on-error"):
        more = f"<error-option>{option}</error-option>"
        reply = client.ask(
            edit(smcroute(route("225.1.1.1") + route("225.1.1.3", "delete")), more=more)
        )
        assert errors(reply) == [("data-missing", "225.1.1.3")]
    assert agent.applied == []


def test_it_is_one_reply_with_errors(client: Client) -> None:
    space = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"

    def counted() -> int:
        reply = client.ask(
            f"<get><filter><netconf-state xmlns='{space}'><statistics/></netconf-state>"
            "</filter></get>"
        )
        return int(reply.findtext(f".//{{{space}}}out-rpc-errors"))

    before = counted()
    assert len(client.ask(going_on(MIXED))) > 1
    assert counted() == before + 1


def test_the_number_of_errors_is_bounded(client: Client) -> None:
    wrong = "".join(route(f"225.1.{n // 250}.{n % 250 + 1}", "delete") for n in range(1500))
    reply = client.ask(going_on(wrong + route("225.9.9.9")))
    assert len(reply) == 1001
    assert reply[-1].findtext(f"{{{NC}}}error-message") == "500 more nodes of the edit are wrong"
    assert groups(client) == {"225.9.9.9"}


def test_what_may_not_be_written_is_left_out(agent: Agent, client: Client, alice: Client) -> None:
    client.ok(edit(smcroute(route("225.1.1.1") + route("225.1.1.2"))))
    path = (
        "<path xmlns:s='{}'>/s:smcroute/s:mroute[s:interface='eth0'][s:source='10.0.0.1']{}</path>"
    )
    locked = path.format(SMC, "[s:group='225.1.1.1']")
    agent.rules(
        STAFF.format(
            rule(locked, "deny").replace(
                "<action>", "<access-operations>*</access-operations><action>"
            )
            + rule("<module-name>smcroute</module-name>")
        )
    )
    reply = alice.ask(
        going_on(
            route("225.1.1.1", out="eth7")
            + route("225.1.1.2", "delete")
            + route("225.1.1.3", "create")
        )
    )
    assert errors(reply) == [("access-denied", "225.1.1.1")]
    assert groups(client) == {"225.1.1.1", "225.1.1.3"}
    # What is hidden: the same is said whether it is there or not.
    assert errors(alice.ask(going_on(route("225.1.1.1", "delete")))) == [("access-denied", None)]
    assert errors(alice.ask(going_on(route("225.1.1.1", "create")))) == [
        ("access-denied", "225.1.1.1")
    ]
    # Two modules, one of which alice may not write.
    nacm = f"<nacm xmlns='{ACM}'><write-default>permit</write-default></nacm>"
    reply = alice.ask(edit(nacm + smcroute(route("225.1.1.4")), more=GO_ON))
    assert errors(reply) == [("access-denied", None)]
    assert groups(client) == {"225.1.1.1", "225.1.1.3", "225.1.1.4"}
    assert counters(client)[1] == "4"


def acm_rules(*operations: str) -> str:
    """Rules by which alice may do this with access rules."""
    return STAFF.format(
        rule(
            "<module-name>ietf-netconf-acm</module-name>"
            f"<access-operations>{' '.join(operations)}</access-operations>"
        )
        + rule("<module-name>smcroute</module-name>")
    )


def rule_list(name: str, attributes: str = "", content: str = "") -> str:
    return f"<rule-list {attributes}><name>{name}</name>{content}</rule-list>"


def nacm(content: str) -> str:
    return f"<nacm xmlns='{ACM}' xmlns:yang='{YANG}' xmlns:nc='{NC}'>{content}</nacm>"


def lists(client: Client) -> list[str | None]:
    reply = client.ask(f"<get-config><source>{RUNNING}</source></get-config>")
    return [found.findtext(f"{{{ACM}}}name") for found in reply.iter(f"{{{ACM}}}rule-list")]


def test_what_may_not_be_moved_stays_where_it_is(
    agent: Agent, client: Client, alice: Client
) -> None:
    agent.rules(acm_rules("create", "read"))
    client.ok(edit(nacm(rule_list("last"))))
    moved = rule_list("last", "yang:insert='first'")
    reply = alice.ask(edit(nacm(moved + rule_list("more")), more=GO_ON))
    assert errors(reply) == [("access-denied", None)]
    assert reply[0].findtext(f"{{{NC}}}error-path") == "/nacm:nacm/nacm:rule-list"
    assert lists(client) == ["staff", "last", "more"]
    # A new one may come anywhere, and whoever may change all of them may move one.
    alice.ok(edit(nacm(rule_list("new", "yang:insert='first'")), more=GO_ON))
    assert lists(client) == ["new", "staff", "last", "more"]
    agent.rules(acm_rules("create", "read", "update"))
    client.ok(edit(nacm(rule_list("last"))))
    alice.ok(edit(nacm(moved), more=GO_ON))
    assert lists(client) == ["last", "staff"]


def test_a_case_that_may_not_be_deleted_stays(agent: Agent, client: Client, alice: Client) -> None:
    agent.rules(acm_rules("create", "read", "update"))
    kind = "<rule><name>r</name>{}</rule>"
    client.ok(
        edit(nacm(rule_list("x", "", kind.format("<rpc-name>get</rpc-name><action>deny</action>"))))
    )
    other = rule_list(
        "x", "", kind.format("<notification-name>n</notification-name><action>permit</action>")
    )
    reply = alice.ask(edit(nacm(other), more=GO_ON))
    assert errors(reply) == [("access-denied", None)]
    assert "rpc-name" in str(reply[0].findtext(f"{{{NC}}}error-path"))
    text = etree.tostring(client.ask(f"<get-config><source>{RUNNING}</source></get-config>"))
    assert b"<rpc-name>get</rpc-name>" in text
    assert b"<action>permit</action></rule></rule-list></nacm>" in text.replace(b" ", b"")
    assert b"notification-name" not in text


def test_what_is_replaced_by_the_same_needs_no_right(
    agent: Agent, client: Client, alice: Client
) -> None:
    """Whether a mistake ends the edit or not."""
    phyint = "<phyint {}><name>eth0</name><enabled>{}</enabled><mrdisc>true</mrdisc></phyint>"
    client.ok(edit(smcroute(phyint.format("", "true"))))
    agent.rules(
        STAFF.format(
            rule(
                "<module-name>smcroute</module-name>"
                "<access-operations>update read</access-operations>"
            )
        )
    )
    for enabled, more in (("false", ""), ("true", GO_ON)):
        replaced = phyint.format(f"xmlns:nc='{NC}' nc:operation='replace'", enabled)
        alice.ok(edit(smcroute(replaced), more=more))
