"""smcroutectl of smcroute 2.6, which Debian does not have yet: what it sends and what it prints.

Its options beyond those of Debian's 2.5 are -j and what is pending.  The messages are written
here octet by octet, not by the code that they test.
"""

from __future__ import annotations

import json
import socket
import struct

import pytest

from lab import wait_for
from lab.daemon import DEBIAN_CLIENT

PIECE = 1024
"""Octets that the client sends at the most, and receives at once."""

BRIEF, DETAILED, JSON = "s", "S", "J"
"""What `show` sends: without an option, with -d, and with -j, which wins over -d."""

MANY = 60


def ask(daemon, letter, *words):
    """What the daemon answers to one command."""
    arguments = b"".join(word.encode() + b"\0" for word in words) + b"\0"
    header = struct.pack("=QHH4x", 16 + len(arguments), ord(letter), len(words))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(daemon.control_socket))
        connection.sendall(header + arguments)
        answer = b""
        while piece := connection.recv(PIECE):
            answer += piece
    return answer


def printed(answer):
    """What the client prints of a show with -p: it reads lines of less than PIECE octets.

    The NUL that ends the answer is a line too, and empty.
    """
    lines = []
    for line in answer.decode().replace("\0", "").split("\n"):
        parts = [line[start : start + PIECE - 1] for start in range(0, len(line), PIECE - 1)]
        for part in parts or [""]:
            title, heading = part.endswith("_"), part.endswith("=")
            if len(part) > 1 and (title or heading):
                rule = ("_" if title else "=") * max(79, len(part) - 1)
                lines += [rule, part[:-1], *([rule] if heading else [])]
            else:
                lines.append(part)
    return "".join(f"{line}\n" for line in lines)


@pytest.fixture
def daemon(router):
    started = router.start("mroute from nope0 group 225.4.0.1 to out0\n")
    router.join("225.1.2.3")
    for number in range(MANY):
        source = f"10.0.0.{number + 1}"
        assert ask(started, "a", "in0", source, "225.9.9.9", "out0", "out1") == b"\0"
    assert ask(started, "a", "in0", "225.1.0.0/16", "out0") == b"\0"
    assert ask(started, "j", "in0", "192.0.2.10", "232.1.1.0/30") == b"\0"
    assert router.exchange("192.0.2.10", "225.1.2.3") == [20, 0]
    router.sender.send("192.0.2.10", "225.8.8.8", 1)
    wait_for(lambda: b"225.8.8.8" in ask(started, BRIEF), "the stop entry")
    return started


def test_json(router, daemon):
    def shown(*words):
        return json.loads(printed(ask(daemon, JSON, *words)))

    template = {"source": None, "group": "225.1.0.0/16", "iif": "in0", "oifs": ["out0"]}
    static = [
        {"source": f"10.0.0.{n + 1}", "group": "225.9.9.9", "iif": "in0", "oifs": ["out0", "out1"]}
        for n in range(MANY)
    ]
    learned = {"source": "192.0.2.10", "group": "225.1.2.3", "iif": "in0", "oifs": ["out0"]}
    stop = {"source": "192.0.2.10", "group": "225.8.8.8", "iif": "in0", "oifs": []}
    assert len(ask(daemon, JSON)) > 2 * PIECE
    for words in ((), ("routes",), ("r",), ("anything",)):
        routes = shown(*words)["routes"]
        assert routes["asm"] == [template]
        assert sorted(routes["ssm"], key=str) == sorted(static, key=str)
        assert sorted(routes["kernel"], key=str) == sorted([*static, learned, stop], key=str)
    group = {"source": "192.0.2.10", "group": "232.1.1.0/30", "iif": "in0"}
    joined = [group | {"group": f"232.1.1.{n}"} for n in range(4)]
    groups = shown("groups")["groups"]
    assert groups["conf"] == [group]
    assert sorted(groups["kernel"], key=str) == joined
    index = router.lab.router.interface_index
    # The route that waits for nope0 was the first to name out0.
    assert shown("interfaces") == {
        "interfaces": [
            {"index": 1, "name": "lo", "vif": None, "mif": None},
            {"index": index("in0"), "name": "in0", "vif": 1, "mif": None},
            {"index": index("out0"), "name": "out0", "vif": 0, "mif": None},
            {"index": index("out1"), "name": "out1", "vif": 2, "mif": None},
        ]
    }
    assert shown("pending") == {
        "pending": [
            {
                "kind": "mroute",
                "iif": "nope0",
                "source": None,
                "group": "225.4.0.1",
                "oifs": ["out0"],
            }
        ]
    }


def test_tables(daemon):
    """What 2.6 prints is what 2.5 prints, which runs here."""
    for options, letter in (((), BRIEF), (("-d",), DETAILED)):
        for words in ((), ("routes",), ("groups",), ("interfaces",), ("pending",)):
            said = daemon.control("-p", *options, "show", *words, client=DEBIAN_CLIENT).stdout
            assert printed(ask(daemon, letter, *words)) == said
            assert len(said.splitlines()) > 1


def test_commands_and_errors(router, daemon):
    assert ask(daemon, "r", "in0", "225.1.0.0/16") == b"\0"
    assert ask(daemon, "l", "in0", "192.0.2.10", "232.1.1.0/30") == b"\0"
    assert ask(daemon, "F") == b"\0"
    assert b"225.8.8.8" not in ask(daemon, BRIEF)
    # Words of a batch that were two blanks apart, and what the client lets through.
    for letter, words in (
        ("a", ("", "in0", "225.1.2.3", "out0")),
        ("a", ("in0", "10.0.0.1", "10.0.0.2", "out0")),
        ("r", ("in0", "225.1.0.0/16")),
        ("l", ("in0", "225.1.2.3")),
        ("j", ("in0",)),
        ("x", ()),
    ):
        answer = ask(daemon, letter, *words)
        assert len(answer) > 1
        assert answer.endswith(b"\0")
        assert b"\n" not in answer
    assert ask(daemon, "H") == b"\0"
    wait_for(lambda: b"225.9.9.9" not in ask(daemon, BRIEF), "what the file does not say gone")
    assert ask(daemon, "k") == b"\0"
    wait_for(lambda: not daemon.running, "the daemon's end")
