"""Either process killed while packets flow: what is lost, and what is there afterwards."""

from __future__ import annotations

import os
import signal

import pytest

from lab import wait_for
from lab.capture import Capture
from lab.netconf import edit, mgroup, mroute, phyint, running, unix_session
from lab.requirements import check

SOURCE = "192.0.2.10"
STATIC, LEARNED, NEW = "225.1.2.3", "225.2.0.1", "225.2.0.2"
CONFIGURATION = f"mroute from in0 source {SOURCE} group {STATIC} to out0\n"


@pytest.fixture
def daemon(router):
    """A daemon with rules from its file and, unlike the file, from an edit."""
    router.join(STATIC, LEARNED, NEW)
    daemon = router.start(CONFIGURATION)
    with unix_session(daemon) as session:
        edit(
            session,
            mroute("in0", "*", "225.2.0.0/16", "out0", "out1"),
            mroute("in0", "*", "ff1e::/16", "out1"),
            mgroup("in0", "*", "225.8.8.8"),
            phyint("out1", ttl_threshold=3),
        )
    return daemon


def running_of(daemon):
    """Its rules, once a NETCONF session comes about."""

    def ask():
        try:
            with unix_session(daemon) as session:
                return running(session)
        except Exception:  # ncclient raises whatever its transport does
            return None

    return wait_for(ask, lambda: f"a NETCONF session; the log: {daemon.log()}", interval=0.05)


def kill_and_wait(daemon, which):
    """SIGKILL for a child; returns when another one runs in its place."""
    old = getattr(daemon, which)
    os.kill(old, signal.SIGKILL)
    wait_for(lambda: getattr(daemon, which) != old, f"another {which}")


@pytest.mark.parametrize("which", ["agent_pid", "engine_pid"])
@pytest.mark.parametrize("group", [STATIC, LEARNED])
def test_not_one_packet_is_lost_when_a_process_is_killed(router, daemon, group, which):
    receiver = router.receivers[0]
    before = running_of(daemon)
    with router.stream(SOURCE, group):
        receiver.wait(SOURCE, group, 100)
        kill_and_wait(daemon, which)
        after = running_of(daemon)
        receiver.wait(SOURCE, group, receiver.packets(SOURCE, group) + 100)
    sent = router.sender.sent(SOURCE, group)
    arrivals = receiver.wait(SOURCE, group, sent)
    assert (arrivals.packets, arrivals.missing) == (sent, ())
    assert after == before
    assert len(before) == 5


def test_a_new_flow_is_learned_while_there_is_no_agent(router, daemon):
    agent = daemon.agent_pid
    os.kill(agent, signal.SIGSTOP)
    try:
        assert router.exchange(SOURCE, NEW) == [20, 20]
    finally:
        os.kill(agent, signal.SIGCONT)


def test_the_new_agent_edits_what_the_old_one_left(router, daemon):
    kill_and_wait(daemon, "agent_pid")
    running_of(daemon)
    with unix_session(daemon) as session:
        edit(session, mroute("in0", "*", "225.2.0.0/16", operation="delete"))
        edit(session, mroute("in0", SOURCE, STATIC, "out1"))
    assert router.exchange(SOURCE, STATIC) == [20, 20]
    assert router.exchange(SOURCE, NEW) == [0, 0]


def test_the_engine_comes_back_with_the_same_rules(router, daemon):
    before = running_of(daemon)
    assert router.exchange(SOURCE, LEARNED) == [20, 20]
    kill_and_wait(daemon, "engine_pid")
    wait_for(
        lambda: router.exchange(SOURCE, STATIC, 2) == [2, 0],
        lambda: f"the static route works again; the log: {daemon.log()}",
    )
    assert router.exchange(SOURCE, LEARNED) == [20, 20]
    assert router.exchange(SOURCE, LEARNED, ttl=3) == [20, 0]
    assert running_of(daemon) == before


