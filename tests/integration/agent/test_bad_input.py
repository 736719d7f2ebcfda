"""What a person gets wrong: a clear error that says what to do, and nothing half applied."""

from __future__ import annotations

import socket

import pytest
from ncclient.operations import RPCError

from lab import Daemon
from lab.daemon import DEBIAN, NotReady
from lab.netconf import config, edit, mroute, running, unix_session
from lab.seccomp import without_any_multicast_routing, without_multicast_routing
from lab.ssh import SshAccess
from lab.topology import Addresses

LONG_NAME = "a-name-with-16-c"
GOOD = ("in0", "*", "225.9.9.9", "out0")

BAD_ROUTES = [
    pytest.param((LONG_NAME, "*", "225.1.2.3", "out0"), "15 characters", id="long-in"),
    pytest.param(("in0", "*", "225.1.2.3", LONG_NAME), "15 characters", id="long-out"),
    pytest.param(("in0", "*", "192.0.2.1", "out0"), "multicast", id="unicast-group"),
    pytest.param(("in0", "192.0.2.10", "ff1e::1", "out0"), "famil", id="families"),
    pytest.param(("in0", "*", "225.1.0.0/33", "out0"), "prefix length", id="length-33"),
    pytest.param(("in0", "*", "225.0.0.0/3", "out0"), "prefix length", id="length-3"),
    pytest.param(("in0", "*", "ff1e::/129", "out0"), "prefix length", id="length-129"),
    pytest.param(("in0", "225.1.1.1", "225.1.2.3", "out0"), "unicast", id="multicast-source"),
]


@pytest.mark.parametrize(("route", "says"), BAD_ROUTES)
def test_over_netconf(router, route, says):
    daemon = router.start()
    with unix_session(daemon) as session:
        with pytest.raises(RPCError) as refused:
            edit(session, mroute(*GOOD), mroute(*route))
        assert says in refused.value.message
        assert refused.value.path
        assert running(session) == set()
    assert router.lab.router.proc_net("ip_mr_vif").count("\n") == 1


def test_an_edit_that_goes_on_does_what_is_right(router):
    daemon = router.start()
    flow = ("192.0.2.10", "225.1.2.3")
    router.join("225.1.2.3")
    wrong = [("data-missing", "225.7.7.7"), ("invalid-value", "225.8.8.8")]
    with unix_session(daemon) as session:
        with pytest.raises(RPCError) as refused:
            session.edit_config(
                target="running",
                error_option="continue-on-error",
                config=config(
                    mroute("in0", "*", "225.7.7.7", operation="delete"),
                    mroute("in0", "*", "225.8.8.8", LONG_NAME, operation="create"),
                    mroute("in0", *flow, "out0"),
                ),
            )
        assert [error.tag for error in refused.value.errlist] == [tag for tag, _ in wrong]
        for error, (_, group) in zip(refused.value.errlist, wrong, strict=True):
            assert group in error.path
        assert running(session) == {("mroute", "in0", *flow, "out0")}
        assert router.exchange(*flow) == [20, 0]


@pytest.mark.parametrize(("route", "says"), BAD_ROUTES)
def test_in_the_file(router, route, says):
    interface, source, group, out = route
    source = "" if source == "*" else f"source {source} "
    lines = [
        "mroute from in0 group 225.1.2.3 to out0",
        "# the next line is wrong",
        f"mroute from {interface} {source}group {group} to {out}",
    ]
    daemon = Daemon(router.lab.router, configuration="\n".join(lines) + "\n")
    try:
        with pytest.raises(NotReady, match="exit code 78") as failure:
            daemon.start()
        assert f"{daemon.configuration_file}:3: " in str(failure.value)
        assert says in str(failure.value)
        assert "Traceback" not in str(failure.value)
    finally:
        daemon.close()


def test_an_unknown_line_in_the_file(router):
    text = "mroute from in0 group 225.1.2.3 to out0\nmrout from in0 group 225.1.2.4 to out0\n"
    with pytest.raises(NotReady, match="exit code 78") as failure:
        router.start(text)
    assert ".conf:2: " in str(failure.value)
    assert "mrout" in str(failure.value)


def test_what_only_the_engine_refuses_is_told_by_the_line(router):
    wide = "mgroup from in0 group 225.0.0.0/20\n"
    with pytest.raises(NotReady) as failure:
        router.start(f"# too wide\n{wide}")
    assert ".conf:2: the mgroup stands for more than 2048 groups" in str(failure.value)
    daemon = router.start(identity="second")
    file = daemon.configuration_file
    file.write_text(f"include more.conf\n{wide}")
    file.with_name("more.conf").write_text(f"\n{wide}")
    done = daemon.control("reload", check=False)
    assert done.returncode == 1
    assert f"smcroutectl: {file}:2, {file.with_name('more.conf')}:2: the mgroup" in done.stderr


