"""The smcroutectl socket: clients that behave and clients that do not."""

from __future__ import annotations

import json
import logging
import os
import select
import threading

import pytest

from lab.wait import wait_for
from smcroute_agent.compat import batch, ipc
from smcroute_agent.errors import EngineError
from smcroute_agent.rules import Mroute
from tests.unit.agent.compat.memory import MemoryRouter
from tests.unit.agent.compat.serving import serving

ADD = ipc.encode_request("a", ["eth0", "225.1.2.3", "eth1"])
SHOW = ipc.encode_request("s", [])
ROUTE = Mroute("eth0", "*", "225.1.2.3", ("eth1",))


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path / "s", MemoryRouter(), request_timeout=0.3, reply_timeout=0.3) as made:
        yield made


def test_a_change_is_done_when_the_reply_comes(server, caplog):
    caplog.set_level(logging.INFO)
    assert server.talk(ADD) == b"\0"
    assert list(server.router.rules.values()) == [ROUTE]
    assert [peer[:3] for peer in server.peers] == [(os.getpid(), os.getuid(), os.getgid())]
    who = f"uid {os.getuid()}, pid {os.getpid()}"
    line = f"smcroutectl add eth0 225.1.2.3 eth1 by {who}: done"
    wait_for(lambda: line in caplog.text, "the line in the log")


def test_an_error_is_text_and_logged(server, caplog):
    caplog.set_level(logging.INFO)
    server.router.refuse = EngineError("no VIF is left", remedy="take one away")
    assert server.talk(ADD) == b"no VIF is left; take one away\0"
    wait_for(lambda: "pid" in caplog.text and "no VIF is left" in caplog.text, "a line")


def test_no_line_can_be_forged_in_the_log(server, caplog):
    caplog.set_level(logging.INFO)
    server.talk(ipc.encode_request("j", ["eth0\nsmcrouted: all is well", "225.1.2.3"]))
    wait_for(lambda: r"eth0\nsmcrouted" in caplog.text, "the line in the log")


def test_a_failure_of_ours_is_no_success(server, caplog):
    server.router.edit = None
    assert len(server.talk(ADD)) > 1
    assert "Traceback" in caplog.text


def test_octet_by_octet(server):
    with server.connect() as connection:
        for position in range(len(ADD)):
            connection.sendall(ADD[position : position + 1])
        assert connection.recv(1024) == b"\0"
        assert connection.recv(1024) == b""


def test_kill_comes_after_the_reply(server):
    assert server.talk(ipc.encode_request("k", [])) == b"\0"
    assert server.router.calls == ["kill"]


def test_a_silent_client_is_closed(server):
    assert b"no whole command" in server.talk(b"")


def test_half_a_message(server):
    assert b"no whole command" in server.talk(ADD[:20])
    assert server.talk(ADD[:20], end=True) == b"half a message; use smcroutectl\0"
    assert server.talk(b"", end=True) == b""
    assert server.router.calls == []


@pytest.mark.parametrize("extra", [b"x", ADD])
def test_more_than_a_message(server, extra):
    assert b"octets behind the message" in server.talk(ADD + extra)
    assert server.router.calls == []


def test_a_message_of_1025_octets_is_answered_with_an_error(server):
    octets = ipc.HEADER.pack(1025, ord("a"), 1) + b"x" * 1007 + b"\0\0"
    assert b"1025 octets, more than 1024" in server.talk(octets)


def test_a_client_that_still_sends_gets_its_answer(server):
    with server.connect() as connection:
        connection.sendall(ipc.HEADER.pack(5000, ord("a"), 1))
        assert b"5000 octets" in connection.recv(1024)
        assert connection.recv(1024) == b""
        connection.sendall(b"x" * 4000)


def test_a_message_of_10_megabytes_is_refused_early(server):
    octets = ipc.HEADER.pack(10_000_016, ord("a"), 1) + b"x" * 10_000_000
    server.talk(octets)
    assert server.router.calls == []
    assert server.talk(ADD) == b"\0"


def test_silent_clients_do_not_stop_the_others_for_long(tmp_path):
    limits = {"request_timeout": 0.3, "max_connections": 4}
    with serving(tmp_path / "s", MemoryRouter(), **limits) as server:
        silent = [server.connect() for _ in range(20)]
        assert server.talk(ADD) == b"\0"
        for connection in silent:
            connection.close()


