"""The candidate and confirmed commits with a stock client, down to the packets."""

from __future__ import annotations

import contextlib
import os
import signal

import pytest
from ncclient.operations import RPCError
from ncclient.transport.errors import TransportError

from lab import wait_for
from lab.netconf import config, edit, mroute, running, unix_session

FLOW = ("192.0.2.10", "225.1.2.3")
OLD = ("mroute", "in0", *FLOW, "out0")
NEW = ("mroute", "in0", *FLOW, "out1")
CONFIGURATION = "mroute from in0 source 192.0.2.10 group 225.1.2.3 to out0\n"
TOKEN = "a token"


@pytest.fixture
def daemon(router):
    router.join("225.1.2.3")
    return router.start(CONFIGURATION, "-l", "info")


def stage(session, *entries):
    """Edit the candidate."""
    session.edit_config(target="candidate", config=config(*entries))


def move(session):
    """Let the flow go to out1 instead of out0, in the candidate."""
    stage(session, mroute("in0", *FLOW, "out1", operation="replace"))


def rules(daemon):
    """Its rules, once a NETCONF session comes about."""

    def ask():
        with contextlib.suppress(Exception), unix_session(daemon) as session:
            return running(session)

    return wait_for(ask, lambda: f"a NETCONF session; the log: {daemon.log()}", interval=0.05)


def wait_for_rollback(daemon):
    wait_for(
        lambda: rules(daemon) == {OLD},
        lambda: f"the rollback; the log: {daemon.log()}",
        interval=0.05,
    )


def kill_agent(daemon):
    """SIGKILL; returns when another one runs in its place."""
    old = daemon.agent_pid
    os.kill(old, signal.SIGKILL)
    wait_for(lambda: daemon.agent_pid != old, "another agent")


def routes(router):
    """How many entries the kernel's forwarding cache has."""
    return len(router.lab.router.proc_net("ip_mr_cache").splitlines()) - 1


def refused(tag, function, *arguments, **keywords):
    with pytest.raises(RPCError) as caught:
        function(*arguments, **keywords)
    assert caught.value.tag == tag
    return caught.value


def test_a_candidate_moves_packets_when_it_is_committed(router, daemon):
    with unix_session(daemon) as session, session.locked("candidate"):
        move(session)
        session.validate("candidate")
        assert running(session) == {OLD}
        assert router.exchange(*FLOW) == [20, 0]
        session.commit()
        assert running(session) == {NEW}
        assert router.exchange(*FLOW) == [0, 20]
        stage(session, mroute("in0", *FLOW, operation="delete"))
        session.discard_changes()
        session.commit()
    assert router.exchange(*FLOW) == [0, 20]
    assert daemon.configuration_file.read_text() == CONFIGURATION


def test_a_session_that_ends_leaves_nothing_in_the_candidate_that_it_locked(daemon):
    with unix_session(daemon) as session:
        session.lock("candidate")
        move(session)
    with unix_session(daemon) as session, session.locked("candidate"):
        session.commit()
        assert running(session) == {OLD}


def test_a_confirmed_commit_that_is_confirmed_stays(router, daemon):
    with unix_session(daemon) as session:
        move(session)
        session.commit(confirmed=True, timeout="1")
        session.commit()
    with unix_session(daemon) as session:
        session.copy_config(source="running", target="startup")
    assert router.exchange(*FLOW) == [0, 20]
    kill_agent(daemon)
    assert rules(daemon) == {NEW}


def test_a_disconnect_rolls_back(router, daemon):
    with unix_session(daemon) as session:
        move(session)
        session.commit(confirmed=True)
        assert router.exchange(*FLOW) == [0, 20]
    wait_for_rollback(daemon)
    assert router.exchange(*FLOW) == [20, 0]


def test_the_timeout_rolls_back(router, daemon):
    with unix_session(daemon) as session:
        move(session)
        session.commit(confirmed=True, timeout="1")
        assert running(session) == {NEW}
        wait_for(lambda: running(session) == {OLD}, "the rollback")
        assert session.get_config("candidate").data_xml == session.get_config("running").data_xml
    assert router.exchange(*FLOW) == [20, 0]


def test_cancel_commit_rolls_back(router, daemon):
    with unix_session(daemon) as session:
        move(session)
        session.commit(confirmed=True)
        session.cancel_commit()
        assert running(session) == {OLD}
    assert router.exchange(*FLOW) == [20, 0]


