"""The messages of the smcroutectl socket."""

from __future__ import annotations

import contextlib
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcroute_agent.compat import ipc

ADD = (
    (45).to_bytes(8, sys.byteorder)
    + (97).to_bytes(2, sys.byteorder)
    + (4).to_bytes(2, sys.byteorder)
    + b"\0\0\0\0eth0\x001.2.3.4\x00225.1.1.1\0eth1\0"
    b"\0"
)
"""What Debian's smcroutectl 2.5.6 sends for: add eth0 1.2.3.4 225.1.1.1 eth1 ."""

words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)


def message(length, letter=97, count=0, body=b"\0"):
    return struct.pack("@QHH4x", length, letter, count) + body


def test_the_octets_of_the_c_client():
    request = ("a", ("eth0", "1.2.3.4", "225.1.1.1", "eth1"))
    assert ipc.decode_request(ADD) == request
    assert ipc.encode_request(*request) == ADD


@pytest.mark.parametrize("word", ["\u00e9th0", b"\xe9th0".decode("latin-1")])
def test_an_argument_beyond_ascii_is_refused(word):
    with pytest.raises(ipc.MalformedRequest, match="not plain ASCII"):
        ipc.decode_request(ipc.encode_request("a", (word, "225.1.2.3")))


@given(st.sampled_from("arjlFHksSJ"), st.lists(words.filter(str.isascii), max_size=10))
def test_a_request_arrives_as_it_was_sent(letter, arguments):
    octets = ipc.encode_request(letter, arguments)
    assert ipc.decode_request(octets) == (letter, tuple(arguments))
    assert all(ipc.decode_request(octets[:end]) is None for end in range(len(octets)))


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (message(1025), "1025 octets, more than 1024"),
        (message(2**64 - 1), "more than 1024"),
        (message(16), "length 16"),
        (message(0), "length 0"),
        (message(18, body=b"\0\0\0"), "1 octets behind"),
        (message(17, letter=0), "letter 0"),
        (message(17, letter=0xE9), "letter 233"),
        (message(17, body=b"x"), "final NUL"),
        (message(20, count=1, body=b"eth\0"), "argument without its final NUL"),
        (message(21, count=2, body=b"eth\0\0"), "1 arguments where the header says 2"),
        (message(17, count=65535), "0 arguments where"),
        (message(21, count=0, body=b"eth\0\0"), "1 arguments where"),
    ],
)
def test_malformed(octets, says):
    with pytest.raises(ipc.MalformedRequest, match=says):
        ipc.decode_request(octets)


@given(st.binary(max_size=64))
def test_any_octets_are_refused_or_understood(octets):
    for candidate in (octets, message(16 + len(octets), count=octets.count(0), body=octets)):
        with contextlib.suppress(ipc.MalformedRequest):
            ipc.decode_request(candidate)


def test_a_request_that_is_too_long():
    with pytest.raises(ipc.MalformedRequest, match="more than 1024"):
        ipc.encode_request("a", ["interface"] * 101)


def test_replies():
    assert ipc.encode_reply() == b"\0"
    assert ipc.encode_reply("a\0b") == b"a?b\0"
    assert ipc.encode_error("") != b"\0"
    assert ipc.encode_error(" it\n") == b"it\0"
    assert len(ipc.encode_error("é" * 5000)) <= ipc.REPLY_PIECE
    assert ipc.decode_reply(b"") is None
    assert ipc.decode_reply(b"\0") == ""
    assert ipc.decode_reply(b"text\0") == "text"


def test_a_reply_does_not_steer_the_terminal():
    """The agent faces the network, and root looks at what it says."""
    said = "a\x1b[2Jb\r\x9b5mc\x7f\td\ne"
    assert ipc.decode_reply(said.encode() + b"\0") == ("a\\x1b[2Jb\\x0d\\x9b5mc\\x7f\\x09d\ne")
