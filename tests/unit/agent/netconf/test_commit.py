"""netconf/operations: candidate, confirmed commits and validate, over a real UNIX socket."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.unit.agent.netconf.agent import SMC, Agent, Client, edit, mroute, smcroute
from tests.unit.agent.netconf.wire import field

NS = {"nc": "urn:ietf:params:xml:ns:netconf:base:1.0", "smc": SMC}
NOTIFICATION = "urn:ietf:params:xml:ns:netconf:notification:1.0"
CANDIDATE = "<candidate/>"
FAMILIES = smcroute(mroute("ff1e::1", "eth1"))
"""Well-formed and not valid: an IPv4 source and an IPv6 group."""


def groups(client: Client, source: str) -> list[str]:
    """The groups of the mroutes in a datastore."""
    reply = client.ask(f"<get-config><source><{source}/></source></get-config>")
    return reply.xpath("nc:data/smc:smcroute/smc:mroute/smc:group/text()", namespaces=NS)


def change(client: Client, group: str) -> None:
    """Add a route to the candidate."""
    client.ok(edit(smcroute(mroute(group, "eth1")), target=CANDIDATE))


def refused(client: Client, operation: str, tag: str) -> etree._Element:
    reply = client.ask(operation)
    assert field(reply, "error-tag") == tag, etree.tostring(reply).decode()
    return reply


def test_edit_commit_and_discard(agent: Agent, client: Client) -> None:
    change(client, "225.1.1.1")
    assert (groups(client, "candidate"), groups(client, "running")) == (["225.1.1.1"], [])
    client.ok("<commit/>")
    assert groups(client, "running") == ["225.1.1.1"]
    made = agent.changes[-1]
    assert (made.datastore, made.session_id, made.user) == ("running", 1, "root")
    change(client, "225.2.2.2")
    client.ok("<discard-changes/>")
    client.ok("<commit/>")
    assert groups(client, "running") == groups(client, "candidate") == ["225.1.1.1"]


def test_copies_of_the_candidate(client: Client) -> None:
    config = f"<config>{smcroute(mroute('225.1.1.1', 'eth1'))}</config>"
    for target, source in (
        (CANDIDATE, config),
        ("<startup/>", CANDIDATE),
        (CANDIDATE, "<running/>"),
        (CANDIDATE, "<startup/>"),
        ("<running/>", CANDIDATE),
    ):
        client.ok(f"<copy-config><target>{target}</target><source>{source}</source></copy-config>")
    assert groups(client, "running") == groups(client, "startup") == ["225.1.1.1"]


def test_the_lock_of_the_candidate(agent: Agent, client: Client) -> None:
    lock, unlock = (
        f"<{verb}><target><candidate/></target></{verb}>" for verb in ("lock", "unlock")
    )
    with agent.connect() as other:
        client.ok(lock)
        refused(other, lock, "lock-denied")
        refused(other, "<commit/>", "in-use")
        refused(other, "<discard-changes/>", "in-use")
        change(client, "225.1.1.1")
        client.ok(unlock)
        assert groups(client, "candidate") == []
        change(client, "225.1.1.1")
        refused(client, lock, "in-use")
        client.ok("<discard-changes/>")
        other.ok(lock)
        change(other, "225.2.2.2")
    agent.until(lambda: not agent.datastores.locks.held)
    assert groups(client, "candidate") == []


@pytest.mark.parametrize("target", ["running", "candidate"])
def test_test_options(client: Client, target: str) -> None:
    good = smcroute(mroute("225.1.1.1", "eth1"))

    def tried(config: str, option: str) -> str:
        more = f"<test-option>{option}</test-option>"
        return edit(config, target=f"<{target}/>", more=more)

    for option in ("test-only", "test-then-set"):
        refused(client, tried(FAMILIES, option), "operation-failed")
    client.ok(tried(good, "test-only"))
    assert groups(client, target) == []
    for option in ("set", "test-then-set"):
        client.ok(tried(good, option))
        assert groups(client, target) == ["225.1.1.1"]


def test_validate(client: Client) -> None:
    good = smcroute(mroute("225.1.1.1", "eth1"))
    for source in ("<running/>", CANDIDATE, "<startup/>", f"<config>{good}</config>"):
        client.ok(f"<validate><source>{source}</source></validate>")
    client.ok(edit(FAMILIES, target=CANDIDATE))
    check = "<validate><source><candidate/></source></validate>"
    assert field(refused(client, check, "operation-failed"), "error-app-tag") == "address-family"
    refused(client, "<commit/>", "operation-failed")
    assert groups(client, "running") == []


def confirmed(content: str = "") -> str:
    return f"<commit><confirmed/>{content}</commit>"


def test_a_confirmed_commit_ends_with_its_session(agent: Agent, client: Client) -> None:
    with agent.connect() as other:
        change(other, "225.1.1.1")
        other.ok(confirmed())
        assert groups(client, "running") == ["225.1.1.1"]
        refused(client, edit(smcroute(mroute("225.2.2.2", "eth1"))), "in-use")
        refused(client, "<commit/>", "in-use")
        refused(client, "<cancel-commit/>", "in-use")
        reply = refused(client, "<lock><target><running/></target></lock>", "lock-denied")
        assert field(reply, "error-info/{*}session-id") == str(other.session_id)
    agent.until(lambda: agent.datastores.pending is None)
    assert groups(client, "running") == []
    client.ok(edit(smcroute(mroute("225.2.2.2", "eth1"))))


def test_a_confirmed_commit_ends_with_a_killed_session(agent: Agent, client: Client) -> None:
    with agent.connect() as other:
        change(other, "225.1.1.1")
        other.ok(confirmed())
        client.ok(f"<kill-session><session-id>{other.session_id}</session-id></kill-session>")
        assert other.at_end()
    agent.until(lambda: agent.datastores.pending is None)
    assert groups(client, "running") == []


def test_a_confirmed_commit_is_confirmed_or_cancelled(agent: Agent, client: Client) -> None:
    for end, left in (("<commit/>", ["225.1.1.1"]), ("<cancel-commit/>", ["225.1.1.1"])):
        change(client, "225.1.1.1" if end == "<commit/>" else "225.2.2.2")
        client.ok(confirmed("<confirm-timeout> 3600 </confirm-timeout>"))
        client.ok(confirmed())
        client.ok(end)
        assert groups(client, "running") == left
    with agent.connect() as other:
        assert groups(other, "running") == ["225.1.1.1"]


def test_a_confirmed_commit_is_rolled_back_in_time(agent: Agent, client: Client) -> None:
    change(client, "225.1.1.1")
    client.ok(confirmed("<confirm-timeout>1</confirm-timeout>"))
    assert groups(client, "running") == ["225.1.1.1"]
    agent.until(lambda: agent.datastores.pending is None)
    assert groups(client, "running") == []


def events(client: Client, count: int) -> list[tuple[str, ...]]:
    """The next confirmed-commit notifications, the texts of their leaves in order."""
    found: list[tuple[str, ...]] = []
    while len(found) < count:
        message = etree.fromstring(client.read())
        if etree.QName(message[1]).localname == "netconf-confirmed-commit":
            found.append(tuple(leaf.text or "" for leaf in message[1]))
    return found


def test_what_becomes_of_a_confirmed_commit_is_told(agent: Agent, client: Client) -> None:
    client.ok(f'<create-subscription xmlns="{NOTIFICATION}"/>')
    with agent.connect() as other:
        who = ("root", str(other.session_id))
        other.ok(confirmed())
        other.ok(confirmed("<confirm-timeout>60</confirm-timeout>"))
        other.ok("<commit/>")
        other.ok(confirmed())
        other.ok("<cancel-commit/>")
        other.ok(confirmed())
    assert events(client, 7) == [
        (*who, "start", "600"),
        (*who, "extend", "60"),
        (*who, "complete"),
        (*who, "start", "600"),
        (*who, "cancel"),
        (*who, "start", "600"),
        (*who, "cancel"),
    ]
    with agent.connect() as other:
        other.ok(confirmed("<confirm-timeout>1</confirm-timeout>"))
        assert events(client, 2)[1] == ("timeout",)


def test_a_persistent_commit(agent: Agent, client: Client) -> None:
    with agent.connect() as other:
        change(other, "225.1.1.1")
        other.ok(confirmed("<persist> a token </persist>"))
        refused(other, "<commit/>", "in-use")
        refused(other, "<commit><persist-id>a token</persist-id></commit>", "invalid-value")
    agent.until(lambda: other.session_id not in agent.server.sessions)
    token = "<persist-id> a token </persist-id>"
    client.ok(f"<commit><confirmed/>{token}<persist>another</persist></commit>")
    refused(client, f"<cancel-commit>{token}</cancel-commit>", "invalid-value")
    client.ok("<commit><persist-id>another</persist-id></commit>")
    assert groups(client, "running") == ["225.1.1.1"]
    assert agent.datastores.pending is None
