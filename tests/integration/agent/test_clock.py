"""Clocks: a wall clock that is set, years forward and back, and a machine that has run for long."""

from __future__ import annotations

import contextlib
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab import Daemon, wait_for
from lab.clock import WallClock
from lab.netconf import config, mroute, running, unix_session

SOURCE = "192.0.2.10"
ALIVE, IDLE = "225.2.0.1", "225.2.0.2"
ROUTE = ("mroute", "in0", "*", "225.2.0.0/24", "out0")
CONFIGURATION = "mroute from in0 group 225.2.0.0/24 to out0\n"
MONITORING = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
YEARS = 10


@pytest.fixture
def daemon(router):
    router.join(ALIVE, IDLE)
    daemon = Daemon(router.lab.router, configuration=CONFIGURATION, options=("-c", "1"))
    try:
        daemon.clock = WallClock(daemon.directory)
        daemon.start(env=daemon.clock.environment)
        yield daemon
    finally:
        daemon.close()


def date(daemon):
    """What the agent takes for now: when a session that has just begun has begun."""
    asked = ("subtree", f"<netconf-state xmlns='{MONITORING}'><sessions/></netconf-state>")
    with unix_session(daemon) as session:
        for one in session.get(asked).data_ele.iter(f"{{{MONITORING}}}session"):
            if one.findtext(f"{{{MONITORING}}}session-id") == session.session_id:
                return datetime.fromisoformat(one.findtext(f"{{{MONITORING}}}login-time"))
    raise AssertionError("the session does not know itself")


def learned(daemon):
    """The groups of the kernel's table."""
    shown = daemon.control("-t", "-p", "show", "routes").stdout
    return {group for group in (ALIVE, IDLE) if f"({SOURCE}, {group})" in shown}


def pending_commit(session, timeout, **more):
    """A confirmed commit that takes the rule away until it is undone."""
    session.edit_config(target="candidate", config=config(mroute(*ROUTE[1:4], operation="delete")))
    session.commit(confirmed=True, timeout=str(timeout), **more)
    assert running(session) == set()


def next_agent(daemon):
    """Kill the agent; returns when a session with the next one comes about."""
    old = daemon.agent_pid
    os.kill(old, signal.SIGKILL)

    def ask():
        with contextlib.suppress(Exception), unix_session(daemon):
            return daemon.agent_pid != old

    wait_for(ask, lambda: f"another agent: {daemon.log()}", interval=0.05)


@pytest.mark.parametrize("jump", [YEARS, -YEARS], ids=["forward", "back"])
def test_nothing_comes_too_early_or_never(router, daemon, jump):
    with contextlib.ExitStack() as stack:
        stack.enter_context(router.stream(SOURCE, ALIVE, rate=50))
        router.sender.send(SOURCE, IDLE, 1)
        wait_for(lambda: ALIVE in learned(daemon), "the flow's route")
        daemon.clock.set(f"{jump:+}y")
        now = datetime.now(UTC) + timedelta(days=365 * jump)
        assert abs(date(daemon) - now) < timedelta(days=30)
        # -c 1: the flow that is silent goes, the other stays.
        router.sender.send(SOURCE, IDLE, 1)
        wait_for(lambda: learned(daemon) == {ALIVE}, lambda: f"expiry: {learned(daemon)}")
        with unix_session(daemon) as session:
            pending_commit(session, 600, persist="token")
            daemon.clock.set(f"{2 * jump:+}y")
            assert abs(date(daemon) - now) > timedelta(days=365)
            assert running(session) == set()
        # The next agent plans anew what the one before had planned.
        next_agent(daemon)
        with unix_session(daemon) as session:
            assert running(session) == set()
            session.cancel_commit(persist_id="token")
            assert running(session) == {ROUTE}
            daemon.clock.set("+0")
            pending_commit(session, 1)
            daemon.clock.set(f"{jump:+}y")
            wait_for(lambda: running(session) == {ROUTE}, "the rollback", interval=0.05)
    assert router.exchange(SOURCE, ALIVE) == [20, 0]


class LongAgo(Daemon):
    """A daemon on a machine that was started 30 years ago: time_namespaces(7)."""

    @property
    def command(self):
        seconds = str(30 * 365 * 86400)
        return [
            "unshare",
            "--time",
            "--monotonic",
            seconds,
            "--boottime",
            seconds,
            *super().command,
        ]


def test_a_machine_that_has_run_for_thirty_years(router):
    router.join(IDLE)
    with LongAgo(router.lab.router, configuration=CONFIGURATION, options=("-c", "1")) as daemon:
        offsets = Path(f"/proc/{daemon.engine_pid}/timens_offsets").read_text()
        assert str(30 * 365 * 86400) in offsets
        assert router.exchange(SOURCE, IDLE) == [20, 0]
        wait_for(lambda: learned(daemon) == set(), lambda: f"expiry: {learned(daemon)}")
        with unix_session(daemon) as session:
            pending_commit(session, 1)
            wait_for(lambda: running(session) == {ROUTE}, "the rollback", interval=0.05)
