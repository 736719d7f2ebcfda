"""NETCONF with a stock client, over the UNIX socket and over SSH, down to the packets."""

from __future__ import annotations

import contextlib
import os
import signal
import socket

import pytest
from ncclient.operations import RPCError
from ncclient.transport.errors import AuthenticationError, SSHError, TransportError

from lab import wait_for
from lab.netconf import (
    NETCONF,
    SMCROUTE,
    config,
    edit,
    mgroup,
    mroute,
    phyint,
    running,
    ssh_session,
    unix_session,
)
from lab.ssh import SshAccess, keygen
from lab.topology import Addresses

FLOW = ("192.0.2.10", "225.1.2.3")


@pytest.fixture
def daemon(router):
    return router.start()


def test_an_edit_moves_packets_and_its_undoing_stops_them(router, daemon):
    router.join("225.1.2.3")
    with unix_session(daemon) as session:
        assert router.exchange(*FLOW) == [0, 0]
        edit(session, mroute("in0", *FLOW, "out0"))
        assert router.exchange(*FLOW) == [20, 0]
        edit(session, mroute("in0", *FLOW, "out1"))
        assert router.exchange(*FLOW) == [20, 20]
        edit(session, mroute("in0", *FLOW, "out1", operation="replace"))
        assert router.exchange(*FLOW) == [0, 20]
        edit(session, mroute("in0", *FLOW, operation="delete"))
        assert router.exchange(*FLOW) == [0, 0]


def test_a_template_rewrites_the_flows_that_it_matches_at_once(router):
    router.join("225.1.2.3")
    # The kernel asks about flows on in0 only since a rule gives in0 a VIF.
    daemon = router.start("mroute from in0 group 225.9.9.9 to out0\n")
    with unix_session(daemon) as session:
        assert router.exchange(*FLOW) == [0, 0]
        assert router.lab.router.proc_net("ip_mr_cache").count("\n") == 1 + 1
        edit(session, mroute("in0", "*", "225.1.0.0/16", "out1"))
        # No packet is lost to the stop entry that was there.
        router.sender.send(*FLOW, 50)
        router.receivers[1].wait(*FLOW, 50)
        edit(session, phyint("out1", ttl_threshold=20))
        assert router.exchange(*FLOW) == [0, 0]


def test_running_is_what_was_edited(daemon):
    with unix_session(daemon) as session:
        edit(
            session,
            mroute("in0", *FLOW, "out0", "out1"),
            mgroup("in0", "*", "ff1e:0::1"),
            phyint("out1", ttl_threshold=3),
        )
        assert running(session) == {
            ("mroute", "in0", "192.0.2.10", "225.1.2.3", "out0", "out1"),
            ("mgroup", "in0", "*", "ff1e::1"),
            ("phyint", "out1", "3"),
        }


def test_a_subtree_filter_chooses_one_route(daemon):
    with unix_session(daemon) as session:
        edit(session, mroute("in0", *FLOW, "out0"), mroute("in0", "*", "225.9.9.9", "out0"))
        chosen = (
            f'<smcroute xmlns="{SMCROUTE}"><mroute><group>225.9.9.9</group></mroute></smcroute>'
        )
        data = session.get_config("running", filter=("subtree", chosen)).data_ele
    assert [e.text for e in data.iter(f"{{{SMCROUTE}}}group")] == ["225.9.9.9"]


def test_an_edit_is_all_or_nothing(router, daemon):
    router.join("225.1.2.3")
    with unix_session(daemon) as session:
        edit(session, mroute("in0", "*", "225.5.5.5", "out0"))
        with pytest.raises(RPCError) as refused:
            edit(
                session,
                mroute("in0", *FLOW, "out0"),
                mroute("in0", "*", "225.6.6.6", operation="delete"),
            )
        assert refused.value.tag == "data-missing"
        assert "225.6.6.6" in (refused.value.path or "")
        assert running(session) == {("mroute", "in0", "*", "225.5.5.5", "out0")}
    assert router.exchange(*FLOW) == [0, 0]


def test_a_lock_keeps_all_others_out(daemon):
    with unix_session(daemon) as owner, unix_session(daemon) as other:
        with owner.locked("running"):
            with pytest.raises(RPCError) as denied:
                edit(other, mroute("in0", *FLOW, "out0"))
            assert denied.value.tag == "in-use"
            with pytest.raises(RPCError) as denied:
                other.lock("running")
            assert denied.value.tag == "lock-denied"
            assert owner.session_id in denied.value.info
            client = daemon.control("add", "in0", "225.1.2.3", "out0", check=False)
            assert client.returncode == 1
            edit(owner, mroute("in0", *FLOW, "out0"))
        edit(other, mroute("in0", *FLOW, operation="delete"))


def test_a_killed_session_leaves_no_lock(daemon):
    with unix_session(daemon) as other:
        # ncclient says goodbye to a session that is no more.
        with pytest.raises(TransportError), unix_session(daemon) as session:
            lock_and_be_killed(session, other)
        with other.locked("running"):
            edit(other, mroute("in0", *FLOW, "out0"))


def lock_and_be_killed(session, other):
    session.lock("running")
    other.kill_session(session.session_id)
    wait_for(lambda: not session.connected, "the killed session's end")


HELLO_AND_LOCK = f"""\
<hello xmlns="{NETCONF}">
  <capabilities><capability>urn:ietf:params:netconf:base:1.0</capability></capabilities>
</hello>]]>]]>
<rpc xmlns="{NETCONF}" message-id="1"><lock><target><running/></target></lock></rpc>]]>]]>"""


