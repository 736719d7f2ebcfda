"""Default paths by identity, the background, and syslog: as an init script starts smcrouted."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import time

import pytest

from lab import process, wait_for
from lab.daemon import DEBIAN_CLIENT, OUR_CLIENT, OURS
from lab.filesystem import PrivateFiles

ROUTE = "mroute from in0 group 225.1.2.3 to out0\n"
BAD_LINE = "mroute from in0 group 192.0.2.1 to out0\n"
ENGINE = "smcroute_agent.engine"
CLIENTS = pytest.mark.parametrize("client", [OUR_CLIENT, DEBIAN_CLIENT], ids=["ours", "C"])


class Machine:
    """The lab's router as a machine of its own: its network, its /etc, /run and /dev."""

    def __init__(self, router, files):
        self.router = router
        self.host = router.lab.router
        self.files = files

    def run(self, *command, check=True, timeout=30):
        return self.host.run(*self.files.enter(*map(str, command)), check=check, timeout=timeout)

    def configure(self, identity, text):
        self.files.path(f"/etc/{identity}.conf").write_text(text)

    def pid_file(self, identity):
        return self.files.path(f"/run/{identity}.pid")

    def in_run(self):
        return {path.name for path in self.files.path("/run").iterdir()}

    def ended(self):
        wait_for(lambda: not self.host.processes(), "all processes gone")


