"""smcrouted with children that misbehave, and with a machine that has nothing to spare."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import socket

import pytest
from ncclient.operations import RPCError
from ncclient.transport.errors import TransportError

from lab import process, wait_for
from lab.netconf import edit, mroute, running, unix_session

FLOW = ("192.0.2.10", "225.1.2.3")
ROUTE = "mroute from in0 source 192.0.2.10 group 225.1.2.3 to out0\n"
PIDFD_GETFD = 438  # linux/arch/x86/entry/syscalls/syscall_64.tbl; the same everywhere since 5.6


def taken_over(pid, option):
    """A child's end of the channel that its command line names, as whoever takes it over has it."""
    words = process.command_line(pid)
    number = int(words[words.index(option) + 1])
    pidfd = os.pidfd_open(pid)
    descriptor = ctypes.CDLL(None, use_errno=True).syscall(PIDFD_GETFD, pidfd, number, 0)
    os.close(pidfd)
    assert descriptor >= 0, os.strerror(ctypes.get_errno())
    return socket.socket(fileno=descriptor)


def kill(daemon, which):
    """SIGKILL for a child; another one runs when this returns."""
    old = getattr(daemon, which)
    os.kill(old, signal.SIGKILL)
    wait_for(lambda: getattr(daemon, which) != old, lambda: f"another {which}: {daemon.log()}")


def cached(router):
    return len(router.lab.router.proc_net("ip_mr_cache").splitlines()) - 1


def write_included(daemon, count):
    """As many included files, each with a route."""
    directory = daemon.configuration_file.with_suffix(".d")
    directory.mkdir(exist_ok=True)
    for number in range(count):
        source = f"10.0.{number // 250}.{number % 250 + 1}"
        text = f"mroute from in0 source {source} group 225.1.1.1 to out0\n"
        (directory / f"{number:03}.conf").write_text(text)
    daemon.configuration_file.write_text(f"include {directory}/*.conf\n")
    return directory


def test_sigterm_waits_for_a_save_under_way(router):
    daemon = router.start()
    directory = write_included(daemon, 200)
    daemon.reload()
    files = sorted(directory.iterdir())
    with contextlib.suppress(RPCError, TransportError), unix_session(daemon) as session:
        edit(session, *(mroute(*rule[1:4], operation="delete") for rule in running(session)))
        session.async_mode = True
        session.copy_config(source="running", target="startup")
        wait_for(lambda: list(directory.glob(".0*.new")), "a file written", interval=0.0005)
        os.kill(daemon.pid, signal.SIGTERM)
        wait_for(lambda: not daemon.running, "the daemon's end")
    assert [file.name for file in files if file.stat().st_size] == []
    assert "it is killed" not in daemon.log()
    assert daemon.stop() == 0


def test_a_save_whose_agent_is_killed_is_none(router):
    """All files say the old or all say the new, at whatever moment, and nothing else is left."""
    daemon = router.start("# nothing\n")
    directory = write_included(daemon, 200)
    daemon.reload()
    old = {path.name: path.read_bytes() for path in directory.iterdir()}

    def saving(moment):
        with contextlib.suppress(RPCError, TransportError), unix_session(daemon) as session:
            edit(session, *(mroute(*rule[1:4], operation="delete") for rule in running(session)))
            session.async_mode = True
            session.copy_config(source="running", target="startup")
            wait_for(moment, "that moment", interval=0.0005)
            kill(daemon, "agent_pid")

    saving(lambda: (directory / f".100.conf.{daemon.pid}.new").exists())
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == old
    saving(lambda: (directory / "000.conf").stat().st_size == 0)
    wait_for(lambda: not list(directory.glob(".*")), "the rest removed")
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == dict.fromkeys(old, b"")


def test_a_save_whose_smcrouted_is_killed_is_ended_by_the_next(router):
    """Killed between two renames, so that some files are new and some are old."""
    daemon = router.start("# nothing\n")
    directory = write_included(daemon, 200)
    daemon.reload()
    new = {f"{number:03}.conf": b"" for number in range(200)}

    def files():
        return {path.name: path.read_bytes() for path in directory.iterdir()}

    def stopped_in_the_middle():
        """A save, and smcrouted stopped when the first file is new; whether one is old then."""
        with contextlib.suppress(RPCError, TransportError), unix_session(daemon) as session:
            edit(session, *(mroute(*rule[1:4], operation="delete") for rule in running(session)))
            session.async_mode = True
            session.copy_config(source="running", target="startup")
            first = os.fspath(directory / "000.conf")
            wait_for(lambda: not os.stat(first).st_size, "the first of them", interval=0)
            os.kill(daemon.pid, signal.SIGSTOP)
            return any((directory / name).stat().st_size for name in new)

    for _ in range(10):
        if stopped_in_the_middle():
            break
        os.kill(daemon.pid, signal.SIGCONT)
        write_included(daemon, 200)
        daemon.reload()
    else:
        pytest.fail("it is too quick to be stopped in the middle")
    daemon.kill_tree()
    assert len(set(files().values())) > 1
    daemon.pid_file.unlink(missing_ok=True)
    daemon.start()
    assert files() == new
    assert "a save was interrupted, and is ended now" in daemon.log()
    assert {path.name for path in daemon.directory.iterdir() if path.name.startswith(".")} == set()
    assert cached(router) == 0


