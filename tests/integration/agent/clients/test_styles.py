"""What clients send is taken in any style; what they get is the plainest, octet by octet."""

from __future__ import annotations

import pytest

from lab.netconf import NETCONF
from tests.integration.agent.clients.conftest import on_each_way
from tests.integration.agent.clients.raw import (
    END_OF_CHUNKS,
    END_OF_MESSAGE,
    GET_CONFIG,
    HELLO_1_0,
    HELLO_1_1,
    REPLY_OK,
    chunk,
    hello,
    rpc,
)

ACM = "urn:ietf:params:xml:ns:yang:ietf-netconf-acm"


@on_each_way
def test_hello_is_in_the_default_namespace_and_nothing_is_before_it(place, way):
    with place.raw(way) as raw:
        # It comes unasked.
        octets = raw.delimited()
        assert octets.startswith(f'<hello xmlns="{NETCONF}"><capabilities><capability>'.encode())
        assert octets.endswith(b"</session-id></hello>")
        assert b"\n" not in octets
        raw.send(HELLO_1_1)
        assert raw.ask("<close-session/>") == REPLY_OK
        assert raw.rest() == b""


GREETINGS = {
    "a leading newline": b"\n" + HELLO_1_1,
    "leading blanks and a declaration": b'\r\n <?xml version="1.0" encoding="UTF-8"?>\n'
    + HELLO_1_1,
    "a prefix": HELLO_1_1.replace(b"<", b"<nc:")
    .replace(b"<nc:/", b"</nc:")
    .replace(b"xmlns=", b"xmlns:nc="),
    "a trailing newline": HELLO_1_1 + b"\n",
    "blanks inside": HELLO_1_1.replace(b"<capability>", b"\n  <capability>\n    ").replace(
        b"</capability>", b"\n  </capability>\n"
    ),
    "both versions": hello("1.0", "1.1"),
    "an octet order mark": b"\xef\xbb\xbf" + HELLO_1_1,
    "a comment first": b"<!-- who -->" + HELLO_1_1,
}


@pytest.mark.parametrize("greeting", GREETINGS.values(), ids=GREETINGS)
def test_hello_in_many_styles(place, greeting):
    with place.talking("UNIX socket", greeting) as raw:
        assert raw.ask("<close-session/>") == REPLY_OK


PLAIN = rpc("<close-session/>")
REQUESTS = {
    "plain": PLAIN,
    "a prefix": f'<x:rpc xmlns:x="{NETCONF}" message-id="1"><x:close-session/></x:rpc>'.encode(),
    "a leading newline": b"\n" + PLAIN,
    "a trailing newline": PLAIN + b"\n",
    "a declaration": b'<?xml version="1.0" encoding="utf-8"?>' + PLAIN,
    "a newline and a declaration": b'\n<?xml version="1.0" encoding="UTF-8"?>\n' + PLAIN,
    "an octet order mark": b"\xef\xbb\xbf" + PLAIN,
    "single quotes": PLAIN.replace(b'"', b"'"),
    "indented": PLAIN.replace(b"><", b">\r\n\t<"),
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_requests_in_many_styles(place, request_, version):
    expected = REPLY_OK
    if request_ == REQUESTS["a prefix"]:
        # Returned as it was declared; the content is in the default namespace all the same.
        expected = expected.replace(b"reply ", f'reply xmlns:x="{NETCONF}" '.encode())
    with place.raw("UNIX socket") as raw:
        if version == "1.0":
            raw.greet(HELLO_1_0)
            raw.send(request_ + END_OF_MESSAGE)
            assert raw.delimited() == expected
        else:
            raw.greet(HELLO_1_1)
            raw.send(chunk(request_))
            assert raw.chunked() == expected


CHUNKS = {
    "one octet a chunk": b"".join(b"\n#1\n%c" % octet for octet in PLAIN) + END_OF_CHUNKS,
    "a newline after hello": b"\n" + chunk(PLAIN),
    "newlines between messages": b"\r\n\n\n" + chunk(PLAIN),
}


@pytest.mark.parametrize("octets", CHUNKS.values(), ids=CHUNKS)
def test_chunks_in_many_styles(place, octets):
    with place.talking("UNIX socket") as raw:
        raw.send(octets)
        assert raw.chunked() == REPLY_OK
        assert raw.rest() == b""


# Two, three and four octets in UTF-8.
COMMENT = "für Zürich: 5 € 🛰"


@on_each_way
def test_chunks_count_octets_and_nothing_is_between_them(place, way):
    rule = (
        f'<config xmlns="{NETCONF}"><nacm xmlns="{ACM}"><rule-list><name>été</name><rule>'
        f"<name>{COMMENT}</name><action>permit</action></rule></rule-list></nacm></config>"
    )
    with place.talking(way) as raw:
        request = f"<edit-config><target><candidate/></target>{rule}</edit-config>".encode()
        message = rpc("OP").replace(b"OP", request)
        # In chunks that end inside of characters.
        raw.send(
            b"".join(
                b"\n#%d\n%s" % (len(piece), piece)
                for piece in (message[at : at + 7] for at in range(0, len(message), 7))
            )
            + END_OF_CHUNKS
        )
        assert raw.chunked() == REPLY_OK
        # Many replies at once: Raw refuses an octet before, between or after the chunks.
        raw.send(20 * chunk(rpc(GET_CONFIG.replace("running", "candidate"))))
        replies = {raw.chunked() for _ in range(20)}
        assert len(replies) == 1
        assert COMMENT in replies.pop().decode()
        assert raw.ask("<discard-changes/>") == REPLY_OK
        assert raw.ask("<close-session/>") == REPLY_OK
        assert raw.rest() == b""


ECHOED = {
    "plain": f'xmlns="{NETCONF}" message-id="a b&amp;c"',
    "others": f'xmlns="{NETCONF}" message-id="1" user="&lt;x&gt;" empty=""',
    "of another namespace": f'xmlns="{NETCONF}" xmlns:ex="urn:example:1" message-id="1" ex:at="5"',
    "of XML": f'xmlns="{NETCONF}" message-id="1" xml:lang="de"',
    "unused prefixes": f'xmlns="{NETCONF}" xmlns:u="urn:unused" message-id="1"',
    "white space": f'xmlns="{NETCONF}" message-id="1" text="a&#10;b&#9;c&#13;d"',
}


@pytest.mark.parametrize("attributes", ECHOED.values(), ids=ECHOED)
def test_every_attribute_of_rpc_is_in_the_reply(place, attributes):
    with place.talking("UNIX socket") as raw:
        for operation in ("<discard-changes/>", GET_CONFIG, "<no-such/>", ""):
            raw.send(chunk(f"<rpc {attributes}>{operation}</rpc>".encode()))
            reply = raw.chunked().decode()
            assert reply.startswith(f"<rpc-reply {attributes}>"), reply
