"""Groups that the real kernel has joined for the engine."""

from __future__ import annotations

import ipaddress
import os

import pytest

from lab.topology import Addresses
from tests.integration.agent.engine.process import Refusal

S4, S6 = Addresses.SENDER
O4, _ = Addresses.OTHER_SENDER


def joined(host, interface: str) -> set[str]:
    """IPv4 groups of an interface, by /proc/net/igmp, and IPv6 ones, by /proc/net/igmp6."""
    found, current = set(), ""
    for line in host.proc_net("igmp").splitlines()[1:]:
        words = line.split()
        if line[0].isdigit():
            current = words[1]
        elif current == interface:
            found.add(str(ipaddress.ip_address(bytes.fromhex(words[0])[::-1])))
    for line in host.proc_net("igmp6").splitlines():
        words = line.split()
        if words[1] == interface:
            found.add(str(ipaddress.ip_address(bytes.fromhex(words[2]))))
    return {group for group in found if group.startswith(("225.", "232.", "ff3e:", "ff0e:"))}


def sources(host, name: str) -> set[tuple[str, str, str]]:
    """(interface, group, source) of the kernel's source filters."""
    found = set()
    for line in host.proc_net(name).splitlines()[1:]:
        _, interface, group, source, include, _ = line.split()
        if int(include):
            words = [
                str(ipaddress.ip_address(int(text, 16) if "0x" in text else bytes.fromhex(text)))
                for text in (group, source)
            ]
            found.add((interface, *words))
    return found


def test_asm_and_ssm_of_both_families(router, agent):
    host = router.lab.router
    rules = [
        ["mgroup", "in0", "*", "225.1.1.1"],
        ["mgroup", "in0", S4, "232.1.1.1"],
        ["mgroup", "in0", O4, "232.1.1.1"],
        ["mgroup", "in0", "*", "ff0e::1"],
        ["mgroup", "in0", S6, "ff3e::1"],
    ]
    agent.apply(rules)
    assert joined(host, "in0") == {"225.1.1.1", "232.1.1.1", "ff0e::1", "ff3e::1"}
    assert sources(host, "mcfilter") == {("in0", "232.1.1.1", S4), ("in0", "232.1.1.1", O4)}
    assert sources(host, "mcfilter6") == {("in0", "ff3e::1", S6)}
    assert {tuple(row) for row in agent.read("memberships")} == {tuple(rule[1:]) for rule in rules}
    agent.apply(remove=[rules[0], rules[1], rules[3]])
    assert joined(host, "in0") == {"232.1.1.1", "ff3e::1"}
    assert sources(host, "mcfilter") == {("in0", "232.1.1.1", O4)}


def test_any_source_and_one_source_of_the_same_group(router, agent):
    host = router.lab.router
    agent.apply([["mgroup", "in0", "*", "232.1.1.1"], ["mgroup", "in0", S4, "232.1.1.1"]])
    agent.apply(remove=[["mgroup", "in0", "*", "232.1.1.1"]])
    assert sources(host, "mcfilter") == {("in0", "232.1.1.1", S4)}


def test_ranges_beyond_what_one_socket_takes(router, agent):
    host = router.lab.router
    agent.apply(
        [
            ["mgroup", "in0", "*", "225.1.0.0/24"],
            ["mgroup", "out+", "10.9.0.0/27", "232.1.1.1"],
            ["mgroup", "in0", "*", "ff0e::/120"],
        ]
    )
    assert joined(host, "in0") == {f"225.1.0.{i}" for i in range(256)} | {
        str(ipaddress.ip_address("ff0e::") + i) for i in range(256)
    }
    assert len(sources(host, "mcfilter")) == 64
    agent.apply(replace_all=True)
    assert joined(host, "in0") == set()
    assert sources(host, "mcfilter") == set()


def test_sysctl_is_named_when_the_kernel_takes_no_membership(router, agent):
    host = router.lab.router
    agent.apply([["mgroup", "in0", "*", "225.1.1.1"]])
    host.sysctl("net/ipv4/igmp_max_memberships", "0")
    with pytest.raises(Refusal) as caught:
        agent.apply(
            [["mgroup", "out0", "*", "225.1.1.2"], ["mroute", "in0", S4, "225.1.1.2", ["out0"]]],
            [["mgroup", "in0", "*", "225.1.1.1"]],
        )
    assert caught.value.wire["kind"] == "resource"
    assert caught.value.wire["rule"] == ["mgroup", "out0", "*", "225.1.1.2"]
    assert "net.ipv4.igmp_max_memberships" in caught.value.wire["remedy"]
    assert joined(host, "in0") == {"225.1.1.1"}
    assert agent.read("rules") == [["mgroup", "in0", "*", "225.1.1.1"]]
    assert agent.entries() == {}


def test_membership_survives_its_interface(router, engine):
    host = router.lab.router
    started = engine(host)
    agent = started.agent()
    router.lab.add_output("late0")
    agent.apply(
        [
            ["mgroup", "late0", "*", "225.1.1.1"],
            ["mgroup", "late0", S4, "232.1.1.1"],
            ["mgroup", "late0", S6, "ff3e::1"],
            # These keep the sockets open that the others are on.
            ["mgroup", "out0", "*", "225.1.1.1"],
            ["mgroup", "out0", S4, "232.1.1.1"],
            ["mgroup", "out0", S6, "ff3e::1"],
        ]
    )
    descriptors = len(os.listdir(f"/proc/{started.pid}/fd"))
    for _ in range(25):  # more often than one socket has room for, were it not given back
        host.ip("link delete late0\n")
        assert agent.event("interface-pending")["interface"] == "late0"
        router.lab.add_output("late0")
        assert agent.event("interface-active")["interface"] == "late0"
        assert joined(host, "late0") == {"225.1.1.1", "232.1.1.1", "ff3e::1"}
    assert len(os.listdir(f"/proc/{started.pid}/fd")) == descriptors


def test_interface_that_is_missing(agent):
    agent.apply([["mgroup", "late0", "*", "225.1.1.1"]])
    assert agent.status("mgroup", "late0", "*", "225.1.1.1") == (
        "pending",
        "interface late0 does not exist",
    )


def test_interface_that_does_not_route(router, agent):
    """As with smcroute: to disable a phyint is to give it no VIF."""
    agent.apply([["mgroup", "out0", "*", "225.1.1.1"]])
    agent.apply([["phyint", "out0", False, None, None], ["mgroup", "out+", S4, "232.1.1.1"]])
    assert joined(router.lab.router, "out0") == {"225.1.1.1", "232.1.1.1"}
    key = ("mgroup", "out0", "*", "225.1.1.1")
    assert agent.status(*key) == ("installed", None)
    router.lab.router.ip("link set out0 multicast off\n")
    waits = ("pending", "interface out0 has no MULTICAST flag")
    agent.eventually(lambda: agent.status(*key) == waits, "the group to wait")