def test_an_engine_that_dies_before_it_has_rules_leaves_nothing_to_the_next(router, daemon):
    assert router.exchange(SOURCE, STATIC) == [20, 0]
    agent = daemon.agent_pid
    os.kill(agent, signal.SIGSTOP)
    try:
        kill_and_wait(daemon, "engine_pid")
        wait_for(lambda: "taken over" in daemon.log(), "the second engine")
        kill_and_wait(daemon, "engine_pid")
        wait_for(
            lambda: len(router.lab.router.proc_net("ip_mr_cache").splitlines()) == 1,
            "tables of the third engine, which begins with nothing",
        )
    finally:
        os.kill(agent, signal.SIGCONT)
    wait_for(lambda: router.exchange(SOURCE, STATIC, 2) == [2, 0], "the static route")
    assert daemon.log().count("taken over") == 2


def group_records(capture):
    """(group, record type) of the IGMPv3 reports and (group, "leave") of IGMPv2."""
    rows = capture.dissect("igmp", "igmp.type", "igmp.maddr", "igmp.record_type")
    return {
        (group, record)
        for _, groups, records in (row for row in rows if len(row) == 3)
        for group, record in zip(groups.split(","), records.split(","), strict=False)
    }


INCLUDE_NOTHING = "3"
"""CHANGE_TO_INCLUDE_MODE without sources: how a group is left (RFC 3376, 4.2.12)."""


def test_groups_are_not_left_when_the_engine_is_killed(router, daemon):
    """A switch that snoops would cut the flow off."""
    check(commands=("tshark",))
    host = router.lab.router
    with unix_session(daemon) as session:
        edit(session, mgroup("in0", SOURCE, "232.8.8.8"), mgroup("in0", "*", "ff1e::8"))
    with Capture(router.lab.sender) as capture:
        for deaths in (1, 2):
            kill_and_wait(daemon, "engine_pid")
            assert "080808E1" in host.proc_net("igmp")
            wait_for(
                lambda deaths=deaths: daemon.log().count("the new engine holds") == deaths,
                "the rules in the new engine",
            )
        assert "080808E1" in host.proc_net("igmp")
        assert "e8080808" in host.proc_net("mcfilter").replace("0x", "").lower()
        assert "ff1e0000000000000000000000000008" in host.proc_net("igmp6")
        with unix_session(daemon) as session:
            edit(session, mgroup("in0", "*", "225.8.8.8", operation="delete"))
        wait_for(lambda: ("225.8.8.8", INCLUDE_NOTHING) in group_records(capture), "the end")
        left = [record for record in group_records(capture) if record[1] == INCLUDE_NOTHING]
        assert left == [("225.8.8.8", INCLUDE_NOTHING)]
        # What was held of engines that are dead would go on being a member.
        assert "080808E1" not in host.proc_net("igmp")


def test_both_processes_killed_at_once(router, daemon):
    """The rules are those of the file again; what the file says goes on without a gap."""
    receiver = router.receivers[0]
    with router.stream(SOURCE, STATIC):
        receiver.wait(SOURCE, STATIC, 100)
        engine, agent = daemon.engine_pid, daemon.agent_pid
        for pid in (engine, agent):
            os.kill(pid, signal.SIGKILL)
        wait_for(
            lambda: {daemon.engine_pid, daemon.agent_pid}.isdisjoint({engine, agent, None}),
            "other processes",
        )
        assert len(running_of(daemon)) == 1
        receiver.wait(SOURCE, STATIC, receiver.packets(SOURCE, STATIC) + 100)
    sent = router.sender.sent(SOURCE, STATIC)
    assert receiver.wait(SOURCE, STATIC, sent).missing == ()


def test_an_agent_that_dies_again_and_again_is_always_restarted(router, daemon):
    before = running_of(daemon)
    for _ in range(3):
        kill_and_wait(daemon, "agent_pid")
    assert running_of(daemon) == before
    assert daemon.running


def test_no_child_outlives_the_supervisor(router, daemon):
    os.kill(daemon.pid, signal.SIGKILL)
    wait_for(
        lambda: not [p for p in router.lab.router.processes() if p != daemon.pid],
        "engine and agent gone",
    )
