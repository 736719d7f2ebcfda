"""smcroutectl and a daemon that is not there, does not answer or must not be asked."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading

import pytest

from smcroute_agent import ctl
from smcroute_agent.ctl import connection


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
