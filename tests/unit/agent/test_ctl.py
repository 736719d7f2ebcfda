"""smcroutectl: its command line, what it prints, its exit codes."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading

import pytest

from lab import wait_for
from smcroute_agent import __version__, ctl
from smcroute_agent.compat.tables import InterfaceRow
from smcroute_agent.ctl import commands, connection, lines, options, terminal
from smcroute_agent.errors import UsageError
from smcroute_agent.rules import Mgroup, Mroute
from tests.unit.agent.compat.memory import MemoryRouter
from tests.unit.agent.compat.serving import serving

ROUTE = Mroute("eth0", "10.0.0.1", "225.1.2.3", ("eth1",))


@pytest.fixture
def server(tmp_path):
    router = MemoryRouter(ROUTE)
    router.known = [InterfaceRow(1, "lo", None, None)]
    with serving(tmp_path / "s", router) as made:
        yield made


@pytest.fixture
def run(capsys, tmp_path):
    """Run smcroutectl on the test's socket: exit code, output, errors."""

    def run(*words):
        code = ctl.main(["-u", str(tmp_path / "s"), *words])
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("arguments", "flags", "path", "words"),
    [
        ([], "", "/run/smcroute.sock", []),
        (["-i", "foo", "sh"], "", "/run/foo.sock", ["sh"]),
        (["-Ifoo"], "", "/run/foo.sock", []),
        (["--ident=foo", "-u", "x"], "", "x", []),
        (["-dptu/x", "show"], "dpt", "/x", ["show"]),
        (["show", "-j", "--detail"], "dj", "/run/smcroute.sock", ["show"]),
        (["--json", "--", "-x"], "j", "/run/smcroute.sock", ["-x"]),
    ],
)
def test_options(arguments, flags, path, words):
    parsed = options.parse(arguments)
    assert (parsed.flags, parsed.path, parsed.words) == (set(flags), path, words)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-x"], "unknown option -x"),
        (["--frob"], "unknown option --frob"),
        (["--json=1"], "takes no value"),
        (["-i"], "needs a value"),
        (["--socket="], "needs a value"),
        (["-i", "a/b"], "is no identity"),
    ],
)
def test_bad_options(arguments, says):
    with pytest.raises(UsageError, match=says):
        options.parse(arguments)


@pytest.mark.parametrize(
    ("words", "calls", "left"),
    [
        (["add", "eth0", "225.1.2.3", "eth2"], ["edit"], 2),
        (["a", "eth0", "225.1.2.3"], ["edit"], 2),
        (["remove", "eth0", "10.0.0.1", "225.1.2.3"], ["edit"], 0),
        (["rem", "eth0", "10.0.0.1", "225.1.2.3"], ["edit"], 0),
        (["d", "eth0", "10.0.0.1", "225.1.2.3"], ["edit"], 0),
        (["j", "eth0", "225.1.2.3"], ["edit"], 2),
        (["fl"], ["flush"], 1),
        (["rel"], ["reload"], 1),
        (["restart"], ["reload"], 1),
        (["k"], ["kill"], 1),
    ],
)
def test_commands(server, run, words, calls, left):
    assert run(*words) == (0, "", "")
    assert server.router.calls == calls
    assert len(server.router.rules) == left


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["re"], "the command 're' is ambiguous; use one of: remove reload"),
        (["foo"], "unknown command 'foo'"),
        (["show", "foo"], "unknown subject 'foo'; use one of: routes groups interfaces pending"),
        (["add", "eth0"], "too few words for add; write: smcroutectl add IIF [SOURCE"),
        (["leave", "eth0", "225.1.2.3"], "(*, 225.1.2.3) on eth0 is not joined"),
        (["add", "eth0", "10.0.0.1", "10.0.0.2"], "no multicast group"),
        (["add", *["eth0"] * 300], "more than 1024"),
    ],
)
def test_errors(server, run, words, says):
    code, output, errors = run(*words)
    assert (code, output) == (1, "")
    assert errors.startswith("smcroutectl: ")
    assert errors.count("\n") == 1
    assert says in errors
    assert server.router.calls == []


def test_show(server, run):
    row = "(10.0.0.1, 225.1.2.3)                      eth0  eth1\n"
    code, output, _ = run("-t", "sh", "ro")
    assert (code, output) == (0, row * 2 + "\n")
    plain = run("-p")[1].splitlines()
    assert plain[:5] == [
        "_" * 79,
        "(S,G) Rules",
        "=" * 79,
        "ROUTE (S,G)                                IIF   OIFS",
        "=" * 79,
    ]
    inverse = run("show", "int")[1]
    assert inverse.startswith("\x1b[7m INDEX PHYINT  VIF  MIF" + " " * 56 + "\x1b[0m\n     1 lo ")
    assert run("show", "gr") == (0, "", "")
    assert json.loads(run("-j", "show", "groups")[1]) == {"groups": {"conf": [], "kernel": []}}
    assert "PACKETS" in run("-d")[1]


