"""smcroutectl -b: lines that are sent together, each with its own error."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from lab import wait_for
from smcroute_agent.ctl import connection, lines
from smcroute_agent.rules import Mgroup


def test_batch(server, batch):
    code, output, errors = batch(
        b"# c\n\njoin eth0 225.8.8.8\njoin eth0 225.8.8.8\nbad\nsh -x\n flush\n"
    )
    assert (code, output) == (1, "")
    assert [line.split(":")[1] for line in errors.splitlines()] == [" line 4", " line 5", " line 6"]
    assert Mgroup("eth0", "*", "225.8.8.8") in server.router.rules.values()
    assert server.router.calls == ["2 edits", "flush"]


def test_lines_that_are_there_together_are_sent_together(server, batch):
    adds = "".join(f"add eth0 225.2.{n // 200}.{n % 200} eth1\r\n" for n in range(250))
    assert batch(adds.encode()) == (0, "", "")
    assert server.router.calls == ["100 edits", "100 edits", "50 edits"]
    assert len(server.router.rules) == 251
    assert len(server.peers) == 4


def test_every_line_has_its_own_error_and_its_place(server, batch):
    written = [
        b"join eth0 225.8.8.8",
        b"join eth0 225.8.8.8",
        b"add eth0",
        b"add eth0 10.0.0.1",
        b"add \xff 225.1.1.1",
        b"sh -x",
        b"join eth0 225.8.8.9",
        b"j eth0 225.8.8.8",
        b"show gr",
        b"leave eth0 225.8.8.7",
        b"add " + b"eth0 " * 300,
        b"del eth0 10.0.0.1 225.1.2.3",
    ]
    code, output, errors = batch(b"\n".join(written))
    assert code == 1
    assert "225.8.8.9" in output
    assert [error.split(":")[1:3] for error in errors.splitlines()] == [
        [" line 2", " (*, 225.8.8.8) on eth0 is joined already"],
        [" line 3", " too few words for add; write"],
        [" line 4", " '10.0.0.1' is no multicast group; use an address of 224.0.0.0/4"],
        [" line 5", " an argument that is not plain ASCII; interface names and addresses have no"
         " other characters"],
        [" line 6", " unknown subject '-x'; use one of"],
        [" line 8", " (*, 225.8.8.8) on eth0 is joined already"],
        [" line 10", " (*, 225.8.8.7) on eth0 is not joined; 'smcroutectl show groups' tells which"
         " groups are"],
        [" line 11", " a command of 1517 octets, more than 1024; give fewer interfaces at a time; "
         "adding to a route keeps those that it has"],
    ]  # fmt: skip
    assert set(server.router.rules.values()) == {
        Mgroup("eth0", "*", "225.8.8.8"),
        Mgroup("eth0", "*", "225.8.8.9"),
    }


def test_lines_are_done_as_they_come(server, run, monkeypatch):
    """Whoever writes a line and then looks must find it done, though the input goes on."""
    reader, writer = os.pipe()
    with open(reader) as stdin, open(writer, "wb", buffering=0) as pipe:
        monkeypatch.setattr(sys, "stdin", stdin)
        client = threading.Thread(target=run, args=("-b",))
        client.start()
        for number in range(3):
            pipe.write(f"join eth0 225.8.8.{number}\njoin eth0 225.8.9.{number}\nj".encode())
            wait_for(lambda: len(server.router.rules) == 3 + 2 * number, "both lines done")  # noqa: B023
            pipe.write(b"oin x\n")
        pipe.close()
        client.join()


class Answering(threading.Thread):
    """A daemon that gives these replies, each to one connection, and remembers the requests."""

    def __init__(self, listener, *replies):
        super().__init__()
        self.listener = listener
        self.replies = replies
        self.requests = []
        self.start()

    def run(self):
        for reply in self.replies:
            connection = self.listener.accept()[0]
            with connection:
                self.requests.append(connection.recv(1 << 20))
                connection.sendall(reply)


JOINS = b"join eth0 225.1.1.1\njoin eth0 225.1.1.2\njoin eth0 225.1.1.3\n"


@pytest.mark.parametrize("reply", [b"Unknown or malformed IPC message 'b' from client.\0", b"\0",
                                   b"", b"0\0", b"1\0", b"-3\0", b"999999999999\0"])  # fmt: skip
def test_a_daemon_that_takes_no_batches_gets_none(mute, batch, reply):
    daemon = Answering(mute, reply, b"\0", b"no\0", b"\0")
    assert batch(JOINS) == (1, "", "smcroutectl: line 2: no\n")
    daemon.join()
    assert [request[8:9] for request in daemon.requests] == [b"b", b"j", b"j", b"j"]


def test_a_daemon_that_takes_two_commands_at_a_time_gets_two(mute, batch):
    daemon = Answering(mute, b"2\0", b"\0no\0", b"\0")
    assert batch(JOINS) == (1, "", "smcroutectl: line 2: no\n")
    daemon.join()
    assert len(daemon.requests) == 3


def test_a_daemon_that_ends_within_a_batch(mute, batch):
    """What has no answer is said of each line, and the lines behind the batch are tried."""
    daemon = Answering(mute, b"2\0", b"\0", b"\0")
    code, _, errors = batch(JOINS)
    daemon.join()
    assert code == 1
    assert errors.count("\n") == 1
    assert "line 2: the daemon closed" in errors


def test_a_batch_without_a_daemon(batch):
    code, _, errors = batch(JOINS)
    assert code == 1
    assert [line.split(";")[0].split(" on ")[0] for line in errors.splitlines()] == [
        f"smcroutectl: line {number}: no smcrouted answers" for number in (1, 2, 3)
    ]


def test_a_daemon_that_takes_a_batch_and_is_silent(mute, batch, monkeypatch):
    monkeypatch.setattr(connection, "TIMEOUT", 0.05)
    monkeypatch.setattr(lines._Edits, "_size", lambda self: 3)
    errors = batch(JOINS)[2]
    assert errors.count("no answer on") == 3
