"""The process: its start, what it may do, its end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket

import pytest

from lab.mounts import reachable_by_all
from lab.process import capabilities, resident_octets, status
from lab.seccomp import without_any_multicast_routing, without_multicast_routing
from lab.topology import Addresses
from smcroute_agent.channel import ChannelClosed
from smcroute_agent.engine.addresses import IPV4, IPV6
from smcroute_agent.engine.kernel.mroute import OPENERS
from tests.integration.agent.engine.process import Engine, Refusal

S4, S6 = Addresses.SENDER
G4 = "225.1.2.3"
NOBODY = 65534
CAP_NET_ADMIN, CAP_NET_RAW = 12, 13


@pytest.mark.parametrize("user", [(), ("--uid", str(NOBODY), "--gid", str(NOBODY))])
def test_two_capabilities_are_kept_and_suffice(router, engine, user):
    started = engine(router.lab.router, *user)
    for which in ("CapEff", "CapPrm", "CapBnd"):
        assert capabilities(started.pid, which) == {CAP_NET_ADMIN, CAP_NET_RAW}
    for which in ("CapInh", "CapAmb"):
        assert capabilities(started.pid, which) == set()
    about = status(started.pid)
    assert about["NoNewPrivs"] == "1"
    if user:
        assert set(about["Uid"].split()) == set(about["Gid"].split()) == {str(NOBODY)}
        assert about["Groups"].split() == []
    agent = started.agent()
    agent.apply(
        [
            ["mroute", "in0", "*", G4, ["out0"]],
            ["mroute", "in0", "*", "ff0e::1", ["out0"]],
            ["mgroup", "in0", S4, "232.1.1.1"],
            ["mgroup", "in0", "*", "ff0e::1"],
        ]
    )
    router.join(G4, "ff0e::1")
    assert router.exchange(S4, G4) == [20, 0]
    assert router.exchange(S6, "ff0e::1") == [20, 0]
    assert len(agent.entries()) == 2
    assert len(agent.read("memberships")) == 2
    agent.apply(replace_all=True)
    assert agent.vifs() == {}


def test_idle_memory(router, engine):
    assert resident_octets(engine(router.lab.router).pid) < 30 * 1024 * 1024


def test_nothing_but_light_modules_is_imported():
    import subprocess
    import sys

    code = (
        "import sys, smcroute_agent.engine.__main__; "
        "print(*{'asyncio', 'pyroute2', 'lxml', 'asyncssh'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_another_router_holds_the_table(router, engine):
    engine(router.lab.router)
    with Engine(router.lab.router) as second:
        fatal = second.first_word()["fatal"]["problems"][0]
        assert "another multicast routing daemon" in fatal["message"]
        assert "-t" in fatal["remedy"]
        assert second.process.wait(10) == 1


def become_nobody():
    """A preexec_fn."""
    reachable_by_all()
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def test_no_privilege(router):
    with Engine(router.lab.router, preexec_fn=become_nobody) as started:
        fatal = started.first_word()["fatal"]["problems"][0]
        assert "privilege" in fatal["message"]
        assert "CAP_NET_ADMIN" in fatal["remedy"]
        assert started.process.wait(10) == 1


def test_kernel_without_multicast_routing(router):
    with Engine(router.lab.router, preexec_fn=without_any_multicast_routing) as started:
        fatal = started.first_word()["fatal"]["problems"][0]
        assert fatal["message"] == "the kernel has no IPv4 multicast routing"
        assert "CONFIG_IP_MROUTE" in fatal["remedy"]
        assert started.process.wait(10) == 1


def test_kernel_without_ipv4_multicast_routing_routes_ipv6(router):
    router.join("ff0e::1")
    with Engine(
        router.lab.router, preexec_fn=lambda: without_multicast_routing(socket.AF_INET)
    ) as started:
        started.ready()
        agent = started.agent()
        with pytest.raises(Refusal, match="no IPv4 multicast routing"):
            agent.apply([["mroute", "in0", S4, G4, ["out0"]]])
        agent.apply([["mroute", "in0", "*", "ff0e::1", ["out0"]]])
        assert router.exchange(S6, "ff0e::1") == [20, 0]
        assert agent.vifs()["in0"] == [None, 0]


@pytest.mark.parametrize(("held", "free"), [(IPV4, IPV6), (IPV6, IPV4)])
def test_another_router_holds_the_table_of_one_family(router, engine, held, free):
    """A pim6sd beside it, for one."""
    routes = {
        IPV4: ["mroute", "in0", "*", G4, ["out0"]],
        IPV6: ["mroute", "in0", "*", "ff0e::1", ["out0"]],
    }
    router.join(G4, "ff0e::1")
    with router.lab.router.entered():
        other = OPENERS[held](None, None)
    with contextlib.closing(other):
        agent = engine(router.lab.router).agent()
        with pytest.raises(Refusal, match=f"another .* holds {held.name} multicast"):
            agent.apply([routes[held]])
        agent.apply([routes[free]])
        source, group = (S6, "ff0e::1") if free is IPV6 else (S4, G4)
        assert router.exchange(source, group) == [20, 0]


def test_table_number_that_only_ipv4_takes(router, engine):
    agent = engine(router.lab.router, "--table", "100000000").agent()
    agent.apply([["mroute", "in0", S4, G4, ["out0"]]])
    with pytest.raises(Refusal, match="refuses IPv6 multicast routing table 100000000"):
        agent.apply([["mroute", "in0", "*", "ff0e::1", []]])


def test_kernel_without_ipv6_multicast_routing(router):
    with Engine(
        router.lab.router, preexec_fn=lambda: without_multicast_routing(socket.AF_INET6)
    ) as started:
        started.ready()
        agent = started.agent()
        with pytest.raises(Refusal) as caught:
            agent.apply(
                [["mroute", "in0", S4, G4, ["out0"]], ["mroute", "in0", "*", "ff0e::1", []]]
            )
        assert caught.value.wire["message"] == "the kernel has no IPv6 multicast routing"
        assert caught.value.wire["rule"] == ["mroute", "in0", "*", "ff0e::1"]
        assert agent.read("rules") == []
        agent.apply([["mroute", "in0", S4, G4, ["out0"]]])
        assert list(agent.entries()) == [(S4, G4)]
        assert agent.vifs()["in0"] == [0, None]


def test_table_that_the_kernel_refuses(router):
    with Engine(router.lab.router, "--table", "1000000000") as started:
        fatal = started.first_word()["fatal"]["problems"][0]
        assert "1000000000" in fatal["message"]
        assert "-t" in fatal["remedy"]


@pytest.mark.parametrize("how", ["stop", "end of the channel"])
def test_end(router, engine, how):
    started = engine(router.lab.router)
    agent = started.agent()
    agent.apply([["mroute", "in0", S4, G4, ["out0"]], ["mgroup", "in0", "*", G4]])
    if how == "stop":
        started.control.send({"do": "stop"})
    else:
        started.control.close()
    assert started.process.wait(10) == 0
    with pytest.raises(ChannelClosed):
        agent.receive()
    assert len(router.lab.router.proc_net("ip_mr_cache").splitlines()) == 1
    assert "010200E1" not in router.lab.router.proc_net("igmp")


def test_signals_for_the_whole_group_are_the_supervisors_business(router, engine):
    started = engine(router.lab.router)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(started.pid, number)
    assert started.agent().read("rules") == []


def test_supervisor_that_sends_nonsense(router, engine):
    started = engine(router.lab.router)
    started.control.send({"do": "dance"}, (0,))
    started.control.send({"do": "client"})
    started.control.socket.send(b"[]")
    assert started.agent().read("rules") == []


def test_script_is_asked_for_when_a_route_is_learned(router, engine):
    started = engine(router.lab.router, "--notify-install")
    agent = started.agent()
    agent.apply([["mroute", "in0", "*", G4, ["out0"]]])
    router.sender.send(S4, "226.1.1.1", 1)
    router.sender.send(S4, G4, 1)
    assert started.first_word() == {"script": {"event": "install", "source": S4, "group": G4}}
