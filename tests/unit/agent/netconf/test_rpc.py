"""netconf/rpc.py, xml.py and reply.py: what a session makes of a message, without a socket."""

from __future__ import annotations

import logging

import pytest
from lxml import etree

from smcroute_agent.netconf.rpc import checked, operation
from tests.unit.agent.netconf.wire import (
    HELLO_1_0,
    HELLO_1_1,
    NC,
    Conversation,
    chunk,
    field,
    rpc,
    run,
)


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


@pytest.mark.parametrize(
    ("given", "qualified"),
    [
        ("<lock><target><running/></target></lock>", ["lock", "target", "running"]),
        (
            "<edit-config><target><running/></target><config><a/></config></edit-config>",
            ["edit-config", "target", "running", "config"],
        ),
        ("<get><filter><a><b/></a></filter></get>", ["get", "filter"]),
        (f"<nc:get xmlns:nc='{NC}'><filter/></nc:get>", ["get"]),
        ("<x:a xmlns:x='urn:x'><b/></x:a>", []),
    ],
)
def test_an_operation_in_no_namespace_is_one_of_netconf(given: str, qualified: list[str]) -> None:
    message = f"<n:rpc xmlns:n='{NC}' message-id='1'>{given}</n:rpc>"
    found = operation(checked(etree.fromstring(message)))
    names = [etree.QName(e).localname for e in found.iter(f"{{{NC}}}*")]
    assert names == qualified


def test_a_qualified_message_id() -> None:
    message = f"<n:rpc xmlns:n='{NC}' n:message-id='1'><n:get/></n:rpc>"
    assert operation(checked(etree.fromstring(message))).tag == f"{{{NC}}}get"
