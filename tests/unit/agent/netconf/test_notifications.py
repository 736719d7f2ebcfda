"""create-subscription on a real socket: order, replay, filters, errors, deaf subscribers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from smcroute_agent.netconf.notifications.event import timestamp
from tests.unit.agent.netconf.agent import SMC, Agent, Client, edit, mroute, smcroute
from tests.unit.agent.netconf.subscribing import (
    LEARNED,
    NCN,
    NOTIFICATION,
    ROUTE,
    learned,
    name,
    notification,
    subscribe,
)
from tests.unit.agent.netconf.wire import NC, field

STREAMS = "urn:ietf:params:xml:ns:netmod:notification"


def notification_and_ok(client: Client) -> etree._Element:
    """The notification among the next two messages; the other is <ok/>.  Either may be first."""
    found = [etree.fromstring(client.read()) for _ in range(2)]
    told, reply = sorted(found, key=lambda message: message.tag == f"{{{NC}}}rpc-reply")
    assert reply[0].tag == f"{{{NC}}}ok"
    return told[1]


def later(seconds: float) -> str:
    return timestamp(datetime.now(UTC) + timedelta(seconds=seconds))


@pytest.fixture
def other(agent: Agent) -> Iterator[Client]:
    with agent.connect() as made:
        yield made


def test_what_happens_after_the_ok_is_told(agent: Agent, client: Client) -> None:
    learned(agent, "232.9.9.9")
    client.ok(subscribe("<stream>NETCONF</stream>"))
    learned(agent)
    found = notification(client)
    assert found.tag == f"{{{SMC}}}route-learned"
    assert [(name(leaf), leaf.text) for leaf in found] == [
        ("source", "192.0.2.1"),
        ("group", "232.1.1.1"),
        ("in-interface", "eth0"),
        ("out-interface", "eth1"),
    ]


def test_operations_go_on_beside_notifications(agent: Agent, client: Client) -> None:
    client.ok(subscribe())
    client.send(edit(smcroute(mroute("225.1.1.1", "eth1"))))
    assert name(notification_and_ok(client)) == "netconf-config-change"


def test_a_change_says_who_changed_what(agent: Agent, client: Client, other: Client) -> None:
    client.ok(subscribe())
    other.ok(edit(smcroute(mroute("225.1.1.1", "eth1"))))
    found = notification(client)
    by = found.find(f"{{{NCN}}}changed-by")
    assert by.findtext(f"{{{NCN}}}session-id") == str(other.session_id)
    assert by.findtext(f"{{{NCN}}}username")
    assert found.findtext(f"{{{NCN}}}datastore") == "running"
    change = found.find(f"{{{NCN}}}edit")
    target = change.find(f"{{{NCN}}}target")
    assert target.text == (
        "/smc:smcroute/smc:mroute[smc:interface='eth0'][smc:source='10.0.0.1']"
        "[smc:group='225.1.1.1']"
    )
    assert target.nsmap["smc"] == SMC
    assert change.findtext(f"{{{NCN}}}operation") == "create"
    other.ok("<copy-config><target><startup/></target><source><running/></source></copy-config>")
    assert notification(client).findtext(f"{{{NCN}}}datastore") == "startup"


def test_many_edits_are_told_as_what_is_above_them(agent: Agent, client: Client) -> None:
    client.ok(subscribe())
    many = "".join(mroute(f"225.1.1.{n}", "eth1") for n in range(1, 102))
    client.send(edit(smcroute(many)))
    targets = [
        change.findtext(f"{{{NCN}}}target")
        for change in notification_and_ok(client).iterfind(f"{{{NCN}}}edit")
    ]
    assert targets == ["/smc:smcroute"]


def test_sessions_that_start_and_end(agent: Agent, client: Client) -> None:
    client.ok(subscribe())
    ends = {}
    for reason in ("closed", "dropped", "killed", "other"):
        with agent.connect() as other:
            started = notification(client)
            assert name(started) == "netconf-session-start"
            assert started.findtext(f"{{{NCN}}}session-id") == str(other.session_id)
            if reason == "closed":
                other.ok("<close-session/>")
            elif reason == "killed":
                session_id = other.session_id
                client.send(f"<kill-session><session-id>{session_id}</session-id></kill-session>")
            elif reason == "other":
                other.sock.sendall(b"no framing")
            else:
                other.close()
            killed = reason == "killed"
            ends[reason] = notification_and_ok(client) if killed else notification(client)
    for reason, end in ends.items():
        assert name(end) == "netconf-session-end"
        assert end.findtext(f"{{{NCN}}}termination-reason") == reason
    assert ends["killed"].findtext(f"{{{NCN}}}killed-by") == str(client.session_id)
    assert ends["closed"].find(f"{{{NCN}}}killed-by") is None


def test_a_bad_hello_is_told(agent: Agent, client: Client) -> None:
    client.ok(subscribe())
    with agent.connect(b"<hello/>]]>]]>") as bad:
        assert bad.at_end()
    end = notification(client)
    assert end.findtext(f"{{{NCN}}}termination-reason") == "bad-hello"


def test_a_filter_selects(agent: Agent, client: Client) -> None:
    client.ok(
        subscribe(
            f'<filter type="subtree"><route-learned xmlns="{SMC}"><group>232.1.1.2</group>'
            f'<source/></route-learned><route-expired xmlns="{SMC}"/></filter>'
        )
    )
    learned(agent, "232.1.1.1")
    learned(agent, "232.1.1.2")
    agent.do(lambda: agent.server.stream.publish(f"{{{SMC}}}route-expired", ROUTE))
    found = notification(client)
    assert [(name(leaf), leaf.text) for leaf in found] == [
        ("source", "192.0.2.1"),
        ("group", "232.1.1.2"),
    ]
    assert name(notification(client)) == "route-expired"


def test_a_filter_in_the_base_namespace_as_ncclient_sends_it(agent: Agent, client: Client) -> None:
    client.ok(subscribe(f'<filter xmlns="{NC}"><route-expired xmlns="{SMC}"/></filter>'))
    learned(agent)
    agent.do(lambda: agent.server.stream.publish(f"{{{SMC}}}route-expired", ROUTE))
    assert name(notification(client)) == "route-expired"


def test_replay_then_what_happens(agent: Agent, client: Client) -> None:
    start = later(0)
    learned(agent, "232.1.1.1")
    client.ok(subscribe(f"{LEARNED}<startTime>{start}</startTime>"))
    learned(agent, "232.1.1.2")
    found = [notification(client) for _ in range(3)]
    assert [name(one) for one in found] == ["route-learned", "replayComplete", "route-learned"]
    assert found[1].tag == f"{{{STREAMS}}}replayComplete"
    assert found[2].findtext(f"{{{SMC}}}group") == "232.1.1.2"


def test_replay_up_to_a_time_that_is_over(agent: Agent, client: Client) -> None:
    start = later(-5)
    learned(agent)
    stop = later(0.001)
    agent.until(lambda: later(0) > stop)
    learned(agent, "232.1.1.2")
    client.ok(subscribe(f"{LEARNED}<startTime>{start}</startTime><stopTime>{stop}</stopTime>"))
    found = [name(notification(client)) for _ in range(3)]
    assert found == ["route-learned", "replayComplete", "notificationComplete"]
    agent.until(lambda: not agent.server.stream.listeners)
    # It is over: another one may be made.
    client.ok(subscribe())


def test_the_subscription_ends_at_its_stop_time(agent: Agent, client: Client) -> None:
    client.ok(
        subscribe(f"{LEARNED}<startTime>{later(0)}</startTime><stopTime>{later(0.5)}</stopTime>")
    )
    learned(agent)
    found = [name(notification(client)) for _ in range(3)]
    assert found == ["replayComplete", "route-learned", "notificationComplete"]
    learned(agent)
    reply = client.ask("<get><filter/></get>")
    assert reply[0].tag == f"{{{NC}}}data"


@pytest.mark.parametrize(
    ("content", "tag", "bad"),
    [
        ("<stream>syslog</stream>", "invalid-value", "stream"),
        ("<stopTime>2030-01-01T00:00:00Z</stopTime>", "missing-element", "startTime"),
        ("<startTime>2130-01-01T00:00:00Z</startTime>", "bad-element", "startTime"),
        ("<startTime>2030-01-01T00:00:00</startTime>", "bad-element", "startTime"),
        ("<startTime>yesterday</startTime>", "bad-element", "startTime"),
        ("<startTime>2020-13-01T00:00:00Z</startTime>", "bad-element", "startTime"),
        (
            "<startTime>2020-01-02T00:00:00Z</startTime><stopTime>2020-01-01T00:00:00Z</stopTime>",
            "bad-element",
            "stopTime",
        ),
        ("<period>5</period>", "unknown-element", "period"),
        ("<stream/><stream/>", "unknown-element", "stream"),
    ],
)
def test_errors(client: Client, content: str, tag: str, bad: str) -> None:
    reply = client.ask(subscribe(content))
    assert field(reply, "error-tag") == tag
    info = reply.find(f"{{{NC}}}rpc-error/{{{NC}}}error-info/{{{NC}}}bad-element")
    prefix, _, local = info.text.rpartition(":")
    assert (info.nsmap[prefix], local) == (NOTIFICATION, bad)
    assert field(reply, "error-path").startswith("/nc:rpc/ncEvent:create-subscription")
    client.ok(subscribe())


def test_a_session_has_one_subscription(client: Client) -> None:
    client.ok(subscribe())
    assert field(client.ask(subscribe()), "error-tag") == "operation-failed"
