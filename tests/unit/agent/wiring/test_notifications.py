"""The engine's events become notifications, so many at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from lxml import etree

from smcroute_agent import model
from smcroute_agent.agent.notifications import RouterNotifications
from smcroute_agent.engine import protocol
from smcroute_agent.netconf.notifications.event import Event
from smcroute_agent.netconf.notifications.stream import Stream
from smcroute_agent.yang.schema import packaged

VALUES = {
    "source": "192.0.2.1",
    "group": "232.1.1.1",
    "in-interface": "in0",
    "from-interface": "in1",
    "out-interfaces": ["out0", "out1"],
    "interface": "in0",
    "reason": "it is down",
    "limit": 16,
}


def published(work: Callable[[RouterNotifications], None], **options: Any) -> list[Any]:
    """The notifications that some work causes, once all late ones are sent."""
    found: list[Event] = []

    async def run() -> None:
        stream = Stream(packaged())
        stream.listeners.append(found.append)
        notifications = RouterNotifications(stream, **options)
        work(notifications)
        await asyncio.sleep(0)
        while any(kind._timer for kind in notifications._kinds.values()):
            await asyncio.sleep(0.001)

    asyncio.run(run())
    return [etree.fromstring(event.content) for event in found]


def plain(element: Any) -> list[tuple[str, str | None]]:
    return [(etree.QName(leaf).localname, leaf.text) for leaf in element]


def test_each_event_of_the_engine_has_a_notification_with_all_its_members() -> None:
    for name, members in protocol.EVENTS.items():
        event = {"event": name} | {member: VALUES[member] for member in members}
        (found,) = published(lambda some, event=event: some.happened(event))
        assert found.tag == f"{{{model.NAMESPACE}}}{name}"
        values: list[tuple[str, str]] = []
        for member in members:
            value = VALUES[member]
            if isinstance(value, list):
                values += [("out-interface", item) for item in value]
            else:
                values.append((member, str(value)))
        assert sorted(plain(found)) == sorted(values)


def test_an_event_that_the_model_does_not_know_is_no_notification() -> None:
    assert published(lambda some: some.happened({"event": "moon-landed"})) == []


def test_a_flood_is_counted_and_its_last_one_sent() -> None:
    def flood(some: RouterNotifications) -> None:
        for number in range(1000):
            some.tell("interface-active", {"interface": f"eth{number}"})
        some.tell("engine-restarted")

    found = published(flood, burst=10, rate=200.0)
    names = [etree.QName(one).localname for one in found]
    assert names == ["interface-active"] * 10 + ["engine-restarted", "interface-active"]
    assert plain(found[-1]) == [("interface", "eth999"), ("suppressed", "989")]
    assert plain(found[9]) == [("interface", "eth9")]
