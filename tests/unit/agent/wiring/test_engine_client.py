"""The agent's client of the engine, against a peer that speaks the protocol by hand."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from smcroute_agent.agent import engine_client
from smcroute_agent.agent.engine_client import EngineClient
from smcroute_agent.channel import MAX_MESSAGE, Channel, ChannelClosed, channel_pair
from smcroute_agent.engine.encoding import decode_rules
from smcroute_agent.errors import EngineError, ResourceError
from smcroute_agent.rules import Mroute, Rule

ROUTE = Mroute("in0", "*", "225.1.2.3", ("out0",))


class Peer:
    """The other end of the channel."""

    def __init__(self, channel: Channel) -> None:
        channel.socket.setblocking(False)
        self.channel = channel

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            while (received := self.channel.receive()) is None:
                await asyncio.sleep(0)
        return received[0]

    async def hear_apply(self) -> list[dict[str, Any]]:
        parts = [await self.hear()]
        while parts[-1]["more"]:
            parts.append(await self.hear())
        return parts


def run(test: Callable[[EngineClient, Peer, list[Any]], Awaitable[None]]) -> None:
    async def main() -> None:
        events: list[Any] = []
        client = EngineClient(events.append, path_of=lambda key: "/" + "/".join(key))
        ours, theirs = channel_pair()
        client.attach(ours)
        client.restored()
        try:
            async with asyncio.timeout(20):
                await test(client, Peer(theirs), events)
        finally:
            client.close()
            theirs.close()

    asyncio.run(main())


def test_a_change_is_sent_and_its_warnings_come_back() -> None:
    async def test(client: EngineClient, peer: Peer, _: list[Any]) -> None:
        task = asyncio.create_task(client.apply([("phyint", "in0")], [ROUTE]))
        (part,) = await peer.hear_apply()
        assert part["remove"] == [["phyint", "in0"]]
        assert part["add"] == [["mroute", "in0", "*", ["225.1.2.3"], ["out0"]]]
        assert (part["replace_all"], part["flush"]) == (False, False)
        warning = [["mroute", "in0", "*", "225.1.2.3"], "in = out"]
        peer.channel.send({"id": part["id"], "ok": True, "warnings": [warning]})
        assert await task == [(("mroute", "in0", "*", "225.1.2.3"), "in = out")]

    run(test)


QUOTED = tuple('"' * 10 + f"{number:05}" for number in range(128))
LONG = "ff0e:1111:2222:3333:4444:5555:6666:{:x}/127"


@pytest.mark.parametrize(
    "wanted",
    [
        [Mroute("in0", f"10.0.{n >> 8}.{n & 255}", "225.1.2.3", QUOTED) for n in range(600)],
        [Mroute("in0", "*", LONG.format(2 * n), ("out0",)) for n in range(0x1000, 0x6000)],
    ],
)
def test_many_rules_travel_in_messages_of_a_bounded_size_and_none_is_lost(
    wanted: list[Rule],
) -> None:
    async def test(client: EngineClient, peer: Peer, _: list[Any]) -> None:
        task = asyncio.create_task(client.apply((), wanted))
        parts = await peer.hear_apply()
        peer.channel.send({"id": parts[0]["id"], "ok": True})
        await task
        assert len(parts) > 5
        assert len({part["id"] for part in parts}) == 1
        assert all(len(json.dumps(part)) < MAX_MESSAGE for part in parts)
        assert [r for part in parts for wire in part["add"] for r in decode_rules(wire)] == wanted

    run(test)


def test_a_refusal_is_raised_with_the_place_of_the_rule() -> None:
    async def test(client: EngineClient, peer: Peer, _: list[Any]) -> None:
        task = asyncio.create_task(client.apply((), [ROUTE]))
        (part,) = await peer.hear_apply()
        refusal = {
            "message": "no VIF is left",
            "remedy": "use fewer interfaces",
            "rule": ["mroute", "in0", "*", "225.1.2.3"],
            "kind": "resource",
        }
        peer.channel.send({"id": part["id"], "error": refusal})
        with pytest.raises(ResourceError, match="no VIF is left") as caught:
            await task
        assert caught.value.path == "/mroute/in0/*/225.1.2.3"

    run(test)


def test_rows_come_in_parts() -> None:
    async def test(client: EngineClient, peer: Peer, events: list[Any]) -> None:
        task = asyncio.create_task(client.read("entries", "counters"))
        asked = await peer.hear()
        assert asked["what"] == ["entries", "counters"]
        for rows in ({"entries": [[1]]}, {"entries": [[2]]}, {"counters": {"upcalls": 3}}):
            peer.channel.send({"id": asked["id"], "rows": rows})
        peer.channel.send({"event": "route-learned", "group": "225.1.2.3"})
        peer.channel.send({"id": asked["id"], "ok": True})
        assert await task == {"entries": [[1], [2]], "counters": {"upcalls": 3}}
        assert events == [{"event": "route-learned", "group": "225.1.2.3"}]

    run(test)


def test_a_request_fails_when_the_engine_dies_and_later_ones_wait_for_the_next() -> None:
    async def test(client: EngineClient, peer: Peer, _: list[Any]) -> None:
        task = asyncio.create_task(client.apply((), [ROUTE]))
        await peer.hear_apply()
        peer.channel.close()
        with pytest.raises(EngineError, match="the engine ended") as caught:
            await task
        assert "try again" in str(caught.value)

        waiting = asyncio.create_task(client.apply((), [ROUTE]))
        ours, theirs = channel_pair()
        client.attach(ours)
        restoring = asyncio.create_task(client.apply((), (), replace_all=True, restoring=True))
        next_peer = Peer(theirs)
        (first,) = await next_peer.hear_apply()
        assert first["replace_all"]
        next_peer.channel.send({"id": first["id"], "ok": True})
        await restoring
        client.restored()
        (second,) = await next_peer.hear_apply()
        assert second["add"]
        next_peer.channel.send({"id": second["id"], "ok": True})
        await waiting
        theirs.close()

    run(test)


def test_a_request_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_client, "CONNECT_PATIENCE", 0.01)

    async def test() -> None:
        client = EngineClient(lambda _: None, path_of=lambda _: "")
        with pytest.raises(EngineError, match="the engine is not running"):
            await client.read("rules")

    asyncio.run(test())


def test_an_engine_that_dies_without_reading_ends_the_sending() -> None:
    outs = tuple(f"interface-{number:05}" for number in range(128))
    wanted = [Mroute("in0", f"10.{n >> 8}.{n & 255}.1", "225.1.2.3", outs) for n in range(3000)]

    async def test(client: EngineClient, peer: Peer, _: list[Any]) -> None:
        task = asyncio.create_task(client.apply((), wanted))
        await peer.hear()
        for _turn in range(3):
            await asyncio.sleep(0)
        assert not task.done()
        peer.channel.close()
        with pytest.raises(EngineError, match="the engine ended"):
            await task

    run(test)


def test_a_message_that_is_none_ends_the_connection() -> None:
    async def test(client: EngineClient, peer: Peer, _: list[Any]) -> None:
        task = asyncio.create_task(client.read("rules"))
        await peer.hear()
        peer.channel.socket.send(b"not json")
        with pytest.raises(EngineError, match="the engine ended"):
            await task
        with pytest.raises(ChannelClosed):
            await peer.hear()

    run(test)


def test_the_rest_of_a_change_does_not_go_to_the_next_engine() -> None:
    outs = tuple(f"interface-{number:05}" for number in range(128))
    wanted = [Mroute("in0", f"10.{n >> 8}.{n & 255}.1", "225.1.2.3", outs) for n in range(3000)]

    async def test(client: EngineClient, peer: Peer, _: list[Any]) -> None:
        large = asyncio.create_task(client.apply((), wanted))
        await peer.hear()
        behind = asyncio.create_task(client.apply((), [ROUTE]))
        for _turn in range(20):
            await asyncio.sleep(0)
        ours, theirs = channel_pair()
        client.attach(ours)
        for task in (large, behind):
            with pytest.raises(EngineError, match="the engine ended"):
                await task
        next_peer = Peer(theirs)
        theirs.socket.setblocking(False)
        assert theirs.receive() is None
        next_peer.channel.close()

    run(test)