def test_an_agent_that_is_killed_rolls_back(router, daemon):
    """The next agent does, at once, since no session is left; other flows lose nothing."""
    other = ("192.0.2.10", "225.7.7.7")
    router.join(other[1])
    receiver = router.receivers[0]
    with unix_session(daemon) as session:
        edit(session, mroute("in0", *other, "out0"))
    before = rules(daemon)
    # ncclient says goodbye to a session that is no more.
    with router.stream(*other), contextlib.suppress(TransportError), unix_session(daemon) as doomed:
        move(doomed)
        doomed.commit(confirmed=True)
        receiver.wait(*other, 100)
        kill_agent(daemon)
        wait_for(lambda: rules(daemon) == before, "the rollback", interval=0.05)
        receiver.wait(*other, receiver.packets(*other) + 100)
    assert receiver.wait(*other, router.sender.sent(*other)).missing == ()
    assert router.exchange(*FLOW) == [20, 0]


@pytest.mark.parametrize("installed", [1, 1000, 1999, 2000])
def test_an_agent_that_is_killed_in_the_middle_of_a_commit_rolls_back(router, daemon, installed):
    """Whether the engine had begun, was at work, or was done when the agent died."""
    groups = [f"232.1.{number // 250}.{number % 250}" for number in range(2000)]
    with contextlib.suppress(TransportError), unix_session(daemon) as doomed:
        stage(doomed, *(mroute("in0", "192.0.2.10", group, "out0") for group in groups))
        doomed.async_mode = True
        doomed.commit(confirmed=True)
        wait_for(lambda: routes(router) >= installed, "routes in the kernel", interval=0.0005)
        kill_agent(daemon)
    wait_for_rollback(daemon)
    wait_for(lambda: routes(router) <= 1, "no route of the commit in the kernel")
    assert router.exchange(*FLOW) == [20, 0]


def test_a_persistent_one_survives_disconnect_and_sigkill_until_it_is_confirmed(router, daemon):
    with unix_session(daemon) as session:
        move(session)
        session.commit(confirmed=True, persist=TOKEN)
    kill_agent(daemon)
    assert rules(daemon) == {NEW}
    with unix_session(daemon) as session:
        refused("in-use", session.commit)
        refused("lock-denied", session.lock, "running")
        refused("invalid-value", session.commit, persist_id="another")
        session.commit(persist_id=TOKEN)
        session.lock("running")
    kill_agent(daemon)
    assert rules(daemon) == {NEW}
    assert router.exchange(*FLOW) == [0, 20]


def test_a_persistent_one_is_rolled_back_in_time_by_the_next_agent(router, daemon):
    with unix_session(daemon) as session:
        move(session)
        session.commit(confirmed=True, persist=TOKEN, timeout="1")
    kill_agent(daemon)
    wait_for_rollback(daemon)
    assert router.exchange(*FLOW) == [20, 0]


def test_a_daemon_that_is_killed_starts_with_startup(router, daemon):
    with unix_session(daemon) as session:
        move(session)
        session.commit(confirmed=True, persist=TOKEN)
        # What is not confirmed is not saved, so nothing brings it back.
        error = refused("in-use", session.copy_config, source="running", target="startup")
        assert "confirm" in error.message
    daemon.kill_tree()
    daemon.pid_file.unlink()
    daemon.start()
    assert rules(daemon) == {OLD}
    with unix_session(daemon) as session:
        refused("operation-failed", session.cancel_commit)
    assert router.exchange(*FLOW) == [20, 0]


def test_nobody_changes_running_until_it_is_confirmed(router, daemon):
    with unix_session(daemon) as session:
        move(session)
        session.commit(confirmed=True)
        done = daemon.control("add", "in0", "225.9.9.9", "out0", check=False)
        assert done.returncode == 1
        assert f"session {session.session_id}" in done.stdout + done.stderr
        assert daemon.control("reload", check=False).returncode == 1
        os.kill(daemon.pid, signal.SIGHUP)
        wait_for(lambda: "nothing is reloaded" in daemon.log(), "the refusal in the log")
        assert running(session) == {NEW}
        session.commit()
        daemon.control("add", "in0", "225.9.9.9", "out0")
        assert daemon.control("reload").returncode == 0
        assert running(session) == {OLD}


def test_smcroutectl_edits_running_beside_a_modified_candidate(router, daemon):
    with unix_session(daemon) as session:
        move(session)
        daemon.control("add", "in0", "225.9.9.9", "out0")
        assert ("mroute", "in0", "*", "225.9.9.9", "out0") in running(session)
        session.commit()
        assert running(session) == {NEW}
