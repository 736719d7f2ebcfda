"""Who may write: nobody but root at first, then whom the rules say, also after restarts."""

from __future__ import annotations

import os
import signal
import subprocess
from functools import partial

import pytest
from ncclient.operations import RPCError

from lab import wait_for
from lab.daemon import OUR_CLIENT
from lab.mounts import reachable_by_all
from lab.netconf import NETCONF, edit, mroute, running, ssh_session, unix_session
from lab.ssh import SshAccess
from lab.topology import Addresses

ACM = "urn:ietf:params:xml:ns:yang:ietf-netconf-acm"
ROUTE = mroute("in0", "192.0.2.10", "225.1.2.3", "out0")
RULES = f"""<config xmlns="{NETCONF}"><nacm xmlns="{ACM}">
<groups><group><name>staff</name><user-name>{{user}}</user-name></group></groups>
<rule-list><name>staff</name><group>staff</group>
<rule><name>routes</name><module-name>smcroute</module-name><action>{{action}}</action></rule>
</rule-list></nacm></config>"""


def let_write(session, user: str) -> None:
    """Let a user change everything of smcroute.yang."""
    session.edit_config(target="running", config=RULES.format(user=user, action="permit"))


def refused(session) -> None:
    with pytest.raises(RPCError) as caught:
        edit(session, ROUTE)
    assert caught.value.tag == "access-denied"
    assert "/smc:smcroute/smc:mroute[" in caught.value.path


def test_a_stranger_reads_and_writes_when_root_lets_it(managed_router, tmp_path):
    access = SshAccess(tmp_path, Addresses.ROUTER_MANAGEMENT[0], writer=False)
    daemon = managed_router.start("", *access.daemon_options)
    with ssh_session(managed_router.lab.control, access) as session:
        assert running(session) == set()
        refused(session)
        # The file of the rules is there for root alone.
        with unix_session(daemon) as root:
            let_write(root, access.user)
            root.copy_config(source="running", target="startup")
        edit(session, ROUTE)
        assert len(running(session)) == 1
    file = access.state / "ietf-netconf-acm.json"
    assert (file.stat().st_uid, file.stat().st_mode & 0o777) == (0, 0o600)
    daemon.stop()
    daemon.start()
    with ssh_session(managed_router.lab.control, access) as session:
        edit(session, ROUTE)


def test_the_rules_outlive_an_agent_that_is_killed(router):
    daemon = router.start()
    with unix_session(daemon) as session:
        let_write(session, "alice")
    for _ in range(2):
        killed = daemon.agent_pid
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda killed=killed: daemon.agent_pid != killed, "another agent")
        with unix_session(daemon) as session:
            assert "alice" in session.get_config("running").data_xml
            assert "alice" not in session.get_config("startup").data_xml
    assert not daemon.state.exists()


def smcroutectl_of_nobody(router, daemon, *arguments: str) -> subprocess.CompletedProcess[str]:
    return router.lab.router.run(
        *("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"),
        *(str(OUR_CLIENT), "-u", str(daemon.control_socket), *arguments),
        check=False,
        preexec_fn=reachable_by_all,
    )


def test_smcroutectl_does_not_tell_what_its_user_may_not_read(router):
    daemon = router.start("mroute from in0 group 225.1.2.3 to out0\n", user="nobody")
    os.chmod(daemon.directory, 0o755)
    said = set()
    with unix_session(daemon) as session:
        session.edit_config(target="running", config=RULES.format(user="nobody", action="deny"))
        for outs in ((), ("out0",), ("out1",)):
            for group in ("225.1.2.3", "225.1.2.4"):
                done = smcroutectl_of_nobody(router, daemon, "remove", "in0", group, *outs)
                said.add((done.returncode, done.stderr))
        assert len(said) == 1, said
        assert len(running(session)) == 1


def test_smcroutectl_is_its_user(router):
    daemon = router.start("", user="nobody")
    os.chmod(daemon.directory, 0o755)

    as_nobody = partial(smcroutectl_of_nobody, router, daemon)
    add = ("add", "in0", "225.1.2.3", "out0")
    assert as_nobody("show").returncode == 0
    for command in (add, ("kill",)):
        done = as_nobody(*command)
        assert done.returncode == 1
        assert "access rules" in done.stderr
    assert daemon.running
    with unix_session(daemon) as session:
        let_write(session, "nobody")
        assert as_nobody(*add).returncode == 0
        assert len(running(session)) == 1
    # The file knows neither the route nor the rule.
    assert as_nobody("reload").returncode == 1
    daemon.control("reload")
    assert as_nobody(*add).returncode == 1


def test_a_damaged_file_of_rules_is_no_start(router):
    daemon = router.start()
    daemon.stop()
    daemon.state.mkdir()
    (daemon.state / "ietf-netconf-acm.json").write_text('{"ietf-netconf-acm:nacm": {"moon": 1}}')
    with pytest.raises(AssertionError) as caught:
        daemon.start()
    assert "exit code 78" in str(caught.value)
    assert "ietf-netconf-acm.json" in str(caught.value)
