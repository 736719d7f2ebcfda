"""What smcrouted tells a service manager (sd_notify(3)), seen on a socket such as systemd's."""

from __future__ import annotations

import os
import signal
import socket
import time

import pytest

from lab import Daemon, wait_for
from lab.daemon import NotReady

ROUTE = "mroute from in0 group 225.1.2.3 to out0\n"
BAD_LINE = "mroute from in0 group 192.0.2.1 to out0\n"


class Manager:
    """The receiving end of NOTIFY_SOCKET."""

    def __init__(self, host, address):
        self.address = address
        # An abstract name belongs to a network namespace.
        self._socket = host.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address[0] == "@" else address)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.settimeout(20)

    def hear(self):
        """The assignments of the next message, and the pid that sent it."""
        text, ancillary, _, _ = self._socket.recvmsg(4096, 64)
        pid = int.from_bytes(ancillary[0][2][:4], "little")
        return dict(line.split("=", 1) for line in text.decode().split("\n")), pid

    def expect(self, daemon, **expected):
        told, pid = self.hear()
        assert pid == daemon.pid  # NotifyAccess=main
        assert {name: told.get(name) for name in expected} == expected
        return told

    def close(self):
        self._socket.close()


@pytest.fixture
def manager(request, router, tmp_path):
    kind = getattr(request, "param", "path")
    address = str(tmp_path / "notify") if kind == "path" else f"@smcroute-{os.getpid()}"
    manager = Manager(router.lab.router, address)
    yield manager
    manager.close()


@pytest.fixture
def daemon(router, manager):
    daemon = Daemon(router.lab.router, configuration=ROUTE)
    yield daemon
    daemon.close()


def start(daemon, manager):
    daemon.start(env={**os.environ, "NOTIFY_SOCKET": manager.address})


@pytest.mark.parametrize("manager", ["path", "abstract"], indirect=True)
def test_ready_reload_stop(daemon, manager):
    start(daemon, manager)
    manager.expect(daemon, READY="1", STATUS="started")
    before = time.monotonic_ns() // 1000
    daemon.reload()
    told = manager.expect(daemon, RELOADING="1")
    assert before <= int(told["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
    manager.expect(daemon, READY="1", STATUS="reloaded")
    assert daemon.stop() == 0
    manager.expect(daemon, STOPPING="1")


def test_ready_means_that_the_pid_file_and_the_routes_are_there(daemon, manager):
    start(daemon, manager)
    manager.expect(daemon, READY="1")
    assert daemon.pid_file.exists()
    assert "225.1.2.3" in daemon.control("show").stdout


def test_a_reload_that_fails_ends_too(daemon, manager):
    """systemd would wait for READY=1 until its time-out."""
    start(daemon, manager)
    manager.expect(daemon, READY="1")
    daemon.configuration_file.write_text(BAD_LINE * 100)
    os.kill(daemon.pid, signal.SIGHUP)
    manager.expect(daemon, RELOADING="1")
    told = manager.expect(daemon, READY="1")
    assert told["STATUS"].startswith("nothing is reloaded: ")
    assert f"{daemon.configuration_file}:2" in told["STATUS"]


def test_a_reload_whose_agent_dies_is_done_by_the_next(daemon, manager):
    start(daemon, manager)
    manager.expect(daemon, READY="1")
    agent = daemon.agent_pid
    os.kill(agent, signal.SIGSTOP)
    daemon.configuration_file.write_text("mroute from in0 group 225.2.2.2 to out0\n")
    os.kill(daemon.pid, signal.SIGHUP)
    manager.expect(daemon, RELOADING="1")
    os.kill(agent, signal.SIGKILL)
    manager.expect(daemon, READY="1", STATUS="reloaded")
    wait_for(lambda: "225.2.2.2" in daemon.control("show", check=False).stdout, "the new route")


def test_a_start_that_fails_is_never_ready(daemon, manager):
    daemon.configuration_file.write_text(BAD_LINE)
    with pytest.raises(NotReady):
        start(daemon, manager)
    told, _ = manager.hear()
    assert told == {"STOPPING": "1"}


def test_a_manager_that_is_gone_stops_nothing(daemon, manager):
    manager.close()
    start(daemon, manager)
    daemon.reload()
    assert daemon.stop() == 0
