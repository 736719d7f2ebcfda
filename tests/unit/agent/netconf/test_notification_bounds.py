"""Subscribers that do not read, and how much may wait for them and be kept."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smcroute_agent.netconf.memory import Memory, Share
from smcroute_agent.netconf.notifications import subscription
from smcroute_agent.netconf.notifications.event import Event
from smcroute_agent.netconf.notifications.stream import ReplayLog, Stream
from smcroute_agent.netconf.notifications.subscription import Subscription
from smcroute_agent.netconf.server import Limits
from tests.unit.agent.netconf.agent import SMC, Agent, Client, running
from tests.unit.agent.netconf.subscribing import (
    LEARNED,
    NCN,
    ROUTE,
    learned,
    name,
    notification,
    subscribe,
)


def test_who_does_not_read_loses_the_session_and_nobody_else_does(
    agent: Agent, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "MAX_QUEUED", 50)
    with agent.connect() as deaf:
        deaf.ok(subscribe())
        client.ok(subscribe(f"<filter><netconf-session-end xmlns='{NCN}'/></filter>"))
        while deaf.session_id in agent.server.sessions:
            learned(agent)
        end = notification(client)
        assert end.findtext(f"{{{NCN}}}termination-reason") == "other"
        assert end.findtext(f"{{{NCN}}}session-id") == str(deaf.session_id)
    assert len(agent.server.stream.listeners) == 1


def shares(agent: Agent) -> int:
    return sum(session.share.octets for session in agent.server.sessions.values())


def test_what_waits_for_all_subscribers_together_is_bounded(tmp_path: Path) -> None:
    """Those who do not read make way, before they fill their own queues; who reads stays."""
    limit = 400_000
    with (
        running(tmp_path, Limits(max_held=limit)) as agent,
        contextlib.ExitStack() as stack,
        agent.connect() as client,
    ):
        deaf = [stack.enter_context(agent.connect()) for _ in range(20)]
        for one in (client, *deaf):
            one.ok(subscribe(LEARNED))
        told = 0
        while len(agent.server.sessions) > 11:
            learned(agent)
            told += 1
            assert name(notification(client)) == "route-learned"
            assert agent.do(lambda: shares(agent)) <= limit
        assert told < subscription.MAX_QUEUED
        assert client.session_id in agent.server.sessions
        assert len(agent.server.stream.listeners) == len(agent.server.sessions)


LARGE = LEARNED.replace("/>", f"><group>{'2' * 100_000}</group></route-learned>")


OVER = "<startTime>2020-01-01T00:00:00Z</startTime><stopTime>2020-01-02T00:00:00Z</stopTime>"


@pytest.mark.parametrize(
    ("parameters", "least"), [(LEARNED, 0), (LARGE, len(LARGE)), (LARGE + OVER, 0)]
)
def test_a_filter_counts_as_long_as_its_subscription(
    agent: Agent, parameters: str, least: int
) -> None:
    with agent.connect() as client:
        client.ok(subscribe(parameters))
        if OVER in parameters:
            assert name(notification(client)) == "replayComplete"
            assert name(notification(client)) == "notificationComplete"
        agent.until(lambda: least <= shares(agent) < 3 * least + 5000)
    agent.until(lambda: shares(agent) == 0)


def test_a_subscription_goes_with_its_session(agent: Agent) -> None:
    with agent.connect() as client:
        client.ok(subscribe())
    agent.until(lambda: not agent.server.stream.listeners)


def test_the_log_forgets_the_oldest(agent: Agent) -> None:
    log = ReplayLog(max_events=3, max_octets=10_000)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    node = agent.schema.notifications[f"{{{SMC}}}route-expired"]
    events = [Event(moment + timedelta(seconds=n), node, ROUTE) for n in range(5)]
    for event in events:
        log.add(event)
    assert log.between(moment, None) == events[2:]
    assert log.between(moment, events[3].time) == events[2:4]
    assert log.aged == events[1].time
    small = ReplayLog(max_events=3, max_octets=2 * events[0].size)
    for event in events:
        small.add(event)
    assert small.between(moment, None) == events[3:]


class Listener:
    """A session that takes all it is sent."""

    session_id, user = 1, "alice"

    def __init__(self) -> None:
        self.share = Share(Memory(1 << 20), "alice", lambda: None)
        self.told: list[str] = []

    async def notify(self, pieces: Sequence[bytes]) -> None:
        found = re.search(rb"<(replayComplete|group>[0-9.]+)", pieces[1])
        assert found is not None
        self.told.append(found[1].decode())

    def end(self, reason: str = "other") -> None:
        raise AssertionError(reason)


def test_others_have_their_turn_during_replays(agent: Agent) -> None:
    """However long a filter looks at each event; what happens meanwhile comes after them."""
    stream = Stream(agent.schema)
    listeners = [Listener(), Listener()]
    selected_at: list[int] = []
    turns = 0

    def publish(group: str) -> None:
        stream.publish(f"{{{SMC}}}route-expired", ROUTE | {"group": group})

    def select(event: Event) -> bytes:
        selected_at.append(turns)
        return event.content

    async def replay() -> None:
        nonlocal turns
        for number in range(20):
            publish(f"232.1.1.{number}")
        made = [
            Subscription(
                stream, one, select, start=stream.log.begun, stop=None, kept=0,
                on_end=lambda _: None,
            )
            for one in listeners
        ]  # fmt: skip
        for subscription_ in made:
            subscription_.begin()
        publish("232.2.2.2")
        selected_at.clear()
        while min(len(one.told) for one in listeners) < 22:
            turns += 1
            await asyncio.sleep(0)
        for subscription_ in made:
            subscription_.end()

    agent.call(replay())
    replayed = [f"group>232.1.1.{number}" for number in range(20)]
    for one in listeners:
        assert one.told == [*replayed, "replayComplete", "group>232.2.2.2"]
    assert len(set(selected_at)) == len(selected_at) == 40