def test_a_heading_wider_than_the_terminal():
    wide = "x" * 90
    assert terminal.render(f"{wide}=\nrow\n", {"p"}) == f"{'=' * 90}\n{wide}\n{'=' * 90}\nrow\n\n"
    assert terminal.render(f"{wide}=\nrow\n", set()) == f"\x1b[7m{wide}{' ' * 11}\x1b[0m\nrow\n\n"


def test_a_reader_that_goes_away():
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "smcroute_agent.ctl", "-h"],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.fixture
def batch(run, monkeypatch, tmp_path):
    """Run smcroutectl -b with these octets on its standard input."""

    def batch(octets, *options):
        (tmp_path / "stdin").write_bytes(octets)
        with (tmp_path / "stdin").open() as file:
            monkeypatch.setattr(sys, "stdin", file)
            return run("-b", *options)

    return batch


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


def test_help_and_version(capsys):
    for words in (["-h"], ["--help"], ["help"]):
        assert ctl.main(words) == 0
        output = capsys.readouterr().out
        assert "smcroutectl add eth0 192.0.2.42 225.1.2.3 eth1 eth2" in output
        assert all(f"\n  {name}" in output for name in commands.COMMANDS)
    for words in (["-h", "add"], ["help", "add"]):
        assert ctl.main(words) == 0
        assert capsys.readouterr().out.startswith("Usage: smcroutectl add IIF")
    assert ctl.main(["help", "del"]) == 0
    assert "also: del rem" in capsys.readouterr().out
    assert ctl.main(["-v"]) == 0
    assert __version__ in capsys.readouterr().out


def test_no_daemon(run, tmp_path):
    expected = f"no smcrouted answers on {tmp_path}/s; start smcrouted"
    assert expected in run()[2]
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(tmp_path / "s"))
    dead.close()
    code, _, errors = run("kill")
    assert code == 1
    assert expected in errors


def test_a_path_that_is_too_long(capsys):
    assert ctl.main(["-u", "x" * 200]) == 1
    assert "cannot connect to xxx" in capsys.readouterr().err


def test_no_permission(server):
    os.chmod(server.path, 0o600)
    os.chmod(server.path.parent, 0o711)
    code = (
        "import os, sys; from smcroute_agent import ctl; os.setgid(65534); os.setuid(65534);"
        "sys.exit(ctl.main(sys.argv[1:]))"
    )
    # The path is entered beforehand: what is above it may be closed to others.
    done = subprocess.run(
        [sys.executable, "-c", code, "-u", "./s", "flush"],
        cwd=server.path.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no permission to use ./s; become root" in done.stderr


@pytest.fixture
def mute(tmp_path):
    """A daemon that accepts and never answers."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen(1)
        yield listener


def test_a_daemon_that_does_not_answer(mute, run, monkeypatch):
    monkeypatch.setattr(connection, "TIMEOUT", 0.05)
    assert "no answer on" in run("flush")[2]


@pytest.fixture
def full(mute, tmp_path):
    """Connections that fill the queue of the daemon that accepts none."""
    waiting = []
    while True:
        client = socket.socket(socket.AF_UNIX)
        client.setblocking(False)
        waiting.append(client)
        try:
            client.connect(str(tmp_path / "s"))
        except BlockingIOError:
            break
    yield
    for client in waiting:
        client.close()


def test_a_full_queue_of_connections_is_waited_for(full, mute, run):
    def serve():
        """Let those that wait go, and answer the one that asks."""
        while True:
            connection = mute.accept()[0]
            connection.settimeout(0.1)
            with connection, contextlib.suppress(TimeoutError):
                if connection.recv(100):
                    connection.sendall(b"\0")
                    return

    server = threading.Timer(0.1, serve)
    server.start()
    assert run("flush") == (0, "", "")
    server.join()


def test_a_queue_of_connections_that_stays_full(full, run, monkeypatch):
    monkeypatch.setattr(connection, "TIMEOUT", 0.05)
    assert "accepts nothing on" in run("flush")[2]


def test_a_daemon_that_closes_without_an_answer(mute, run):
    closer = threading.Thread(target=lambda: mute.accept()[0].close())
    closer.start()
    code, _, errors = run("flush")
    closer.join()
    assert code == 1
    assert "without an answer" in errors


def test_only_the_standard_library_and_little_of_it():
    modules = subprocess.run(
        [sys.executable, "-c", "import sys, smcroute_agent.ctl; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"argparse", "asyncio", "logging", "lxml", "json", "subprocess"} & set(modules)
