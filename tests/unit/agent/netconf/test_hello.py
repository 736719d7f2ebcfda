"""netconf/hello.py and how a session begins, without a socket."""

from __future__ import annotations

import pytest

from tests.unit.agent.netconf.wire import (
    HELLO_1_0,
    HELLO_1_1,
    NC,
    Conversation,
    chunk,
    hello,
    rpc,
    run,
)


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
