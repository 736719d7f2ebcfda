"""netconf/session.py: hello, order, errors and ends of a session, without a socket."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable

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
    hello,
    messages,
    rpc,
)


def run(test: Callable[[Conversation], Awaitable[None]], **settings: object) -> None:
    async def main() -> None:
        await test(Conversation(**settings))  # type: ignore[arg-type]

    asyncio.run(main())


def test_our_hello_comes_at_once_with_nothing_before_it() -> None:
    async def test(talk: Conversation) -> None:
        assert talk.wire.octets.startswith(f'<hello xmlns="{NC}">'.encode())
        assert talk.wire.octets.endswith(b"<session-id>7</session-id></hello>]]>]]>")

    run(test)


@pytest.mark.parametrize(
    "greeting",
    [
        pytest.param(HELLO_1_1, id="default namespace"),
        pytest.param(b"\n\n" + HELLO_1_1, id="newline before"),
        pytest.param(b"<?xml version='1.0' encoding='UTF-8'?>\n" + HELLO_1_1, id="declaration"),
        pytest.param(b"\xef\xbb\xbf" + HELLO_1_1, id="byte order mark"),
        pytest.param(
            f"<nc:hello xmlns:nc='{NC}'><nc:capabilities><nc:capability>\n"
            "urn:ietf:params:netconf:base:1.1\n</nc:capability></nc:capabilities></nc:hello>"
            "]]>]]>".encode(),
            id="prefix and white space",
        ),
        pytest.param(hello("1.0", "1.1"), id="both"),
    ],
)
def test_hello_of_1_1_switches_to_chunks(greeting: bytes) -> None:
    async def test(talk: Conversation) -> None:
        _, reply = await talk.say(greeting, chunk(rpc("<ok/>", 5)))
        assert reply.get("message-id") == "5"
        assert talk.wire.octets.partition(b"]]>]]>")[2].startswith(b"\n#")

    run(test)


def test_hello_of_1_0_stays_with_end_of_message() -> None:
    async def test(talk: Conversation) -> None:
        _, reply = await talk.say(HELLO_1_0, rpc("<ok/>").encode() + b"]]>]]>")
        assert talk.wire.octets.endswith(b"<ok/></rpc-reply>]]>]]>")
        assert reply[0].tag == f"{{{NC}}}ok"

    run(test)


@pytest.mark.parametrize(
    "greeting",
    [
        pytest.param(
            HELLO_1_1.replace(b"</hello>", b"<session-id>4</session-id></hello>"), id="id"
        ),
        pytest.param(hello(), id="no capability"),
        pytest.param(hello("9.9"), id="another version"),
        pytest.param(HELLO_1_1.replace(NC.encode(), b"urn:x"), id="another namespace"),
        pytest.param(rpc("<ok/>").encode() + b"]]>]]>", id="an rpc first"),
        pytest.param(b"<hello]]>]]>", id="not well-formed"),
        pytest.param(b"<!DOCTYPE hello>" + HELLO_1_1, id="DTD"),
        pytest.param(b"]]>]]>", id="nothing"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n" + b"a" * 70_000, id="no NETCONF, without an end"),
    ],
)
def test_a_bad_hello_ends_the_session(greeting: bytes) -> None:
    async def test(talk: Conversation) -> None:
        assert len(await talk.say(greeting, chunk(rpc("<ok/>")))) == 1
        assert talk.wire.closed
        assert talk.ended == [talk.session]
        assert talk.seen == []

    run(test)


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


def test_every_field_of_an_error() -> None:
    async def test(talk: Conversation) -> None:
        await talk.say(HELLO_1_1 + chunk(rpc("<fail/>")))
        assert talk.wire.octets.endswith(
            f'<rpc-reply xmlns="{NC}" message-id="1"><rpc-error>'
            "<error-type>application</error-type><error-tag>operation-failed</error-tag>"
            "<error-severity>error</error-severity><error-app-tag>why</error-app-tag>"
            '<error-path xmlns:ex="urn:example">/ex:a/ex:b</error-path>'
            '<error-message xml:lang="en">it failed; do this</error-message>'
            "</rpc-error></rpc-reply>\n##\n".encode()
        )

    run(test)


def test_an_unexpected_exception_shows_nothing_of_the_inside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def test(talk: Conversation) -> None:
        _, reply, after = await talk.say(
            HELLO_1_1 + chunk(rpc("<crash/>")) + chunk(rpc("<ok/>", 2))
        )
        assert field(reply, "error-tag") == "operation-failed"
        assert b"secret" not in talk.wire.octets
        assert after[0].tag == f"{{{NC}}}ok"

    with caplog.at_level(logging.ERROR):
        run(test)
    assert "secret" in caplog.text


@pytest.mark.parametrize(
    ("message", "tag", "info"),
    [
        (f"<rpc xmlns='{NC}'><ok/></rpc>", "missing-attribute", {"bad-attribute": "message-id"}),
        (f"<rpc xmlns='{NC}' message-id='1'/>", "missing-element", {"bad-element": "nc:rpc"}),
        (rpc("<ok/><fail/>"), "unknown-element", {"bad-element": "nc:fail"}),
    ],
)
def test_a_bad_envelope(message: str, tag: str, info: dict[str, str]) -> None:
    async def test(talk: Conversation) -> None:
        _, reply = await talk.say(HELLO_1_1 + chunk(message))
        assert field(reply, "error-type") == "rpc"
        assert field(reply, "error-tag") == tag
        for name, value in info.items():
            assert field(reply, f"error-info/{{{NC}}}{name}") == value
        assert not talk.wire.closed

    run(test)


BOMB = (
    '<!DOCTYPE rpc [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)

BROKEN = {
    "not well-formed": "<rpc",
    "empty": " ",
    "text": "hello",
    "unknown entity": rpc("<ok>&foo;</ok>"),
    "entity bomb": BOMB + rpc("<ok>&c;</ok>"),
    "external entity": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rpc("&x;"),
    "DTD behind a comment": "<!-- a --><?p i?>\n<!DOCTYPE rpc>" + rpc("<ok/>"),
    "deep nesting": rpc("<a>" * 5000 + "</a>" * 5000),
    "nesting just too deep": rpc("<a>" * 64 + "</a>" * 64),
    "undeclared prefix": rpc("<x:ok/>"),
    "two roots": rpc("<ok/>") + rpc("<ok/>"),
    "NUL": rpc("<ok>\0</ok>"),
    "another root": f'<notification xmlns="{NC}"/>',
    "a second hello": f'<hello xmlns="{NC}"/>',
    "rpc in no namespace": '<rpc message-id="1"><ok/></rpc>',
    "another encoding": '<?xml version="1.0" encoding="ISO-8859-1"?>' + rpc("<ok/>"),
}


@pytest.mark.parametrize("message", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_message(message: str) -> None:
    async def in_1_1(talk: Conversation) -> None:
        _, reply, after = await talk.say(HELLO_1_1 + chunk(message) + chunk(rpc("<ok/>", 2)))
        assert reply.tag == f"{{{NC}}}rpc-reply"
        assert reply.get("message-id") is None
        assert field(reply, "error-tag") == "malformed-message"
        assert field(reply, "error-type") == "rpc"
        assert after.get("message-id") == "2"

    async def in_1_0(talk: Conversation) -> None:
        octets = HELLO_1_0 + message.encode() + b"]]>]]>" + rpc("<ok/>").encode() + b"]]>]]>"
        assert len(await talk.say(octets)) == 1
        assert talk.wire.closed

    run(in_1_1)
    run(in_1_0)


@pytest.mark.parametrize("octets", [b"\xff\xfe", b"\xc3\x28", rpc("<ok/>").encode("utf-16")])
def test_other_encodings_than_utf_8(octets: bytes) -> None:
    async def test(talk: Conversation) -> None:
        message = octets if b"r" in octets else rpc("<ok>X</ok>").encode().replace(b"X", octets)
        _, reply = await talk.say(HELLO_1_1 + chunk(message))
        assert field(reply, "error-tag") == "malformed-message"

    run(test)


def test_a_doctype_that_is_only_text_is_none() -> None:
    async def test(talk: Conversation) -> None:
        _, reply = await talk.say(
            HELLO_1_1 + chunk(rpc("<ok><![CDATA[<!DOCTYPE x>]]><!-- <!DOCTYPE --></ok>"))
        )
        assert reply[0].tag == f"{{{NC}}}ok"

    run(test)


def test_comments_and_instructions_around_the_operation_are_ignored() -> None:
    async def test(talk: Conversation) -> None:
        _, reply = await talk.say(HELLO_1_1 + chunk(rpc("<!-- a --><?b c?><ok/><!-- d -->")))
        assert reply[0].tag == f"{{{NC}}}ok"

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


@pytest.mark.parametrize(
    ("message", "start"),
    [
        (
            f'<nc:rpc xmlns:nc="{NC}" message-id="1"><nc:ok/></nc:rpc>',
            f'<rpc-reply xmlns:nc="{NC}" xmlns="{NC}" message-id="1"><ok/>',
        ),
        (
            f'<rpc xmlns="{NC}" xmlns:e="urn:e" e:a="1" message-id="&quot;&#10;&lt;>" b="é">'
            "<ok/></rpc>",
            f'<rpc-reply xmlns="{NC}" xmlns:e="urn:e" e:a="1" '
            'message-id="&quot;&#10;&lt;&gt;" b="é"><ok/>',
        ),
        (
            f'<nc:rpc xmlns="urn:o" xmlns:nc="{NC}" message-id="1" xml:lang="de"><nc:ok/></nc:rpc>',
            f'<nc:rpc-reply xmlns="urn:o" xmlns:nc="{NC}" message-id="1" xml:lang="de"><nc:ok/>',
        ),
        (
            f'<nc:rpc xmlns:nc="{NC}" message-id="1" xmlns="urn:other"><nc:big/></nc:rpc>',
            f'<nc:rpc-reply xmlns:nc="{NC}" xmlns="urn:other" message-id="1"><nc:data><x>',
        ),
    ],
)
def test_the_reply_echoes_the_rpc(message: str, start: str) -> None:
    async def test(talk: Conversation) -> None:
        await talk.say(HELLO_1_1 + chunk(message))
        assert start in talk.wire.octets.decode()

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
