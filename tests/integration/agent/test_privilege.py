"""What each process may do: the engine little, the agent nothing."""

from __future__ import annotations

import grp
import os
import subprocess
from pathlib import Path

import pytest

from lab import Daemon, process, wait_for
from lab.mounts import reachable_by_all
from lab.scratch import scratch_directory
from smcroute_agent import privileges

CAP_NET_ADMIN, CAP_NET_RAW = 12, 13
"""linux/capability.h"""

NOBODY = 65534
ROUTE = "mroute from in0 group 225.1.2.3 to out0\n"


def user_ids(pid):
    """Real, effective, saved and file-system uid."""
    return [int(uid) for uid in process.status(pid)["Uid"].split()]


def test_the_agent_has_no_privilege(router):
    daemon = router.start(ROUTE)
    for which in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
        assert process.capabilities(daemon.agent_pid, which) == set()
    assert 0 not in user_ids(daemon.agent_pid)
    assert "0" not in process.status(daemon.agent_pid)["Groups"].split()
    assert process.status(daemon.agent_pid)["NoNewPrivs"] == "1"


def test_with_a_user_the_engine_keeps_two_capabilities(router):
    daemon = router.start(ROUTE, user="nobody")
    assert process.capabilities(daemon.engine_pid) == {CAP_NET_ADMIN, CAP_NET_RAW}
    assert process.capabilities(daemon.engine_pid, "CapPrm") == {CAP_NET_ADMIN, CAP_NET_RAW}
    assert user_ids(daemon.engine_pid) == [NOBODY] * 4
    assert process.capabilities(daemon.agent_pid) == set()
    assert user_ids(daemon.agent_pid) == [NOBODY] * 4


def test_the_engine_goes_before_the_agent(router):
    daemon = router.start(ROUTE)
    nice = [os.getpriority(os.PRIO_PROCESS, p) for p in (daemon.engine_pid, daemon.agent_pid)]
    assert nice == [-10, os.getpriority(os.PRIO_PROCESS, 0)]
    policies = [os.sched_getscheduler(p) for p in (daemon.engine_pid, daemon.agent_pid, daemon.pid)]
    assert policies == [os.SCHED_RR, os.SCHED_OTHER, os.SCHED_OTHER]
    assert os.sched_getparam(daemon.engine_pid).sched_priority == 1


def test_with_a_group_it_is_the_group_of_both_and_of_the_sockets(router):
    daemon = router.start(ROUTE, user="nobody:daemon")
    gid = grp.getgrnam("daemon").gr_gid
    for pid in (daemon.engine_pid, daemon.agent_pid):
        assert [int(one) for one in process.status(pid)["Gid"].split()] == [gid] * 4
        assert process.status(pid)["Groups"].split() == []
        assert user_ids(pid) == [NOBODY] * 4
    for path in (daemon.control_socket, daemon.netconf_socket):
        assert (path.stat().st_gid, path.stat().st_mode & 0o777) == (gid, 0o660)


@pytest.mark.parametrize("user", [None, "nobody"], ids=["root", "p-nobody"])
def test_engine_and_agent_are_out_of_each_others_reach(router, user):
    """What the filter refuses is in tests/unit/agent/test_confinement.py."""
    daemon = router.start(ROUTE, user=user)
    for pid in (daemon.engine_pid, daemon.agent_pid):
        assert process.status(pid)["Seccomp"] == "2"
        assert process.status(pid)["NoNewPrivs"] == "1"


def test_with_a_user_packets_flow_and_the_file_can_be_saved(router):
    router.join("225.1.2.3", "ff1e::1")
    daemon = router.start(ROUTE, user="nobody")
    daemon.control("add", "in0", "ff1e::1", "out1")
    daemon.control("join", "in0", "225.1.2.3")
    assert router.exchange("192.0.2.10", "225.1.2.3") == [20, 0]
    assert router.exchange("2001:db8::10", "ff1e::1") == [0, 20]


@pytest.mark.parametrize("user", [None, "nobody"], ids=["root", "p-nobody"])
def test_smcrouted_keeps_what_the_unit_lists(router, user):
    daemon = router.start(ROUTE, user=user)
    needed = {number for number in range(64) if privileges.SUPERVISOR >> number & 1}
    for which in ("CapEff", "CapPrm", "CapBnd"):
        assert process.capabilities(daemon.pid, which) == needed
    assert process.status(daemon.pid)["NoNewPrivs"] == "1"


@pytest.mark.parametrize(
    ("user", "allowed"),
    [
        pytest.param(None, process.capabilities(os.getpid()), id="root"),
        pytest.param("nobody", set(), id="p-nobody"),
    ],
)
def test_what_the_program_of_e_may_do(router, user, allowed):
    """All that smcrouted was started with, or nothing at all."""
    with scratch_directory() as name:
        os.chmod(name, 0o777)
        told = Path(name, "told")
        command = f"sh -c 'cp /proc/self/status {told}.new; mv {told}.new {told}'"
        daemon = router.start(ROUTE, "-e", command, user=user)
        wait_for(told.exists, lambda: f"a call of the program: {daemon.log()}")
        status = process.fields(told.read_text())
    assert process.numbers(status["CapEff"]) == allowed
    assert (status["NoNewPrivs"] == "1") is bool(user)


IN_A_CONTAINER = ("--bounding-set=-net_admin", "--inh-caps=-net_admin")
"""Root as a container without --cap-add NET_ADMIN has it."""

AS_NOBODY = ("--reuid=nobody", "--regid=nogroup", "--clear-groups")


@pytest.mark.parametrize(
    ("lowered", "options"),
    [
        pytest.param(IN_A_CONTAINER, (), id="container"),
        pytest.param(IN_A_CONTAINER, ("-p", "nobody"), id="container-p"),
        pytest.param(AS_NOBODY, (), id="nobody"),
        pytest.param(AS_NOBODY, ("-p", "nobody"), id="nobody-p"),
    ],
)
def test_without_privilege_it_says_what_it_needs(router, lowered, options):
    daemon = Daemon(router.lab.router, options=options)
    try:
        for path in (daemon.directory, daemon.configuration_file):
            os.chown(path, NOBODY, NOBODY)
        done = router.lab.router.run(
            *("setpriv", *lowered),
            *daemon.command,
            check=False,
            stderr=subprocess.STDOUT,
            preexec_fn=reachable_by_all,
        )
        assert done.returncode == 77, done.stdout
        assert "CAP_NET_ADMIN" in done.stdout
        assert "Traceback" not in done.stdout
        assert "it is killed" not in done.stdout
        assert not daemon.pid_file.exists()
        assert not daemon.control_socket.exists()
    finally:
        daemon.close()