def test_sigterm_during_a_reload_that_reads(router):
    daemon = router.start()
    write_included(daemon, 500)
    os.kill(daemon.pid, signal.SIGHUP)
    os.kill(daemon.pid, signal.SIGTERM)
    wait_for(lambda: not daemon.running, "the daemon's end")
    assert "it is killed" not in daemon.log()
    assert daemon.stop() == 0


def test_a_reload_that_comes_while_the_agent_is_restarted_compares_with_running(router):
    """Whatever the moment: the kernel holds what the file says, and nothing else."""
    lines = [
        f"mroute from in0 source 10.0.{number // 250}.{number % 250 + 1} group 225.1.1.1 to out0\n"
        for number in range(2000)
    ]
    daemon = router.start("".join(lines))
    assert cached(router) == len(lines)
    daemon.configuration_file.write_text(ROUTE)
    before = daemon.pid_file.stat().st_mtime_ns
    kill(daemon, "agent_pid")
    # Orders at many moments of its start, until one has been obeyed.
    wait_for(
        lambda: os.kill(daemon.pid, signal.SIGHUP) or daemon.pid_file.stat().st_mtime_ns != before,
        lambda: f"a reload: {daemon.log()}",
        interval=0.02,
    )
    wait_for(lambda: cached(router) == 1, lambda: f"one entry, not {cached(router)}")
    with unix_session(daemon) as session:
        assert len(running(session)) == 1


NONSENSE = {
    "fatal that is none": ("--control", b'{"fatal":1}'),
    "name that is none": ("--control", b'{"reload_failed":"\\ud800"}'),
    "path that is none": ("--files", b'{"do":"read","path":"\\ud800"}'),
    "no JSON": ("--control", b"\xff"),
}


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
def test_an_agent_that_talks_nonsense_does_not_end_the_daemon(router, nonsense):
    router.join(FLOW[1])
    option, message = nonsense
    daemon = router.start(ROUTE)
    with taken_over(daemon.agent_pid, option) as channel:
        channel.send(message)
    assert router.exchange(*FLOW) == [20, 0]
    daemon.reload("mroute from in0 source 192.0.2.10 group 225.1.2.3 to out1\n")
    assert router.exchange(*FLOW) == [0, 20]
    assert "Traceback" not in daemon.log()


@pytest.mark.parametrize("which", ["agent_pid", "engine_pid"])
def test_a_machine_with_nothing_to_spare_when_a_child_dies(router, which):
    router.join(FLOW[1])
    daemon = router.start(ROUTE)
    limit = resource.RLIMIT_NOFILE
    old = resource.prlimit(daemon.pid, limit)
    resource.prlimit(daemon.pid, limit, (3, old[1]))
    os.kill(getattr(daemon, which), signal.SIGKILL)
    wait_for(lambda: "cannot be started" in daemon.log(), lambda: f"a failure: {daemon.log()}")
    assert daemon.running
    resource.prlimit(daemon.pid, limit, old)
    assert getattr(daemon, which)
    wait_for(lambda: router.exchange(*FLOW, 2) == [2, 0], lambda: f"the flow: {daemon.log()}")
    with unix_session(daemon) as session:
        assert len(running(session)) == 1


def rename(host, *names):
    """Give interfaces other names: old, new, old, new..."""
    for old, new in zip(names[::2], names[1::2], strict=True):
        host.run("ip", "link", "set", old, "down")
        host.run("ip", "link", "set", old, "name", new)
        host.run("ip", "link", "set", new, "up")


@pytest.mark.parametrize("also", ["alone", "with the agent"])
def test_an_engine_comes_back_with_rules_that_had_to_wait_for_a_vif(wide_router, also):
    """More links than the kernel has VIFs have appeared: the last ones wait, then as now."""
    router = wide_router.lab.router
    late = [f"out{number}" for number in range(29, 33)]
    hidden = [f"late{number}" for number in range(29, 33)]
    rename(router, *(name for pair in zip(late, hidden, strict=True) for name in pair))
    daemon = wide_router.start("mroute from in0 group 225.1.1.1 to out+\n")
    rename(router, *(name for pair in zip(hidden, late, strict=True) for name in pair))

    def vifs():
        return len(router.proc_net("ip_mr_vif").splitlines()) - 1

    wait_for(lambda: vifs() == 32, lambda: f"all VIFs, not {vifs()}")
    engine, agent = daemon.engine_pid, daemon.agent_pid
    os.kill(engine, signal.SIGKILL)
    if also == "with the agent":
        os.kill(agent, signal.SIGKILL)
    wait_for(lambda: daemon.engine_pid != engine, "another engine")
    wait_for(lambda: vifs() == 32, lambda: f"all VIFs again, not {vifs()}: {daemon.log()}")
    wait_for(
        lambda: daemon.control("add", "in0", *FLOW, "out0", check=False).returncode == 0,
        lambda: f"an edit: {daemon.log()}",
    )
    wait_for(lambda: cached(wide_router) == 1, "its entry")