def test_a_client_that_does_not_read_is_left(server):
    server.router.rules = {
        ("mroute", str(n)): Mroute("eth0", "*", "225.1.2.3", ("eth1",) * 30) for n in range(5000)
    }
    with server.connect() as connection:
        connection.sendall(SHOW)
        assert server.talk(ipc.encode_request("F", [])) == b"\0"
        poll = select.poll()
        poll.register(connection, select.POLLRDHUP)
        assert poll.poll(10_000)
        reply = b""
        while piece := connection.recv(65536):
            reply += piece
    assert reply
    assert not reply.endswith(b"\0")


def routes(*numbers):
    return [ipc.encode_request("a", ["eth0", f"225.0.1.{number}", "eth1"]) for number in numbers]


def test_a_batch_is_answered_command_by_command(server, caplog):
    caplog.set_level(logging.INFO)
    wrong = ipc.encode_request("a", ["eth0", "10.0.0.1", "eth1"])
    unreadable = ipc.encode_request("a", ["\u00e9th0", "225.1.2.3"])
    reply = server.talk(batch.encode([*routes(1, 2), wrong, unreadable, *routes(3), *routes(4)]))
    texts = reply.split(b"\0")
    assert texts[:2] + texts[4:] == [b""] * 5
    assert b"the group 'eth1' is no IP address" in texts[2]
    assert b"plain ASCII" in texts[3]
    assert len(server.router.rules) == 4
    assert server.router.calls == ["2 edits", "2 edits"]
    assert [peer[:3] for peer in server.peers] == [(os.getpid(), os.getuid(), os.getgid())]
    assert caplog.text.count(": done") == 4


def test_whoever_asks_learns_how_many_commands_a_batch_may_have(server):
    assert server.talk(ipc.encode_request("b", [])) == b"100\0"
    assert server.router.calls == []


def test_the_errors_of_a_batch_are_those_of_its_commands(server):
    server.router.refuse = EngineError("no VIF is left", remedy="take one away")
    assert server.talk(batch.encode(routes(1, 2))) == b"no VIF is left; take one away\0" * 2
    server.router.edit_together = None
    server.router.edit = None
    assert server.talk(batch.encode(routes(1, 2))).count(b"its log tells why\0") == 2


def test_a_batch_in_pieces(server):
    octets = batch.encode(routes(1, 2, 3))
    with server.connect() as connection:
        for piece in (octets[:1], octets[1:20], octets[20:-1], octets[-1:]):
            connection.sendall(piece)
        assert connection.recv(1024) == b"\0\0\0"
        assert connection.recv(1024) == b""


@pytest.mark.parametrize(
    ("octets", "end", "says"),
    [
        (batch.encode(routes(1, 2))[:-1], False, b"no whole command within"),
        (batch.encode(routes(1, 2))[:-1], True, b"half a message"),
        (batch.encode(routes(1, 2))[:20], True, b"half a message"),
        (batch.encode(routes(1, 2)) + b"x", False, b"behind the commands"),
        (batch.encode(routes(1) * 101), False, b"a batch of 101 commands"),
        (ipc.HEADER.pack(10_000_000, ord("b"), 7) + b"x" * 10_000_000, False, b"more than 100"),
        (ipc.HEADER.pack(1000, ord("b"), 7) + b"x" * 984, False, b"whole commands"),
    ],
)
def test_what_is_no_whole_batch_changes_nothing(server, octets, end, says):
    assert says in server.talk(octets, end=end)
    assert server.router.calls == []
    assert server.talk(batch.encode(routes(1, 2))) == b"\0\0"


def test_many_at_once(server):
    replies = []
    clients = [
        threading.Thread(target=lambda: replies.append(server.talk(SHOW))) for _ in range(200)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert replies == [b"\0"] * 200


def test_json_arrives_in_pieces_that_may_be_split_by_newlines(server):
    server.router.rules = {
        ("mroute", str(n)): Mroute("eth0", "*", f"225.1.2.{n}", ("eth1",)) for n in range(200)
    }
    with server.connect() as connection:
        connection.sendall(ipc.encode_request("J", ["routes"]))
        pieces = []
        while piece := connection.recv(1024):
            pieces.append(piece)
    assert {len(piece) for piece in pieces[:-1]} == {1024}
    shown = json.loads(b"\n".join(pieces).rstrip(b"\0"))
    assert len(shown["routes"]["asm"]) == 200
