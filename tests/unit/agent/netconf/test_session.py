"""netconf/session.py: order, bounds and ends of a session, without a socket."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcroute_agent.netconf.session import HIGH_WATER, Memory
from tests.unit.agent.netconf.wire import (
    HELLO_1_0,
    HELLO_1_1,
    NC,
    Conversation,
    chunk,
    field,
    messages,
    rpc,
    run,
)


def test_pipelined_rpcs_are_answered_in_order() -> None:
    async def test(talk: Conversation) -> None:
        octets = HELLO_1_1 + b"".join(chunk(rpc("<ok/>", i)) for i in range(50))
        await talk.say(octets)
        for _ in range(20):
            await talk.settle()
        _, *replies = messages(talk.wire.octets)
        assert [reply.get("message-id") for reply in replies] == [str(i) for i in range(50)]

    run(test)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(min_value=0, max_value=10_000), max_size=30), st.booleans())
def test_any_split_of_a_conversation_gives_the_same_octets(cuts: list[int], single: bool) -> None:
    octets = HELLO_1_1 + chunk(rpc("<ok/>", 1)) + chunk(rpc("<fail/>", 2)) + chunk(rpc("<ok/>", 3))
    places = range(len(octets) + 1) if single else sorted({0, len(octets)} | {*cuts})
    pieces = [octets[a:b] for a, b in itertools.pairwise(places)]

    async def main() -> bytes:
        talk = Conversation()
        await talk.say(*pieces)
        await talk.settle()
        return talk.wire.octets

    async def whole() -> bytes:
        talk = Conversation()
        await talk.say(octets)
        await talk.settle()
        return talk.wire.octets

    assert asyncio.run(main()) == asyncio.run(whole())


def test_one_rpc_at_a_time() -> None:
    async def test(talk: Conversation) -> None:
        await talk.say(HELLO_1_1 + chunk(rpc("<slow/>", 1)) + chunk(rpc("<ok/>", 2)))
        assert talk.seen == ["slow"]
        talk.release_slow.set()
        await talk.settle()
        assert talk.seen == ["slow", "ok"]

    run(test)


def test_a_flood_during_an_operation_pauses_reading() -> None:
    async def test(talk: Conversation) -> None:
        await talk.say(HELLO_1_1 + chunk(rpc("<slow/>", 1)))
        one = chunk(rpc("<ok/>"))
        while talk.wire.reading:
            talk.session.received(one)
        assert talk.session._decoder.waiting <= HIGH_WATER + len(one)
        talk.release_slow.set()
        while not talk.wire.reading:
            await talk.settle()
        assert len(talk.seen) > HIGH_WATER // len(one)

    run(test)


def test_a_peer_that_does_not_read_holds_up_its_own_session() -> None:
    async def test(talk: Conversation) -> None:
        talk.wire.may_write.clear()
        await talk.say(HELLO_1_1 + chunk(rpc("<big/>")) + chunk(rpc("<big/>")))
        assert talk.seen == ["big"]
        talk.wire.may_write.set()
        await talk.settle()
        assert talk.seen == ["big", "big"]

    run(test)


@pytest.mark.parametrize("greeting", [HELLO_1_0, HELLO_1_1])
def test_an_oversized_message_is_told_and_ends_the_session(greeting: bytes) -> None:
    async def test(talk: Conversation) -> None:
        too_much = b"\n#4294967295\n<rpc" if greeting is HELLO_1_1 else b"<rpc>" + b"a" * 100_100
        _, reply = await talk.say(greeting + too_much)
        assert field(reply, "error-tag") == "too-big"
        assert talk.wire.closed

    run(test)


def test_broken_framing_ends_the_session_without_a_word() -> None:
    async def test(talk: Conversation) -> None:
        assert len(await talk.say(HELLO_1_1 + b"\n#x\n")) == 1
        assert talk.wire.closed

    run(test)


def test_all_sessions_share_a_bound_on_incomplete_messages() -> None:
    async def main() -> None:
        memory = Memory(100_000)
        first, second = Conversation(memory=memory), Conversation(memory=memory)
        half = b"\n#90000\n" + b"a" * 60_000
        await first.say(HELLO_1_1)
        await second.say(HELLO_1_1)
        first.session.received(half)
        second.session.received(half)
        assert second.wire.closed
        assert b"resource-denied" in second.wire.octets
        assert not first.wire.closed
        first.session.end()
        assert memory.used == 0

    asyncio.run(main())


def test_the_client_may_stop_sending_and_still_gets_its_replies() -> None:
    async def test(talk: Conversation) -> None:
        await talk.say(HELLO_1_1 + chunk(rpc("<ok/>", 1)) + chunk(rpc("<ok/>", 2)) + b"\n#9\nhalf")
        talk.session.eof_received()
        await talk.settle()
        assert len(messages(talk.wire.octets)) == 3
        assert talk.wire.closed

    run(test)


def test_a_disconnect_gives_up_the_operation_and_ends_once() -> None:
    async def test(talk: Conversation) -> None:
        await talk.say(HELLO_1_1 + chunk(rpc("<slow/>")) + chunk(rpc("<ok/>")))
        talk.session.end()
        assert talk.ended == [talk.session]
        await talk.settle()
        assert talk.cancelled
        talk.session.end()
        talk.session.received(chunk(rpc("<ok/>")))
        await talk.settle()
        assert talk.ended == [talk.session]
        assert talk.seen == ["slow"]

    run(test)


def test_a_peer_that_is_gone_when_the_reply_is_written() -> None:
    async def test(talk: Conversation) -> None:
        talk.wire.gone = True
        await talk.say(HELLO_1_1 + chunk(rpc("<ok/>")) + chunk(rpc("<ok/>")))
        assert talk.ended == [talk.session]
        assert talk.seen == ["ok"]

    run(test)


def test_close_after_the_reply() -> None:
    async def test(talk: Conversation) -> None:
        _, reply = await talk.say(HELLO_1_1 + chunk(rpc("<bye/>")) + chunk(rpc("<ok/>")))
        assert reply[0].tag == f"{{{NC}}}ok"
        assert talk.wire.closed
        assert talk.seen == ["bye"]

    run(test)
