"""VIFs and MIFs of the real kernel: lazy, kept, bounded."""

from __future__ import annotations

import os
import signal

import pytest

from lab import wait_for
from lab.topology import Addresses
from tests.integration.agent.engine.process import Refusal

S4, S6 = Addresses.SENDER
G4 = "225.1.2.3"


def outs(*numbers: int) -> list[str]:
    return [f"out{number}" for number in numbers]


def vifs_of_kernel(host) -> dict[int, str]:
    rows = [line.split() for line in host.proc_net("ip_mr_vif").splitlines()[1:]]
    return {int(number): name for number, name, *_ in rows}


def test_taken_when_needed_kept_and_given_back(router, agent):
    host = router.lab.router
    assert vifs_of_kernel(host) == {}
    agent.apply([["mroute", "in0", S4, G4, ["out1"]]])
    agent.apply([["mroute", "out0", S4, "225.1.1.1", []]])
    assert vifs_of_kernel(host) == {0: "in0", 1: "out1", 2: "out0"}
    agent.apply(remove=[["mroute", "in0", S4, G4]])
    assert vifs_of_kernel(host) == {2: "out0"}
    agent.apply([["mroute", "in0", S4, G4, []], ["mroute", "in0", "*", "ff0e::1", ["out1"]]])
    assert vifs_of_kernel(host) == {0: "in0", 2: "out0"}
    rows = {row[0]: row[2:] for row in agent.read("interfaces")}
    assert rows == {"in0": [0, 0], "out0": [2, None], "out1": [None, 1]}


@pytest.mark.parametrize(("source", "group"), [(S4, G4), (S6, "ff0e::1")])
def test_33rd_is_refused_and_nothing_is_left_of_the_change(wide_router, engine, source, group):
    agent = engine(wide_router.lab.router).agent()
    agent.apply([["mroute", "in0", source, group, outs(*range(30))]])
    before = {what: agent.read(what) for what in ("rules", "interfaces", "entries")}
    kernel = vifs_of_kernel(wide_router.lab.router)
    with pytest.raises(Refusal) as caught:
        agent.apply(
            [
                ["mroute", "in0", "*", group, outs(30, 31)],
                ["mgroup", "in0", "*", "225.1.1.1"],
                ["phyint", "out4", None, None, 9],
            ]
        )
    error = caught.value.wire
    assert error["kind"] == "resource"
    assert agent.read("memberships") == []
    assert {what: agent.read(what) for what in before} == before
    assert vifs_of_kernel(wide_router.lab.router) == kernel
    assert error["rule"] == ["mroute", "in0", "*", group]
    assert "no VIF is left for interface out31" in error["message"]
    assert error["remedy"]


def test_change_that_frees_what_it_needs(wide_router, engine):
    agent = engine(wide_router.lab.router).agent()
    agent.apply([["mroute", "in0", S4, G4, outs(*range(31))]])
    agent.apply([["mroute", "in0", S4, G4, outs(*range(2, 33))]])
    assert agent.entries() == {(S4, G4): ("in0", "static", set(outs(*range(2, 33))))}


def test_in_use_as_in_and_out(router, agent):
    answer = agent.apply([["mroute", "in0", S4, G4, ["in0", "out0"]]])
    ((key, words),) = answer["warnings"]
    assert key == ["mroute", "in0", S4, G4]
    assert "in0" in words
    assert agent.entries() == {(S4, G4): ("in0", "static", {"in0", "out0"})}
    ((_, state, _, warnings),) = agent.read("statuses")
    assert (state, warnings) == ("installed", [words])


def test_loopback_and_not_multicast(router, agent):
    router.lab.router.ip("link set out1 multicast off\n")
    agent.apply([["mroute", "lo", S4, G4, ["out0"]], ["mroute", "in0", S4, G4, ["out1"]]])
    assert agent.status("mroute", "lo", S4, G4) == (
        "pending",
        "interface lo is a loopback interface",
    )
    assert agent.status("mroute", "in0", S4, G4) == (
        "pending",
        "interface out1 has no MULTICAST flag",
    )
    router.lab.router.ip("link set out1 multicast on\n")
    assert agent.event("interface-active")["interface"] == "out1"
    assert agent.entries() == {(S4, G4): ("in0", "static", {"out1"})}


def test_events_that_the_kernel_dropped_are_made_up_for(router, engine):
    """A stopped engine's event buffer overflows; the VIF's interface is made anew meanwhile."""
    host = router.lab.router
    started = engine(host)
    agent = started.agent()
    host.ip("link add late0 index 5000 type veth peer name late1\n")
    agent.apply(
        [
            ["mroute", "in0", S4, G4, ["out0", "late0"]],
            ["mroute", "in0", S6, "ff0e::1", ["out0", "late0"]],
            ["mgroup", "late0", "*", "225.1.1.1"],
        ]
    )
    before = agent.entries()
    os.kill(started.pid, signal.SIGSTOP)
    try:
        host.ip("link delete late0\n")
        host.ip("link add late0 index 5000 type veth peer name late1\n")
        host.ip("link set late1 up\nlink set late1 down\n" * 3000)
    finally:
        os.kill(started.pid, signal.SIGCONT)
    wait_for(lambda: "late0" in vifs_of_kernel(host).values(), "a VIF of the new late0")
    assert agent.entries() == before
    assert "late0" in host.proc_net("ip6_mr_vif")
    assert "010101E1" in host.proc_net("igmp").partition("late0")[2]


def test_bridge_port_that_leaves_its_bridge_is_no_link_that_goes(router, agent):
    host = router.lab.router
    host.ip("link add br0 type bridge\n")
    agent.apply([["mroute", "in0", S4, G4, ["out0", "br0"]]])
    router.join(G4)
    assert router.exchange(S4, G4)[0] == 20
    host.ip("link set out0 master br0\nlink set out0 nomaster\nlink set br0 down\n")
    host.ip("link delete br0\n")
    agent.event("interface-pending")
    assert agent.entries() == {(S4, G4): ("in0", "static", {"out0"})}
    # A VIF that had been given back and taken again would count from 0.
    (line,) = [line for line in host.proc_net("ip_mr_vif").splitlines() if " out0 " in line]
    assert int(line.split()[5]) == 20


def test_ifindex_beyond_what_a_mif_can_have(router, agent):
    host = router.lab.router
    host.ip("link add far0 index 70000 type veth peer name near0\nlink set far0 up\n")
    agent.apply(
        [["mroute", "in0", S6, "ff0e::1", ["out0", "far0"]], ["mroute", "in0", S4, G4, ["far0"]]]
    )
    assert agent.entries() == {
        (S6, "ff0e::1"): ("in0", "static", {"out0"}),
        (S4, G4): ("in0", "static", {"far0"}),
    }
    state, reason = agent.status("mroute", "in0", S6, "ff0e::1")
    assert state == "pending"
    assert "70000" in reason
