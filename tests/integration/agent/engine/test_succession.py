"""An engine killed while packets flow, and the next one that takes its tables over."""

from __future__ import annotations

import os
import signal

import pytest

from lab import wait_for
from lab.topology import Addresses
from smcroute_agent.engine.encoding import encode_rule
from smcroute_agent.rules import Mroute

S4, S6 = Addresses.SENDER
STATIC4, STATIC6, LEARNED4, LEARNED6 = "225.1.2.3", "ff0e::1", "225.2.0.1", "ff0e:2::1"
UNMATCHED = "230.1.1.1"
RULES = [
    ["phyint", "out1", None, None, 3],
    ["mroute", "in0", S4, STATIC4, ["out0"]],
    ["mroute", "in0", S6, STATIC6, ["out0", "out1"]],
    ["mroute", "in0", "*", "225.2.0.0/16", ["out0", "out1"]],
    ["mroute", "in0", "*", "ff0e:2::/32", ["out1"]],
    ["mgroup", "in0", "*", "225.8.8.8"],
]
FLOWS = [(S4, STATIC4), (S6, STATIC6), (S4, LEARNED4), (S6, LEARNED6), (S4, UNMATCHED)]


@pytest.fixture
def first(router, engine):
    """An engine with rules, and with entries of every kind."""
    router.join(STATIC4, STATIC6, LEARNED4, LEARNED6)
    started = engine(router.lab.router, keep=True)
    agent = started.agent()
    agent.apply(RULES)
    for source, group in FLOWS:
        router.exchange(source, group)
    assert {row[3] for row in agent.read("entries")} == {"static", "learned", "stop"}
    return started, agent


@pytest.fixture
def kill(first, router, engine):
    """Kills the first engine, does something, starts the next one and hands it on."""
    started, _ = first

    def do(meanwhile=lambda: None):
        os.kill(started.pid, signal.SIGKILL)
        started.process.wait()
        meanwhile()
        return engine(router.lab.router, inherit=started.left, keep=True)

    return do


def rows(agent, *subjects: str) -> dict[str, list]:
    """State without counters, in an order that does not matter."""
    found = {subject: sorted(map(repr, agent.read(subject))) for subject in subjects}
    return found | {"entries": sorted(agent.entries().items(), key=repr)}


def ageless(entries: list[list]) -> list[list]:
    """Entries without their uptime and how long they have been idle: clocks run."""
    return sorted(entry[:-2] for entry in entries)


STATE = ("rules", "interfaces", "memberships", "statuses")


def test_everything_is_as_before(first, kill, router):
    _, agent = first
    before, counted = rows(agent, *STATE), ageless(agent.read("entries"))
    after = kill().agent()
    after.apply(RULES, replace_all=True)
    assert rows(after, *STATE) == before
    assert ageless(after.read("entries")) == counted
    after.apply(replace_all=True)
    assert (after.read("entries"), after.vifs()) == ([], {})
    assert len(router.lab.router.proc_net("ip_mr_cache").splitlines()) == 1
    assert len(router.lab.router.proc_net("ip6_mr_vif").splitlines()) == 1


@pytest.mark.parametrize(("source", "group"), FLOWS[:4])
def test_not_one_packet_is_lost(first, kill, router, source, group):
    receiver = router.receivers[1 if group in (LEARNED4, LEARNED6) else 0]
    with router.stream(source, group):
        receiver.wait(source, group, receiver.packets(source, group) + 100)
        for _ in range(2):
            here = receiver.packets(source, group)
            started = kill(lambda here=here: receiver.wait(source, group, here + 100))
            here = receiver.packets(source, group)
            receiver.wait(source, group, here + 100)
            started.agent().apply(RULES, replace_all=True)
            first[0].forget()
            first[0].process, first[0].left = started.process, dict(started.left)
            started.left.clear()
        receiver.wait(source, group, receiver.packets(source, group) + 100)
    sent = router.sender.sent(source, group)
    arrivals = receiver.wait(source, group, sent)
    assert (arrivals.packets, arrivals.missing, arrivals.duplicates) == (sent, (), 0)


def test_new_flows_wait_for_the_next_engine(first, kill, router):
    groups = [f"225.2.7.{number}" for number in range(1, 101)]
    router.join(*groups)

    def send():
        for group in groups:
            router.sender.send(S4, group, 1)

    after = kill(send).agent()
    assert [receiver.packets(S4, groups[0]) for receiver in router.receivers] == [0, 0]
    after.apply(RULES, replace_all=True)
    for group in groups:
        for receiver in router.receivers:
            receiver.wait(S4, group, 1)
    assert after.read("counters")["learned"] == 100