def test_a_vanished_client_leaves_no_lock(daemon):
    with unix_session(daemon) as other:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as vanishing:
            vanishing.settimeout(10)
            vanishing.connect(str(daemon.netconf_socket))
            vanishing.sendall(HELLO_AND_LOCK.encode())
            heard = b""
            while b"<ok/>" not in heard:
                heard += vanishing.recv(65536)
            with pytest.raises(RPCError, match="lock"):
                other.lock("running")

        def free():
            with contextlib.suppress(RPCError):
                return other.lock("running").ok
            return False

        wait_for(free, "the lock given back")


COMMENTED = """\
# The routes of the west wing.
mroute from in0 source 192.0.2.10 group 225.1.2.3 to out0   # camera 1

# Not ours to touch:
mroute from in0 group 225.2.0.0/16 to out1
"""


def test_saving_keeps_comments_and_rewrites_only_what_changed(router):
    daemon = router.start(COMMENTED)
    with unix_session(daemon) as session:
        edit(session, mroute("in0", "*", "225.3.0.1", "out0"))
        session.copy_config(source="running", target="startup")
    saved = daemon.configuration_file.read_text()
    assert saved.startswith(COMMENTED)
    added = saved.removeprefix(COMMENTED).split()
    assert added == ["mroute", "from", "in0", "group", "225.3.0.1", "to", "out0"]


def test_what_was_saved_is_there_after_a_restart(router):
    router.join("225.1.2.3")
    daemon = router.start(COMMENTED)
    with unix_session(daemon) as session:
        edit(session, mroute("in0", *FLOW, "out1", operation="replace"))
        before = running(session)
        session.copy_config(source="running", target="startup")
    assert daemon.stop() == 0
    daemon.start()
    with unix_session(daemon) as session:
        assert running(session) == before
    assert router.exchange(*FLOW) == [0, 20]
    assert "# camera 1" in daemon.configuration_file.read_text()


def test_get_schema_is_the_module(daemon):
    with unix_session(daemon) as session:
        text = session.get_schema("smcroute", format="yang").data
    assert text.lstrip().startswith("module smcroute {")


@pytest.fixture
def access(tmp_path):
    return SshAccess(tmp_path, Addresses.ROUTER_MANAGEMENT[0])


def test_over_ssh(managed_router, access):
    managed_router.join("225.1.2.3")
    daemon = managed_router.start("", *access.daemon_options)
    with ssh_session(managed_router.lab.control, access) as session:
        edit(session, mroute("in0", *FLOW, "out0"))
        assert ("mroute", "in0", *FLOW, "out0") in running(session)
    assert managed_router.exchange(*FLOW) == [20, 0]
    with unix_session(daemon) as session:
        assert ("mroute", "in0", *FLOW, "out0") in running(session)


def test_over_ssh_still_there_when_the_agent_was_killed(managed_router, access):
    daemon = managed_router.start("", *access.daemon_options)
    old = daemon.agent_pid
    os.kill(old, signal.SIGKILL)

    def asks():
        try:
            with ssh_session(managed_router.lab.control, access) as session:
                return running(session) == set()
        except (SSHError, OSError):
            return False

    wait_for(asks, lambda: f"an SSH session; the log: {daemon.log()}", timeout=20)


def test_a_key_that_is_not_authorized_is_refused(managed_router, access):
    managed_router.start("", *access.daemon_options)
    access.private_key.unlink()
    keygen("-t", "ed25519", "-N", "", "-f", str(access.private_key))
    with (
        pytest.raises(AuthenticationError),
        ssh_session(managed_router.lab.control, access),
    ):
        pass


def test_a_user_without_a_file_of_keys_is_refused(managed_router, access):
    managed_router.start("", *access.daemon_options)
    access.user = "stranger"
    with (
        pytest.raises(AuthenticationError),
        ssh_session(managed_router.lab.control, access),
    ):
        pass


def test_the_host_key_is_made_on_first_use(managed_router, access):
    access.host_key.unlink()
    managed_router.start("", *access.daemon_options)
    first = access.host_key.read_bytes()
    assert b"OPENSSH PRIVATE KEY" in first
    assert access.host_key.stat().st_mode & 0o777 == 0o600
    assert keygen("-y", "-f", str(access.host_key)).startswith("ssh-ed25519 ")


def test_a_silent_connection_holds_up_nobody(managed_router, access):
    managed_router.start("", *access.daemon_options)
    with managed_router.lab.control.socket(socket.AF_INET, socket.SOCK_STREAM) as silent:
        silent.connect((access.address, access.port))
        with ssh_session(managed_router.lab.control, access) as session:
            assert running(session) == set()


def test_garbage_ends_its_own_session_only(router):
    daemon = router.start()
    with (
        unix_session(daemon) as session,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as garbage,
    ):
        garbage.settimeout(10)
        garbage.connect(str(daemon.netconf_socket))
        garbage.sendall(b"GET / HTTP/1.0\r\n\r\n]]>]]>")
        while garbage.recv(4096):
            pass
        assert running(session) == set()


def test_an_error_names_the_node(daemon):
    with unix_session(daemon) as session:
        with pytest.raises(RPCError) as refused:
            session.edit_config(
                target="running", config=config(mroute("in0", "*", "192.0.2.1", "out0"))
            )
        assert refused.value.tag == "invalid-value"
        assert refused.value.type == "application"
        assert "group" in refused.value.path
