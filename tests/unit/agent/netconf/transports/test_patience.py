"""A client that does not go on with its message, beside some that do, on a real UNIX socket."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from smcroute_agent.netconf.framing import Decoder
from smcroute_agent.netconf.server import Limits
from smcroute_agent.netconf.session import Session
from tests.unit.agent.netconf.agent import Agent, edit, mroute, running, smcroute
from tests.unit.agent.netconf.wire import HELLO_1_0, HELLO_1_1, chunk, rpc

TIMEOUT = 0.4
LOCK = "<lock><target><running/></target></lock>"


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Agent]:
    """An agent that waits TIMEOUT for the rest of a message."""
    with running(tmp_path, Limits(message_timeout=TIMEOUT)) as agent:
        yield agent


def a_moment(agent: Agent) -> None:
    """Return when a part of TIMEOUT has passed."""
    end = agent.loop.time() + TIMEOUT / 20
    agent.until(lambda: agent.loop.time() > end)


def let_time_pass(agent: Agent) -> None:
    """Return when a client that sent half a message has been given up, begun after this call."""
    with agent.connect() as half:
        half.sock.sendall(b"\n#100\n<rpc")
        assert half.at_end()


@pytest.mark.parametrize(
    ("greeting", "half"),
    [
        pytest.param(HELLO_1_1, b"\n", id="nothing of a header but its newline"),
        pytest.param(HELLO_1_1, b"\n#1", id="half a header"),
        pytest.param(HELLO_1_1, b"\n#100\n", id="a header"),
        pytest.param(HELLO_1_1, b"\n#100\n<rpc", id="half a chunk"),
        pytest.param(HELLO_1_1, b"\n#4\n<rpc", id="a chunk"),
        pytest.param(HELLO_1_1, chunk(rpc("<get/>"))[:-1], id="all but the last octet"),
        pytest.param(HELLO_1_0, b"<rpc", id="base:1.0"),
    ],
)
def test_half_a_message(hasty: Agent, greeting: bytes, half: bytes) -> None:
    ends: list[Session] = []
    hasty.do(lambda: hasty.server.on_close.append(ends.append))
    with hasty.connect(greeting) as client:
        client.sock.sendall(half)
        if half == b"\n":
            # It may as well be the end of the line of the message before.
            let_time_pass(hasty)
            client.sock.sendall(b"#100\n")
        assert client.at_end()
        session_id = client.session_id
    reasons = {session.session_id: session.end_reason for session in ends}
    assert reasons[session_id] == "timeout"


def test_its_locks_are_free_then(hasty: Agent) -> None:
    with hasty.connect() as half, hasty.connect() as other:
        half.ok(LOCK)
        half.sock.sendall(b"\n#100\n<rpc")
        assert half.at_end()
        other.ok(LOCK)


@pytest.mark.parametrize("between", [b"", b"\n", b"\r\n\r\n"])
def test_there_may_be_any_time_between_two_messages(hasty: Agent, between: bytes) -> None:
    with hasty.connect() as idle:
        idle.ask("<get/>")
        idle.sock.sendall(between)
        for _ in range(2):
            let_time_pass(hasty)
        idle.ask("<get/>")


def test_a_message_may_come_slowly(hasty: Agent) -> None:
    octets = chunk(rpc("<get/>", 1))
    with hasty.connect() as slow:
        begin = hasty.loop.time()
        for at in range(len(octets)):
            slow.sock.sendall(octets[at : at + 1])
            # Each octet has arrived before the next is sent, which takes its time.
            hasty.until(lambda: hasty.loop.time() > begin + at * TIMEOUT / 20)  # noqa: B023
        assert hasty.loop.time() > begin + 2 * TIMEOUT
        assert b"rpc-reply" in slow.read()


def test_the_time_that_the_agent_takes_does_not_count(hasty: Agent, tmp_path: Path) -> None:
    hasty.do(hasty.may_apply.clear)
    with hasty.connect() as client:
        client.send(edit(smcroute(mroute("225.1.1.1", "eth1"))))
        client.message_id += 1
        octets = chunk(rpc("<get/>", client.message_id))
        client.sock.sendall(octets[:20])
        for _ in range(2):
            let_time_pass(hasty)
        hasty.do(hasty.may_apply.set)
        assert b"<ok/>" in client.read()
        client.sock.sendall(octets[20:])
        assert b"225.1.1.1" in client.read()


def test_patience_goes_on_when_the_agent_is_done(hasty: Agent) -> None:
    hasty.do(hasty.may_apply.clear)
    with hasty.connect() as client:
        client.send(edit(smcroute(mroute("225.1.1.1", "eth1"))))
        client.sock.sendall(b"\n#100\n<rpc")
        for _ in range(2):
            let_time_pass(hasty)
        hasty.do(hasty.may_apply.set)
        assert b"<ok/>" in client.read()
        assert client.at_end()


@pytest.mark.parametrize("greeting", [HELLO_1_0, HELLO_1_1])
def test_a_message_may_not_come_for_ever(tmp_path: Path, greeting: bytes) -> None:
    with (
        running(tmp_path, Limits(message_timeout=TIMEOUT, message_time=3 * TIMEOUT)) as agent,
        agent.connect(greeting) as idle,
        agent.connect(greeting) as slow,
    ):
        begin = agent.loop.time()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for octet in b"\n#1000\n" + b" " * 990:
                slow.sock.sendall(bytes([octet]) if greeting is HELLO_1_1 else b"<")
                a_moment(agent)
        assert slow.at_end()
        assert agent.loop.time() > begin + 2.9 * TIMEOUT
        # The time before a message does not count.
        octets = rpc("<close-session/>").encode()
        octets = chunk(octets) if greeting is HELLO_1_1 else octets + b"]]>]]>"
        for at in range(0, len(octets), 20):
            idle.sock.sendall(octets[at : at + 20])
            a_moment(agent)
        idle.at_end()
        assert b"<ok/>" in idle.octets


@pytest.mark.parametrize("chunked", [True, False])
def test_what_has_begun(chunked: bool) -> None:
    decoder = Decoder()
    decoder.chunked = chunked
    assert not decoder.begun
    decoder.feed(b"\n" if chunked else b" \r\n\t")
    assert decoder.next() is None
    assert not decoder.begun
    for piece in (b"#3\n<", b"/>", b"\n##") if chunked else (b"<", b"/>", b"]]>]]"):
        decoder.feed(piece)
        assert decoder.next() is None
        assert decoder.begun
    decoder.feed(b"\n" if chunked else b">")
    assert decoder.next() == b"</>"
    assert not decoder.begun
