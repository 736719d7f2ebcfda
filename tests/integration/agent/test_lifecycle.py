"""Start, reload and end: pid file, sockets, and flows that go on."""

from __future__ import annotations

import os
import signal

import pytest

from lab import wait_for
from lab.daemon import NotReady
from lab.netconf import running, unix_session

FLOW = ("192.0.2.10", "225.1.2.3")
ROUTE = "mroute from in0 source 192.0.2.10 group 225.1.2.3 to out0\n"
TEMPLATE = "mroute from in0 group 225.2.0.0/16 to out0\n"


def cached(host, name="ip_mr_cache"):
    """How many entries the kernel's forwarding cache has."""
    return len(host.proc_net(name).splitlines()) - 1


def test_the_pid_file_appears_when_the_routes_are_installed(router):
    daemon = router.start(ROUTE + "mroute from in0 source 2001:db8::10 group ff1e::1 to out0\n")
    assert int(daemon.pid_file.read_text()) == daemon.pid
    assert cached(router.lab.router) == 1
    assert cached(router.lab.router, "ip6_mr_cache") == 1


def test_without_a_configuration_file(router):
    daemon = router.start()
    daemon.stop()
    daemon.configuration_file.unlink()
    daemon.start()
    assert daemon.running


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_end_leaves_nothing_behind(router, number):
    daemon = router.start(ROUTE)
    files = (daemon.pid_file, daemon.control_socket, daemon.netconf_socket)
    assert all(file.exists() for file in files)
    assert daemon.stop(number) == 0
    assert not any(file.exists() for file in files)
    wait_for(lambda: not router.lab.router.processes(), "all processes gone")
    assert cached(router.lab.router) == 0


def test_it_ends_by_itself_after_the_seconds_of_D(router):
    daemon = router.start(ROUTE)
    daemon.stop()
    done = router.lab.router.run(*daemon.command, "-D", "1")
    assert "1 s are over (-D)" in done.stderr
    assert not router.lab.router.processes()
    assert not daemon.pid_file.exists()


def test_in_the_background(router):
    """Without -n the command returns when the daemon is ready; -P names its pid."""
    daemon = router.start(ROUTE)
    daemon.stop()
    command = [word for word in daemon.command if word != "-n"]
    router.lab.router.run(*command)
    pid = int(daemon.pid_file.read_text())
    try:
        assert cached(router.lab.router) == 1
        assert os.getsid(pid) != os.getsid(0)
    finally:
        os.kill(pid, signal.SIGTERM)
    wait_for(lambda: not router.lab.router.processes(), "all processes gone")
    assert not daemon.pid_file.exists()


def test_reload_changes_what_is_forwarded(router):
    router.join("225.1.2.3", "225.4.0.1")
    daemon = router.start(ROUTE)
    assert router.exchange(*FLOW) == [20, 0]
    daemon.reload(
        "mroute from in0 source 192.0.2.10 group 225.1.2.3 to out1\n"
        "mroute from in0 group 225.4.0.1 to out0\n"
    )
    assert router.exchange(*FLOW) == [0, 20]
    assert router.exchange("192.0.2.10", "225.4.0.1") == [20, 0]


@pytest.mark.parametrize("group", ["225.1.2.3", "225.2.0.1"], ids=["static", "learned"])
def test_reload_keeps_a_flow_whose_rule_stays(router, group):
    router.join(group)
    receiver = router.receivers[0]
    daemon = router.start(ROUTE + TEMPLATE)
    with router.stream("192.0.2.10", group):
        receiver.wait("192.0.2.10", group, 100)
        daemon.reload(f"mroute from in0 group 225.7.0.0/16 to out1\n{ROUTE}{TEMPLATE}")
        daemon.reload(TEMPLATE + ROUTE)
        receiver.wait("192.0.2.10", group, receiver.packets("192.0.2.10", group) + 100)
    sent = router.sender.sent("192.0.2.10", group)
    assert receiver.wait("192.0.2.10", group, sent).missing == ()


def test_a_bad_file_at_reload_changes_nothing(router):
    router.join("225.1.2.3")
    daemon = router.start(ROUTE)
    daemon.configuration_file.write_text("mroute from in0 group 192.0.2.1 to out0\n")
    os.kill(daemon.pid, signal.SIGHUP)
    wait_for(
        lambda: f"{daemon.configuration_file}:1" in daemon.log(),
        lambda: f"the file and the line in the log: {daemon.log()}",
    )
    assert router.exchange(*FLOW) == [20, 0]
    # Put right, it is taken.
    daemon.reload("mroute from in0 group 225.1.2.3 to out1\n")
    assert router.exchange(*FLOW) == [0, 20]


def test_a_stale_socket_is_replaced(router):
    daemon = router.start(ROUTE)
    daemon.kill_tree()
    wait_for(lambda: not router.lab.router.processes(), "all processes gone")
    assert daemon.control_socket.exists()
    daemon.pid_file.unlink()
    daemon.start()
    assert "225.1.2.3" in daemon.control("show", "routes").stdout


def test_a_second_daemon_does_not_take_over_the_first_ones_sockets(router):
    first = router.start(ROUTE)
    for option, taken in (
        ("-u", first.control_socket),
        ("--netconf-socket", first.netconf_socket),
    ):
        with pytest.raises(NotReady, match=f"exit code 69; it said:\n.*{taken}"):
            router.start("", "-t", "7", option, str(taken), identity="second")
    assert "225.1.2.3" in first.control("show", "routes").stdout
    with unix_session(first) as session:
        assert len(running(session)) == 1