@pytest.fixture
def machine(router):
    with PrivateFiles() as files:
        machine = Machine(router, files)
        yield machine
        for pid in machine.host.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def syslog(machine):
    """What is sent to /dev/log."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as device:
        path = machine.files.path("/dev/log")
        device.bind(str(path))
        path.chmod(0o666)
        device.setblocking(False)
        lines = []

        def received():
            with contextlib.suppress(BlockingIOError):
                while True:
                    lines.append(device.recv(10_000).decode())
            return lines

        yield received


@CLIENTS
def test_several_daemons_by_identity(machine, client):
    machine.router.join("225.1.2.3")
    machine.configure("smcroute", ROUTE)
    machine.configure("video", "mroute from in0 group 225.2.2.2 to out0\n")
    machine.run(OURS)
    machine.run(OURS, "-i", "video", "-t", "7")
    machine.run(OURS, "-I", "audio", "-t", "8")
    files = {f"{n}.{e}" for n in ("smcroute", "video", "audio") for e in ("pid", "sock")}
    assert machine.in_run() >= files
    assert "225.1.2.3" in machine.run(client, "show").stdout
    assert "225.2.2.2" in machine.run(client, "-I", "video", "show").stdout
    assert "225." not in machine.run(client, "-i", "audio", "show").stdout
    # An edit of one is not seen in another.
    machine.run(client, "-i", "audio", "add", "in0", "225.3.3.3", "out1")
    assert "225.3.3.3" in machine.run(client, "-i", "audio", "show").stdout
    assert "225.3.3.3" not in machine.run(client, "-i", "video", "show").stdout
    assert machine.router.exchange("192.0.2.10", "225.1.2.3") == [20, 0]
    machine.run(client, "-i", "video", "kill")
    wait_for(lambda: not any(name.startswith("video") for name in machine.in_run()), "video's end")
    assert "225.1.2.3" in machine.run(client, "show").stdout
    for identity in ("smcroute", "audio"):
        machine.run(client, "-i", identity, "kill")
    machine.ended()
    assert machine.in_run() == set()


def test_P_with_a_bare_name_is_a_file_of_run(machine):
    machine.run(OURS, "-P", "other.pid")
    pid = int(machine.files.path("/run/other.pid").read_text())
    assert "smcrouted" in " ".join(process.command_line(pid))
    assert not machine.pid_file("smcroute").exists()


def test_a_reload_touches_the_pid_file(machine):
    machine.configure("smcroute", ROUTE)
    machine.run(OURS)
    path = machine.pid_file("smcroute")
    before = path.stat()
    machine.run(OUR_CLIENT, "reload")
    wait_for(lambda: path.stat().st_mtime_ns != before.st_mtime_ns, "the pid file touched")
    assert path.stat().st_ino == before.st_ino
    touched = path.stat().st_mtime_ns
    machine.configure("smcroute", BAD_LINE)
    assert machine.run(OUR_CLIENT, "reload", check=False).returncode == 1
    machine.run(OUR_CLIENT, "show")
    assert path.stat().st_mtime_ns == touched


def test_in_the_background_a_failure_is_told_to_the_caller(machine):
    machine.configure("smcroute", BAD_LINE)
    done = machine.run(OURS, check=False)
    assert done.returncode == 78
    assert done.stderr.startswith("smcrouted: /etc/smcroute.conf:1: ")
    machine.ended()
    assert machine.in_run() == set()


def test_in_the_background_a_taken_table_is_told_to_the_caller(machine):
    machine.run(OURS)
    done = machine.run(OURS, "-i", "second", check=False)
    assert done.returncode == 69
    assert "another multicast routing daemon holds" in done.stderr
    assert not any(name.startswith("second") for name in machine.in_run())
    machine.run(OUR_CLIENT, "show")


def test_it_is_not_ready_before_the_engine_is(machine):
    """Without rules the agent has nothing to ask the engine for."""

    def engine():
        found = [p for p in machine.host.processes() if ENGINE in process.command_line(p)]
        return found[0] if found else None

    daemon = machine.host.popen(machine.files.enter(str(OURS), "-n"))
    pid = wait_for(engine, "the engine", interval=0.001)
    os.kill(pid, signal.SIGSTOP)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(30)
        path = machine.files.path("/run/smcroute.netconf.sock")
        wait_for(path.exists, "the socket of NETCONF")
        client.connect(str(path))
        assert b"hello" in client.recv(4096)  # the agent serves
    assert not machine.pid_file("smcroute").exists()
    os.kill(pid, signal.SIGCONT)
    wait_for(machine.pid_file("smcroute").exists, "the pid file")
    daemon.terminate()
    assert daemon.wait(20) == 0


def test_in_the_background_it_lets_go_of_terminal_directory_and_session(machine):
    machine.run(OURS)
    pid = int(machine.pid_file("smcroute").read_text())
    assert os.getsid(pid) != os.getsid(0)
    for member in process.tree(pid):
        for number in (0, 1, 2):
            assert os.readlink(f"/proc/{member}/fd/{number}") == "/dev/null"
    assert os.readlink(f"/proc/{pid}/cwd") == "/"


def test_a_run_that_became_read_only(machine):
    """The daemon reloads and ends all the same; its files stay there."""
    daemon = machine.host.popen(machine.files.enter(str(OURS), "-n"))
    wait_for(machine.pid_file("smcroute").exists, "the pid file")
    machine.configure("smcroute", ROUTE)
    machine.run("mount", "-n", "-o", "remount,ro", "/run")
    machine.run(OUR_CLIENT, "reload")
    assert "225.1.2.3" in machine.run(OUR_CLIENT, "show").stdout
    machine.run(OUR_CLIENT, "kill")
    assert daemon.wait(10) == 0


def test_a_run_that_is_read_only_at_the_start(machine):
    machine.run("mount", "-n", "-o", "remount,ro", "/run")
    done = machine.run(OURS, "-n", check=False)
    assert done.returncode == 69
    assert "cannot write the pid file /run/smcroute.pid: Read-only file system" in done.stderr


def test_the_delay_in_the_background(machine):
    """The command returns at once; nothing is done before the delay is over."""
    machine.configure("smcroute", ROUTE)
    begin = time.monotonic()
    machine.run(OURS, "-d", "1")
    wait_for(machine.pid_file("smcroute").exists, "the pid file")
    assert time.monotonic() - begin >= 1
    assert "225.1.2.3" in machine.run(OUR_CLIENT, "show").stdout


def test_during_the_delay_nothing_is_there_and_it_can_be_ended(machine):
    machine.run(OURS, "-d", "1000")
    # All but the daemon itself has ended when the command has returned.
    pids = machine.host.processes()
    for pid in pids:
        os.kill(pid, signal.SIGHUP)
    assert machine.in_run() == set()
    assert machine.host.proc_net("ip_mr_vif").count("\n") == 1
    assert machine.host.processes() == pids
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    machine.ended()


def test_the_background_logs_to_syslog_with_the_identity(machine, syslog):
    machine.configure("video", ROUTE)
    machine.run(OURS, "-i", "video", "-l", "debug")
    pid = int(machine.pid_file("video").read_text())
    machine.run(OUR_CLIENT, "-i", "video", "add", "in0", "225.7.7.7", "out0")
    wait_for(lambda: any("smcroutectl add in0 225.7.7.7" in line for line in syslog()), "the line")
    lines = syslog()
    facility_daemon = range(3 << 3, (3 << 3) + 8)
    for line in lines:
        found = re.fullmatch(r"<(\d+)>video\[(\d+)\]: \S.*", line)
        assert found, line
        assert int(found[1]) in facility_daemon
    pids = {int(re.search(r"\[(\d+)\]", line)[1]) for line in lines}
    assert pids <= set(process.tree(pid))
    assert len(pids) >= 2
    done = next(line for line in lines if "smcroutectl add in0 225.7.7.7" in line)
    assert done.startswith("<29>")  # daemon.notice


def test_in_the_foreground_only_s_logs_to_syslog(machine, syslog):
    done = machine.run(OURS, "-n", "-D", "1")
    assert "1 s are over" in done.stderr
    assert syslog() == []
    done = machine.run(OURS, "-n", "-s", "-D", "1")
    assert done.stderr == ""
    assert any("1 s are over" in line for line in syslog())


def test_a_failure_at_the_start_is_in_syslog_too(machine, syslog):
    machine.configure("smcroute", BAD_LINE)
    assert machine.run(OURS, check=False).returncode == 78
    errors = [line for line in syslog() if line.startswith("<27>smcroute[")]
    assert any("/etc/smcroute.conf:1: " in line for line in errors)


def test_without_dev_log_it_runs_and_finds_one_that_comes_later(machine):
    machine.configure("smcroute", ROUTE)
    machine.run(OURS)
    assert "225.1.2.3" in machine.run(OUR_CLIENT, "show").stdout
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as device:
        path = machine.files.path("/dev/log")
        device.bind(str(path))
        path.chmod(0o666)
        device.settimeout(10)
        machine.run(OUR_CLIENT, "add", "in0", "225.1.1.2", "out0")
        assert b"225.1.1.2" in device.recv(10_000)


def test_a_syslog_daemon_that_hangs_stops_nothing(machine, syslog):
    """The socket takes a few messages (net.unix.max_dgram_qlen) and then no more."""
    machine.router.join("225.1.2.3")
    machine.configure("smcroute", ROUTE)
    machine.run(OURS, "-l", "debug")
    for number in range(100):
        machine.run(DEBIAN_CLIENT, "add", "in0", f"225.9.0.{number}", "out0")
    assert machine.router.exchange("192.0.2.10", "225.1.2.3") == [20, 0]
    machine.run(OUR_CLIENT, "reload")
    syslog()
    machine.run(OUR_CLIENT, "add", "in0", "225.8.8.8", "out0")
    wait_for(lambda: any("225.8.8.8" in line for line in syslog()), "it logs again")


def test_a_restarted_syslog_daemon_is_found_again(machine):
    path = machine.files.path("/dev/log")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as first:
        first.bind(str(path))
        path.chmod(0o666)
        machine.run(OURS)
    path.unlink()
    machine.run(OUR_CLIENT, "add", "in0", "225.1.1.1", "out0")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as second:
        second.bind(str(path))
        path.chmod(0o666)
        second.settimeout(10)
        machine.run(OUR_CLIENT, "add", "in0", "225.1.1.2", "out0")
        # An edit is logged when its client has gone on: the first one may come here too.
        while b"225.1.1.2" not in second.recv(10_000):
            pass
