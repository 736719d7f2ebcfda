"""netconf/session.py: order, bounds and ends of a session, without a socket."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcroute_agent.netconf.memory import Memory
from smcroute_agent.netconf.sending import PORTION
from smcroute_agent.netconf.session import HIGH_WATER
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


def test_who_holds_most_is_ended_when_all_together_hold_too_much() -> None:
    async def main() -> None:
        memory = Memory(100_000)
        hoarder, other, third = (Conversation(memory=memory) for _ in range(3))
        for talk in (hoarder, other, third):
            await talk.say(HELLO_1_1)
        hoarder.session.received(b"\n#90000\n" + b"a" * 60_000)
        other.session.received(b"\n#30000\n" + b"a" * 29_000)
        assert not hoarder.wire.closed
        third.session.received(b"\n#30000\n" + b"a" * 29_000)
        assert hoarder.wire.closed
        assert b"resource-denied" in hoarder.wire.octets
        assert not other.wire.closed
        assert not third.wire.closed
        for talk in (other, third):
            talk.session.end()
        assert memory.used == 0

    asyncio.run(main())


def test_a_message_is_not_parsed_when_its_tree_were_too_large() -> None:
    async def main() -> None:
        memory = Memory(100_000)
        talk = Conversation(memory=memory)
        _, reply = await talk.say(HELLO_1_1 + chunk(rpc("<ok>" + "<a/>" * 1000 + "</ok>")))
        assert field(reply, "error-tag") == "resource-denied"
        assert talk.seen == []
        assert memory.used == 0

    asyncio.run(main())


def test_replies_that_wait_count() -> None:
    """Whoever does not read loses its session when others need the memory."""

    async def main() -> None:
        memory = Memory(150_000)
        silent, other = Conversation(memory=memory), Conversation(memory=memory)
        silent.wire.may_write.clear()
        await silent.say(HELLO_1_1 + chunk(rpc("<big/>")))
        assert memory.used > 100_000
        _, reply = await other.say(HELLO_1_1 + chunk(rpc("<big/>")))
        assert silent.wire.closed
        assert reply[0].tag == f"{{{NC}}}data"
        assert memory.used == 0

    asyncio.run(main())


def test_a_notification_does_not_come_in_the_middle_of_a_reply() -> None:
    async def test(talk: Conversation) -> None:
        await talk.say(HELLO_1_1)
        write = talk.wire.write

        def write_one_portion(pieces: Sequence[bytes | memoryview]) -> None:
            write(pieces)
            talk.wire.may_write.clear()

        talk.wire.write = write_one_portion  # type: ignore[method-assign]
        talk.session.received(chunk(rpc("<big/>")))
        await talk.settle()
        assert PORTION <= len(talk.wire.octets) < 100_000
        notifying = asyncio.create_task(talk.session.notify([b"<notification/>"]))
        while not notifying.done():
            talk.wire.may_write.set()
            await talk.settle()
        tags = [message.tag for message in messages(talk.wire.octets)]
        assert tags[1:] == [f"{{{NC}}}rpc-reply", "notification"]

    run(test)


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
