"""What smcrouted tells a service manager (sd_notify(3)), seen on a socket such as systemd's."""

from __future__ import annotations

import os
import signal
import time

import pytest

from lab import wait_for
from lab.daemon import NotReady
from lab.service_manager import Service, ServiceManager

ROUTE = "mroute from in0 group 225.1.2.3 to out0\n"
BAD_LINE = "mroute from in0 group 192.0.2.1 to out0\n"


@pytest.fixture
def manager(request, router, tmp_path):
    kind = getattr(request, "param", "path")
    address = str(tmp_path / "notify") if kind == "path" else f"@smcroute-{os.getpid()}"
    with ServiceManager(router.lab.router, address) as manager:
        yield manager


@pytest.fixture
def daemon(router, manager):
    daemon = Service(manager, router.lab.router, configuration=ROUTE)
    yield daemon
    daemon.close()


def expect(manager, daemon, **expected):
    told, pid = manager.hear()
    assert pid == daemon.pid  # NotifyAccess=main
    assert {name: told.get(name) for name in expected} == expected
    return told


@pytest.mark.parametrize("manager", ["path", "abstract"], indirect=True)
def test_ready_reload_stop(daemon, manager):
    daemon.start()
    expect(manager, daemon, READY="1", STATUS="started")
    before = time.monotonic_ns() // 1000
    daemon.reload()
    told = expect(manager, daemon, RELOADING="1")
    assert before <= int(told["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
    expect(manager, daemon, READY="1", STATUS="reloaded")
    assert daemon.stop() == 0
    expect(manager, daemon, STOPPING="1")


def test_ready_means_that_the_pid_file_and_the_routes_are_there(daemon, manager):
    daemon.start()
    expect(manager, daemon, READY="1")
    assert daemon.pid_file.exists()
    assert "225.1.2.3" in daemon.control("show").stdout


def test_a_reload_that_fails_ends_too(daemon, manager):
    """systemd would wait for READY=1 until its time-out."""
    daemon.start()
    expect(manager, daemon, READY="1")
    daemon.configuration_file.write_text(BAD_LINE * 100)
    os.kill(daemon.pid, signal.SIGHUP)
    expect(manager, daemon, RELOADING="1")
    told = expect(manager, daemon, READY="1")
    assert told["STATUS"].startswith("nothing is reloaded: ")
    assert f"{daemon.configuration_file}:2" in told["STATUS"]


def test_a_reload_whose_agent_dies_is_done_by_the_next(daemon, manager):
    daemon.start()
    expect(manager, daemon, READY="1")
    agent = daemon.agent_pid
    os.kill(agent, signal.SIGSTOP)
    daemon.configuration_file.write_text("mroute from in0 group 225.2.2.2 to out0\n")
    os.kill(daemon.pid, signal.SIGHUP)
    expect(manager, daemon, RELOADING="1")
    os.kill(agent, signal.SIGKILL)
    expect(manager, daemon, READY="1", STATUS="reloaded")
    wait_for(lambda: "225.2.2.2" in daemon.control("show", check=False).stdout, "the new route")


def test_a_start_that_fails_is_never_ready(daemon, manager):
    daemon.configuration_file.write_text(BAD_LINE)
    with pytest.raises(NotReady):
        daemon.start()
    told, _ = manager.hear()
    assert told == {"STOPPING": "1"}


def test_a_manager_that_is_gone_stops_nothing(daemon, manager):
    manager.close()
    daemon.start()
    daemon.reload()
    assert daemon.stop() == 0