def test_other_rules_than_before(first, kill, router):
    after = kill().agent()
    after.apply([encode_rule(Mroute("in0", S4, LEARNED4, ("out1",)))], replace_all=True)
    assert after.entries() == {
        (S4, LEARNED4): ("in0", "static", {"out1"}),
        (S4, STATIC4): ("in0", "stop", set()),
        (S4, UNMATCHED): ("in0", "stop", set()),
    }
    assert router.exchange(S4, LEARNED4) == [0, 20]
    assert router.exchange(S4, STATIC4) == [0, 0]
    assert router.exchange(S6, STATIC6) == [0, 0]
    assert list(after.vifs()) == ["in0", "out1"]


def test_rules_that_are_refused_leave_nothing(first, kill, router):
    after = kill().agent()
    router.lab.router.sysctl("net/ipv4/igmp_max_memberships", "0")
    with pytest.raises(AssertionError, match="igmp_max_memberships"):
        after.apply(RULES, replace_all=True)
    assert (after.read("entries"), after.vifs()) == ([], {})
    router.lab.router.sysctl("net/ipv4/igmp_max_memberships", "20")
    after.apply(RULES)
    assert router.exchange(S4, LEARNED4) == [20, 20]


def test_interfaces_that_changed_in_between(first, kill, router):
    """out1 comes back with another index, and late0 takes its place among the VIFs first."""
    lab = router.lab

    def change():
        lab.router.ip("link delete out1\n")
        lab.add_output("late0", lab.receivers[1])
        lab.router.ip("link set in0 multicast off\nlink set in0 multicast on\n")

    after = kill(change).agent()
    after.apply([*RULES, ["mroute", "late0", S4, "226.1.1.1", []]], replace_all=True)
    assert router.exchange(S4, LEARNED4)[0] == 20
    assert after.entries()[S4, LEARNED4] == ("in0", "learned", {"out0"})
    assert (S6, LEARNED6) not in after.entries() or after.entries()[S6, LEARNED6][2] == set()
    vifs = {row[0]: row[2] for row in after.read("interfaces")}
    assert vifs["late0"] is not None
    (line,) = [line for line in lab.router.proc_net("ip_mr_vif").splitlines() if " late0 " in line]
    assert int(line.split()[5]) == 0  # packets out
    lab.add_output("out1", lab.receivers[1])
    wait_for(lambda: after.entries()[S4, LEARNED4] == ("in0", "learned", {"out0", "out1"}), "out1")


def test_cache_limit_holds_for_what_was_taken_over(first, kill, router, engine):
    started, agent = first
    for number in range(1, 20):
        router.sender.send(S4, f"230.1.2.{number}", 1)
    agent.eventually(lambda: agent.read("counters")["stopped"] == 20, "all stop entries")
    os.kill(started.pid, signal.SIGKILL)
    started.process.wait()
    after = engine(router.lab.router, "--cache-limit", "5", inherit=started.left).agent()
    started.forget()
    after.apply([RULES[1]], replace_all=True)
    origins = [row[3] for row in after.read("entries")]
    assert sorted(origins) == ["static", *["stop"] * 5]


def test_tables_go_with_the_last_engine(first, router):
    started, _ = first
    os.kill(started.pid, signal.SIGKILL)
    started.process.wait()
    assert len(router.lab.router.proc_net("ip_mr_cache").splitlines()) > 1
    started.forget()
    assert len(router.lab.router.proc_net("ip_mr_cache").splitlines()) == 1


def test_table_of_its_own(router, engine):
    """What the next engine finds is that of its table alone."""
    host = router.lab.router
    router.join(STATIC4, STATIC6)
    first = engine(host, "--table", "7", keep=True)
    other = engine(host, keep=True)
    agent = first.agent()
    agent.apply(RULES)
    other.agent().apply([["mroute", "in0", S4, STATIC4, ["out1"]]])
    before = rows(agent, *STATE)
    os.kill(first.pid, signal.SIGKILL)
    first.process.wait()
    after = engine(host, "--table", "7", inherit=first.left).agent()
    after.apply(RULES, replace_all=True)
    assert rows(after, *STATE) == before
    assert router.exchange(S4, STATIC4) == [0, 20]
