"""smcroutectl, ours and Debian's C one, against our daemon."""

from __future__ import annotations

import pytest

from lab import wait_for
from lab.daemon import DEBIAN_CLIENT, OUR_CLIENT
from lab.netconf import edit, mroute, running, unix_session

CLIENTS = pytest.mark.parametrize("client", [OUR_CLIENT, DEBIAN_CLIENT], ids=["ours", "C"])


@pytest.fixture
def daemon(router):
    return router.start()


@CLIENTS
@pytest.mark.parametrize(
    ("source", "group", "words"),
    [
        ("192.0.2.10", "225.1.2.3", ("192.0.2.10", "225.1.2.3")),
        ("192.0.2.10", "225.1.2.3", ("225.1.2.3",)),
        ("192.0.2.10", "225.1.2.3", ("225.1.0.0/16",)),
        ("2001:db8::10", "ff1e::1", ("2001:db8::10", "ff1e::1")),
        ("2001:db8::10", "ff1e::1", ("ff1e::1",)),
    ],
)
def test_add_and_remove(router, daemon, client, source, group, words):
    router.join(group)
    daemon.control("add", "in0", *words, "out0", "out1", client=client)
    assert router.exchange(source, group) == [20, 20]
    daemon.control("remove", "in0", *words, client=client)
    assert router.exchange(source, group) == [0, 0]


@CLIENTS
def test_join_and_leave(router, daemon, client):
    def joined():
        return "030201E1" in router.lab.router.proc_net("igmp")

    daemon.control("join", "in0", "225.1.2.3", client=client)
    assert joined()
    daemon.control("leave", "in0", "225.1.2.3", client=client)
    assert not joined()


@CLIENTS
def test_flush_forgets_learned_routes_only(router, daemon, client):
    router.join("225.1.2.3")
    daemon.control("add", "in0", "225.1.0.0/16", "out0", client=client)
    daemon.control("add", "in0", "192.0.2.10", "225.9.9.9", "out0", client=client)
    router.exchange("192.0.2.10", "225.1.2.3")
    assert len(router.lab.router.proc_net("ip_mr_cache").splitlines()) == 3
    daemon.control("flush", client=client)
    assert len(router.lab.router.proc_net("ip_mr_cache").splitlines()) == 2
    assert router.exchange("192.0.2.10", "225.1.2.3") == [20, 0]


@CLIENTS
def test_show(router, daemon, client):
    daemon.control("add", "in0", "192.0.2.10", "225.1.2.3", "out0", "out1", client=client)
    daemon.control("join", "in0", "225.4.4.4", client=client)
    routes = daemon.control("show", "routes", client=client).stdout
    assert "(192.0.2.10, 225.1.2.3)" in routes
    assert "out0 out1" in routes
    assert "225.4.4.4" in daemon.control("show", "groups", client=client).stdout


def test_both_clients_show_the_same(router, daemon):
    daemon.control("add", "in0", "192.0.2.10", "225.1.2.3", "out0", "out1")
    daemon.control("add", "in0", "ff1e::/16", "out0")
    ours, stock = (
        daemon.control("-p", "show", "routes", client=client).stdout
        for client in (OUR_CLIENT, DEBIAN_CLIENT)
    )
    assert ours == stock


@CLIENTS
def test_restart_loads_the_file(router, daemon, client):
    router.join("225.1.2.3")
    daemon.control("add", "in0", "225.7.7.7", "out0", client=client)
    daemon.configuration_file.write_text("mroute from in0 group 225.1.2.3 to out1\n")
    daemon.control("reload" if client == DEBIAN_CLIENT else "restart", client=client)
    wait_for(lambda: "225.7.7.7" not in daemon.control("show", "routes").stdout, "the reload done")
    assert router.exchange("192.0.2.10", "225.1.2.3") == [0, 20]


@CLIENTS
def test_kill(router, daemon, client):
    daemon.control("kill", client=client)
    wait_for(lambda: not daemon.running, "the daemon's end")
    assert not daemon.control_socket.exists()


@CLIENTS
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "in0", "192.0.2.10", "192.0.2.1", "out0"), "192.0.2.1"),
        (("add", "in0", "192.0.2.10", "ff1e::1", "out0"), "famil"),
        (("add", "in0", "225.1.2.3/33", "out0"), "/33"),
        (("add", "an-interface-name", "225.1.2.3", "out0"), "interface"),
        (("remove", "in0", "225.1.2.3"), "225.1.2.3"),
        (("join", "in0", "192.0.2.1"), "192.0.2.1"),
        (("leave", "in0", "225.1.2.3"), "225.1.2.3"),
    ],
)
def test_an_error_is_said_and_is_exit_code_1(daemon, client, words, says):
    done = daemon.control(*words, client=client, check=False)
    assert done.returncode == 1
    assert says in done.stderr
    assert "mroute" not in daemon.control("show", "routes").stdout


def test_an_edit_by_socket_and_one_by_netconf_are_the_same(router, daemon):
    daemon.control("add", "in0", "192.0.2.10", "225.1.2.3", "out0")
    with unix_session(daemon) as session:
        assert running(session) == {("mroute", "in0", "192.0.2.10", "225.1.2.3", "out0")}
        edit(session, mroute("in0", "*", "225.2.0.1", "out0"))
    assert "(*, 225.2.0.1)" in daemon.control("show", "routes").stdout


def test_no_daemon(router, daemon):
    daemon.stop()
    done = daemon.control("show", check=False)
    assert done.returncode == 1
    assert str(daemon.control_socket) in done.stderr