def test_the_33rd_interface_over_netconf(wide_router):
    router = wide_router
    router.join("225.1.2.3")
    daemon = router.start("mroute from in0 group 225.1.2.3 to out0\n")
    outputs = [f"out{number}" for number in range(33)]
    with unix_session(daemon) as session:
        before = running(session)
        with pytest.raises(RPCError) as refused:
            edit(session, mroute("in0", "192.0.2.10", "225.4.4.4", *outputs[1:]))
        assert refused.value.tag in ("resource-denied", "operation-failed")
        assert "32" in refused.value.message
        assert "225.4.4.4" in refused.value.path
        assert running(session) == before
        assert router.lab.router.proc_net("ip_mr_vif").count("\n") == 1 + 2
        # As many as there are may be used, and given back.
        edit(session, mroute("in0", "192.0.2.10", "225.4.4.4", *outputs[1:31]))
        assert router.lab.router.proc_net("ip_mr_vif").count("\n") == 1 + 32
        edit(session, mroute("in0", "192.0.2.10", "225.4.4.4", operation="delete"))
        edit(session, mroute("in0", "192.0.2.10", "225.4.4.4", *outputs[3:33]))
    assert router.exchange("192.0.2.10", "225.1.2.3") == [20]


def test_the_33rd_interface_by_smcroutectl(wide_router):
    daemon = wide_router.start()
    for number in range(31):
        daemon.control("add", "in0", f"225.1.0.{number}", f"out{number}")
    done = daemon.control("add", "in0", "225.1.0.31", "out31", check=False)
    assert done.returncode == 1
    assert "32" in done.stderr
    assert "225.1.0.31" not in daemon.control("show", "routes").stdout


def test_a_port_that_is_taken(managed_router, tmp_path):
    access = SshAccess(tmp_path, Addresses.ROUTER_MANAGEMENT[0])
    with managed_router.lab.router.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind((access.address, access.port))
        taken.listen()
        with pytest.raises(NotReady, match="exit code 69") as failure:
            managed_router.start("", *access.daemon_options)
    assert str(access.port) in str(failure.value)
    assert "Traceback" not in str(failure.value)


def test_another_multicast_router_holds_the_table(router):
    router.join("225.1.2.3")
    router.start("mroute from in0 group 225.1.2.3 to out0\n", program=DEBIAN)
    with pytest.raises(NotReady, match="exit code 69") as failure:
        router.start("mroute from in0 group 225.1.2.3 to out1\n")
    assert "another multicast routing daemon holds" in str(failure.value)
    assert "-t" in str(failure.value)
    # The other one is not disturbed.
    assert router.exchange("192.0.2.10", "225.1.2.3") == [20, 0]


def test_an_unknown_option(router):
    with pytest.raises(NotReady, match="exit code 64"):
        router.start("", "--no-such-option")


def test_a_file_that_cannot_be_read(router):
    daemon = Daemon(router.lab.router)
    try:
        daemon.configuration_file.unlink()
        daemon.configuration_file.mkdir()
        with pytest.raises(NotReady, match="exit code") as failure:
            daemon.start()
        assert str(daemon.configuration_file) in str(failure.value)
        assert "Traceback" not in str(failure.value)
    finally:
        daemon.close()


def test_a_kernel_without_multicast_routing(router):
    daemon = Daemon(router.lab.router)
    try:
        with pytest.raises(NotReady, match="exit code 69") as failure:
            daemon.start(preexec_fn=without_any_multicast_routing)
        assert "CONFIG_IP_MROUTE" in str(failure.value)
        assert "Traceback" not in str(failure.value)
        assert "it is killed" not in str(failure.value)
        assert not daemon.control_socket.exists()
    finally:
        daemon.close()


def test_a_kernel_without_ipv6_multicast_routing_routes_ipv4(router):
    router.join("225.1.2.3")
    daemon = Daemon(router.lab.router, configuration="mroute from in0 group 225.1.2.3 to out0\n")
    try:
        daemon.start(preexec_fn=lambda: without_multicast_routing(socket.AF_INET6))
        assert router.exchange("192.0.2.10", "225.1.2.3") == [20, 0]
        with unix_session(daemon) as session:
            with pytest.raises(RPCError, match="IPV6_MROUTE"):
                edit(session, mroute("in0", "*", "ff1e::1", "out0"))
            assert len(running(session)) == 1
    finally:
        daemon.close()
