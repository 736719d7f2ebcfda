"""VIFs and MIFs of the real kernel: lazy, kept, bounded."""

from __future__ import annotations

import pytest

from lab import Sender, wait_for
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
    assert agent.vifs() == {"in0": [0, 0], "out0": [2, None], "out1": [None, 1]}


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
        "interface lo has no MULTICAST flag",
    )
    assert agent.status("mroute", "in0", S4, G4) == (
        "pending",
        "interface out1 has no MULTICAST flag",
    )
    router.lab.router.ip("link set out1 multicast on\n")
    assert agent.event("interface-active")["interface"] == "out1"
    assert agent.entries() == {(S4, G4): ("in0", "static", {"out1"})}


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


def test_renamed_interface_takes_the_rules_of_its_new_name(router, agent):
    host = router.lab.router
    router.join(G4)
    agent.apply(
        [
            ["mroute", "in0", S4, G4, ["out0", "lan0"]],
            ["mgroup", "lan0", "*", "225.9.9.9"],
            ["phyint", "lan0", None, None, 5],
        ]
    )
    with router.stream(S4, G4):
        router.receivers[0].wait(S4, G4, 10)
        host.ip("link set out1 down\nlink set out1 name lan0\nlink set lan0 up\n")
        assert agent.event("interface-active")["interface"] == "lan0"
        router.receivers[1].wait(S4, G4, 10)
        assert agent.read("memberships") == [["lan0", "*", "225.9.9.9"]]
        assert [row[4] for row in agent.read("entries")] == [[["out0", 1], ["lan0", 5]]]
        host.ip("link set lan0 down\nlink set lan0 name out1\nlink set out1 up\n")
        assert agent.event("interface-pending")["interface"] == "lan0"
        assert agent.entries() == {(S4, G4): ("in0", "static", {"out0"})}
        assert agent.read("memberships") == []
    router.receivers[0].wait(S4, G4, router.sender.sent(S4, G4))
    assert router.receivers[0].arrivals(S4, G4).missing == ()


@pytest.mark.parametrize(("source", "group"), [(S4, G4), (S6, "ff0e::1")])
def test_multicast_flag_off_and_on_under_traffic(router, agent, source, group):
    host = router.lab.router
    router.join(group)
    agent.apply(
        [
            ["mroute", "in0", source, group, ["out0", "out1"]],
            ["mgroup", "out1", "*", "225.9.9.9"],
        ]
    )
    with router.stream(source, group):
        for _ in range(3):
            router.receivers[1].wait(source, group, router.receivers[1].packets(source, group) + 10)
            host.ip("link set out1 multicast off\n")
            assert agent.event("interface-pending")["interface"] == "out1"
            assert agent.entries() == {(source, group): ("in0", "static", {"out0"})}
            assert agent.read("memberships") == []
            host.ip("link set out1 multicast on\n")
            assert agent.event("interface-active")["interface"] == "out1"
            assert agent.entries() == {(source, group): ("in0", "static", {"out0", "out1"})}
            assert agent.read("memberships") == [["out1", "*", "225.9.9.9"]]
    router.receivers[0].wait(source, group, router.sender.sent(source, group))
    assert router.receivers[0].arrivals(source, group).missing == ()


def test_in_interface_made_anew_under_traffic(router, agent):
    """The sender's own link goes and comes back with another index: flow and joins return."""
    lab = router.lab
    lab.add_output("in1", lab.sender)
    lab.sender.ip("address add 192.0.2.99/24 dev in1\n")
    groups = [f"225.1.2.{number}" for number in range(1, 4)]
    router.join(*groups)
    agent.apply(
        [
            ["mroute", "in1", "*", "225.1.2.0/24", ["out0"]],
            ["mgroup", "in1", "*", G4],
            ["mgroup", "in1", "192.0.2.99", "232.1.1.1"],
            ["mgroup", "in1", "*", "ff0e::7"],
        ]
    )
    joined = sorted(agent.read("memberships"))
    assert len(joined) == 3
    indexes = set()
    for group in groups:
        indexes.add(lab.router.interface_index("in1"))
        with Sender(lab.sender, "in1") as sender:
            sender.mark = router.sender.mark
            sender.send("192.0.2.99", group, 10, rate=1000)
            router.receivers[0].wait("192.0.2.99", group, 10)
        lab.router.ip("link delete in1\n")
        assert agent.event("interface-pending")["interface"] == "in1"
        assert agent.entries() == {}
        assert agent.read("memberships") == []
        lab.add_output("in1", lab.sender)
        lab.sender.ip("address add 192.0.2.99/24 dev in1\n")
        assert agent.event("interface-active")["interface"] == "in1"
        assert sorted(agent.read("memberships")) == joined
        assert "030201E1" in lab.router.proc_net("igmp").partition("in1")[2]
    assert len(indexes) == 3


def test_addresses_that_change_disturb_no_flow(router, agent):
    host = router.lab.router
    router.join(G4, "ff0e::1")
    agent.apply(
        [
            ["mroute", "in0", S4, G4, ["out0"]],
            ["mroute", "in0", S6, "ff0e::1", ["out0"]],
            ["mgroup", "in0", "*", "225.9.9.9"],
        ]
    )
    vifs = vifs_of_kernel(host)
    with router.stream(S4, G4), router.stream(S6, "ff0e::1"):
        for flow in ((S4, G4), (S6, "ff0e::1")):
            router.receivers[0].wait(*flow, 10)
        host.ip("address flush dev out0\naddress add 10.77.0.1/24 dev out0\n")
        host.ip("address add 192.0.2.7/24 dev in0\naddress delete 192.0.2.1/24 dev in0\n")
        host.ip("address add 192.0.2.1/24 dev in0\n")
        for flow in ((S4, G4), (S6, "ff0e::1")):
            router.receivers[0].wait(*flow, router.receivers[0].packets(*flow) + 100)
    for flow in ((S4, G4), (S6, "ff0e::1")):
        router.receivers[0].wait(*flow, router.sender.sent(*flow))
        assert router.receivers[0].arrivals(*flow).missing == ()
    assert vifs_of_kernel(host) == vifs
    assert agent.read("memberships") == [["in0", "*", "225.9.9.9"]]


@pytest.mark.parametrize(
    "made",
    [
        "link add link out1 name upper0 type macvlan mode bridge\n",
        "link add upper0 type bridge mcast_snooping 0\nlink set out1 master upper0\n",
    ],
    ids=["macvlan", "bridge"],
)
def test_interface_on_top_of_another(router, agent, made):
    host = router.lab.router
    router.join(G4, "ff0e::1")
    agent.apply(
        [
            ["mroute", "in0", S4, G4, ["out0", "upper0"]],
            ["mroute", "in0", S6, "ff0e::1", ["upper0"]],
            ["mgroup", "upper0", "*", "225.9.9.9"],
        ]
    )
    for _ in range(2):
        host.ip(made)
        host.ip("link set upper0 up\n")
        assert agent.event("interface-active")["interface"] == "upper0"
        wait_for(lambda: router.exchange(S4, G4, 2) == [2, 2], "both legs of IPv4")
        wait_for(lambda: router.exchange(S6, "ff0e::1", 2) == [0, 2], "the leg of IPv6")
        assert router.exchange(S4, G4) == [20, 20]
        assert router.exchange(S6, "ff0e::1") == [0, 20]
        assert agent.read("memberships") == [["upper0", "*", "225.9.9.9"]]
        host.ip("link delete upper0\n")
        assert agent.event("interface-pending")["interface"] == "upper0"
        assert router.exchange(S4, G4) == [20, 0]
