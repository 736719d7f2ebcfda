"""What the errors of an edit tell of nodes that the user may not read or write."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.unit.agent.netconf.agent import SMC, Agent, Client, edit, mroute, smcroute
from tests.unit.agent.netconf.test_access import ROUTE, STAFF, alice, counters, denied, rule
from tests.unit.agent.netconf.wire import NC, field

__all__ = ["alice"]


def operation(name: str, group: str) -> str:
    route = mroute(group, "eth1").replace(
        "<mroute>", f'<mroute xmlns:nc="{NC}" nc:operation="{name}">'
    )
    return edit(smcroute(route))


@pytest.mark.parametrize("name", ["create", "delete"])
def test_whoever_may_not_write_does_not_learn_what_is_there(
    agent: Agent, client: Client, alice: Client, name: str
) -> None:
    client.ok(ROUTE)

    def said(group: str) -> str:
        (error,) = alice.ask(operation(name, group))
        return etree.tostring(error).decode().replace(group, "GROUP")

    agent.rules(STAFF.format(rule("<module-name>smcroute</module-name>", "deny")))
    assert said("225.1.1.1") == said("225.1.1.2")
    assert "access-denied" in said("225.1.1.1")
    assert ("GROUP" in said("225.1.1.1")) is (name == "create")
    # Whoever may both read and write is told what is wrong.
    agent.rules(STAFF.format(rule("<module-name>smcroute</module-name>")))
    group = "225.1.1.1" if name == "create" else "225.1.1.2"
    expected = "data-exists" if name == "create" else "data-missing"
    assert field(alice.ask(operation(name, group)), "error-tag") == expected


def test_whoever_may_read_is_told_what_is_missing(agent: Agent, alice: Client) -> None:
    """Whatever may be written: an operation none asks for no right of its own."""
    update = "<module-name>smcroute</module-name><access-operations>update</access-operations>"
    agent.rules(STAFF.format(rule(update)))
    none = "<default-operation>none</default-operation>"
    reply = alice.ask(edit(smcroute(mroute("225.1.1.1")), more=none))
    assert field(reply, "error-tag") == "data-missing"


def test_the_one_who_may_create_some_entries_is_told_about_these(
    agent: Agent, client: Client, alice: Client
) -> None:
    client.ok(ROUTE)
    path = f"<path xmlns:s='{SMC}'>/s:smcroute/s:mroute[s:group='225.1.1.1']</path>"
    agent.rules(STAFF.format(rule(path)))
    assert field(alice.ask(operation("create", "225.1.1.1")), "error-tag") == "data-exists"
    assert denied(alice.ask(operation("create", "225.1.1.2")))
    assert counters(client)[1] == "1"


def test_a_commit_does_not_tell_what_others_have_prepared(
    agent: Agent, client: Client, alice: Client
) -> None:
    """It is not the request that names what is changed."""
    client.ok(edit(smcroute(mroute("225.1.1.1", "eth1")), target="<candidate/>"))
    copy = "<copy-config><target><running/></target><source><startup/></source></copy-config>"
    save = "<copy-config><target><startup/></target><source><candidate/></source></copy-config>"
    client.ok(save)
    agent.rules(STAFF.format(rule("<module-name>smcroute</module-name>", "deny")))
    assert denied(alice.ask("<commit/>")) is None
    readable = "<module-name>smcroute</module-name><access-operations>read</access-operations>"
    agent.rules(STAFF.format(rule(readable)))
    for operation_ in ("<commit/>", copy):
        assert "225.1.1.1" in str(denied(alice.ask(operation_)))
