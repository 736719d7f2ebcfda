"""Many commands in one message: the octets."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcroute_agent.compat import batch, ipc

ADD = ipc.encode_request("a", ["eth0", "225.1.2.3", "eth1"])
B = ord(batch.LETTER)
JOIN = ipc.encode_request("j", ["eth0", "225.1.2.3"])

words = st.text("eth0.1:/", max_size=9)
requests = st.tuples(st.sampled_from("arjl"), st.lists(words, max_size=5).map(tuple))


def header(length, count, letter=B):
    return ipc.HEADER.pack(length, letter, count)


@given(st.lists(requests, min_size=1, max_size=6), st.data())
def test_commands_arrive_as_they_were_sent(sent, data):
    octets = batch.encode([ipc.encode_request(*request) for request in sent])
    assert batch.begins(octets)
    assert batch.decode(octets) == sent
    cut = data.draw(st.integers(ipc.HEADER.size, len(octets) - 1))
    assert batch.decode(octets[:cut]) is None


@pytest.mark.parametrize("octets", [b"", ADD[:15], ADD, ipc.encode_request("b", []), JOIN])
def test_single_requests_are_no_batch(octets):
    assert not batch.begins(octets)


def test_the_largest_batch():
    request = ipc.encode_request("a", ["x" * (ipc.MAX_REQUEST - ipc.HEADER.size - 2)])
    assert len(request) == ipc.MAX_REQUEST
    octets = batch.encode([request] * batch.MAX_COMMANDS)
    assert len(octets) == batch.MAX_MESSAGE
    assert len(batch.decode(octets)) == batch.MAX_COMMANDS
    for many in (batch.MAX_COMMANDS + 1, 65535):
        with pytest.raises(ipc.MalformedRequest, match=f"a batch of {many} commands"):
            batch.decode(batch.encode([JOIN] * many)[: ipc.HEADER.size])


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (header(2**64 - 1, 1), "18446744073709551615 octets"),
        (header(batch.MAX_MESSAGE + 1, 1), "more than 100 and"),
        (header(0, 1), "whole commands"),
        (header(16, 1), "whole commands"),
        (header(17, 1) + b"\0", "whole commands"),
        (header(16 + len(ADD), 2) + ADD, "whole commands"),
        (header(16 + 2 * len(ADD), 1) + ADD + ADD, "behind the commands"),
        (header(16 + len(ADD), 1) + ADD + b"x", "behind the commands"),
        (header(15 + len(ADD), 1) + ADD[:-1], "whole commands"),
        (header(48, 1) + header(16, 0, 97) + b"\0" * 16, "whole commands"),
        (header(48, 1) + header(2**63, 0, 97) + b"\0" * 16, "whole commands"),
        (header(1057, 1) + header(1041, 0, 97) + b"\0" * 1025, "whole commands"),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(octets, says):
    with pytest.raises(ipc.MalformedRequest, match=says):
        batch.decode(octets)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (ipc.encode_request("s", []), "letter 's' in a batch"),
        (ipc.encode_request("k", []), "letter 'k'"),
        (ipc.encode_request("b", []), "letter 'b'"),
        (header(17, 1) + b"\0", "letter 'b'|header says 1"),
        (ipc.encode_request("a", ["\u00e9th0", "225.1.2.3"]), "plain ASCII"),
        (header(20, 7, 97) + b"a\0b\0", "final NUL|header says 7"),
        (header(17, 0, 0) + b"\0", "letter 0"),
    ],
)
def test_a_bad_command_is_bad_alone(bad, says):
    first, second, third = batch.decode(batch.encode([ADD, bad, JOIN]))
    assert (first, third) == (ipc.decode_request(ADD), ipc.decode_request(JOIN))
    assert isinstance(second, ipc.MalformedRequest)
    assert second.message
    with pytest.raises(ipc.MalformedRequest, match=says):
        raise second


@given(st.lists(st.binary(max_size=60), max_size=4), st.integers(1, 5), st.data())
def test_garbage_is_refused_or_waited_for(pieces, count, data):
    body = b"".join(data.draw(st.sampled_from([piece, ADD, JOIN])) for piece in pieces)
    length = data.draw(st.sampled_from([16 + len(body), 17, 500]))
    with contextlib.suppress(ipc.MalformedRequest):
        found = batch.decode(header(length, count) + body)
        assert found is None or len(found) == count
