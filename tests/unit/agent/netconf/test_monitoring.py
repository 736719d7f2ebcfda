"""netconf-state, as clients see it while they cause what it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from smcroute_agent.errors import Error
from smcroute_agent.netconf.names import REHEARSAL
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.serialize import to_xml
from tests.unit.agent.netconf.agent import Agent, Client, edit, mroute, smcroute
from tests.unit.agent.netconf.wire import HELLO_1_0, NC, chunk

NCM = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
NS = {"nc": NC, "ncm": NCM}


def state(client: Client, part: str = "") -> etree._Element:
    """netconf-state, or one of its containers."""
    inner = f"<{part}/>" if part else ""
    reply = client.ask(
        f'<get><filter><netconf-state xmlns="{NCM}">{inner}</netconf-state></filter></get>'
    )
    return reply[0][0][0] if part else reply[0][0]


def leaves(element: etree._Element) -> dict[str, str]:
    return {etree.QName(child).localname: child.text for child in element}


def recent(text: str) -> bool:
    return abs(datetime.now(UTC) - datetime.fromisoformat(text)) < timedelta(seconds=30)


def test_it_is_data_of_its_model(agent: Agent, client: Client) -> None:
    client.ok("<lock><target><running/></target></lock>")
    element = state(client)
    assert to_xml(parse(agent.schema, [element], state=True)) == etree.tostring(element)


def test_capabilities_are_those_of_hello(client: Client) -> None:
    said = [element.text for element in client.hello.iter(f"{{{NC}}}capability")]
    assert [element.text for element in state(client, "capabilities")] == said


def test_every_schema_is_served(client: Client) -> None:
    schemas = [leaves(element) for element in state(client, "schemas")]
    assert len(schemas) > 10
    for schema in schemas:
        assert schema["location"] == "NETCONF"
        assert schema["format"].endswith(":yang")
        reply = client.ask(
            f'<get-schema xmlns="{NCM}"><identifier>{schema["identifier"]}</identifier>'
            f"<version>{schema['version']}</version><format>yang</format></get-schema>"
        )
        text = reply.findtext(f"{{{NCM}}}data") or ""
        assert f"module {schema['identifier']} " in text
        assert schema["namespace"] in text


def test_locks(agent: Agent, client: Client) -> None:
    def locked() -> dict[str, tuple[str, ...]]:
        return {
            entry.findtext("ncm:name", namespaces=NS): tuple(
                lock.findtext("ncm:locked-by-session", namespaces=NS)
                for lock in entry.iterfind("ncm:locks/ncm:global-lock", NS)
                if recent(lock.findtext("ncm:locked-time", namespaces=NS))
            )
            for entry in state(client, "datastores")
        }

    assert locked() == {"running": (), "candidate": (), "startup": ()}
    with agent.connect() as other:
        other.ok("<lock><target><startup/></target></lock>")
        client.ok("<lock><target><running/></target></lock>")
        assert locked()["running"] == (str(client.session_id),)
        assert locked()["startup"] == (str(other.session_id),)
        other.ok("<close-session/>")
    client.ok("<unlock><target><running/></target></unlock>")
    assert locked() == {"running": (), "candidate": (), "startup": ()}


def sessions(client: Client) -> dict[int, dict[str, str]]:
    found = map(leaves, state(client, "sessions"))
    return {int(session["session-id"]): session for session in found}


def test_sessions(agent: Agent, client: Client) -> None:
    with agent.connect() as other:
        both = sessions(client)
        assert list(both) == [client.session_id, other.session_id]
    session = both[client.session_id]
    assert session["username"] == "root"
    assert session["transport"].endswith(":netconf-unix")
    assert "source-host" not in session
    assert recent(session["login-time"])
    agent.until(lambda: len(agent.server.sessions) == 1)
    assert list(sessions(client)) == [client.session_id]


def test_a_session_that_has_not_said_hello_is_none_yet(agent: Agent, client: Client) -> None:
    with agent.connect(b"") as silent:
        assert silent.session_id not in sessions(client)
    with agent.connect(HELLO_1_0) as other:
        assert other.session_id in sessions(client)


COUNTED = ("in-rpcs", "in-bad-rpcs", "out-rpc-errors", "out-notifications")


def counted(values: dict[str, str]) -> tuple[int, ...]:
    return tuple(int(values[name]) for name in COUNTED)


def test_what_a_session_counts(client: Client) -> None:
    assert counted(sessions(client)[client.session_id]) == (1, 0, 0, 0)
    client.ask("<nothing/>")
    client.sock.sendall(chunk("no XML"))
    client.read()
    client.sock.sendall(chunk(f'<rpc xmlns="{NC}"><get/></rpc>'))
    client.read()
    assert counted(sessions(client)[client.session_id]) == (3, 2, 3, 0)


def test_warnings_are_rpc_errors_too(agent: Agent, client: Client) -> None:
    """ "Replies that contained an <rpc-error> element", of whatever severity (RFC 6022)."""

    async def rehearse(*_: object, **__: object) -> list[Error]:
        return [Error("eth7 is not there yet"), Error("eth8 is not there yet")]

    agent.datastores.edits.rehearse = rehearse
    more = f"<test-option>test-only</test-option><tell-pending xmlns='{REHEARSAL}'/>"
    reply = client.ask(edit(smcroute(mroute("225.1.1.1")), more=more))
    assert [child.findtext(f"{{{NC}}}error-severity") for child in reply] == ["warning"] * 2
    assert counted(sessions(client)[client.session_id]) == (2, 0, 1, 0)


def test_what_the_server_counts(agent: Agent, client: Client) -> None:
    with agent.connect() as other:
        other.ask("<nothing/>")
        other.ok("<close-session/>")
    with agent.connect(b"<hello/>]]>]]>") as bad:
        assert bad.at_end()
    agent.connect().close()
    agent.until(lambda: len(agent.server.sessions) == 1)
    statistics = leaves(state(client, "statistics"))
    assert recent(statistics.pop("netconf-start-time"))
    assert {name: int(value) for name, value in statistics.items()} == {
        "in-bad-hellos": 1,
        "in-sessions": 4,
        "dropped-sessions": 1,
        "in-rpcs": 3,
        "in-bad-rpcs": 0,
        "out-rpc-errors": 1,
        "out-notifications": 0,
    }


@pytest.mark.parametrize("part", ["sessions", "statistics"])
def test_notifications_are_counted(agent: Agent, client: Client, part: str) -> None:
    with agent.connect() as listener:
        listener.ok(
            '<create-subscription xmlns="urn:ietf:params:xml:ns:netconf:notification:1.0"/>'
        )
        client.ok("<lock><target><running/></target></lock>")
        with agent.connect():
            listener.read()
        listener.read()
        values = (
            sessions(client)[listener.session_id]
            if part == "sessions"
            else leaves(state(client, part))
        )
        assert values["out-notifications"] == "2"
