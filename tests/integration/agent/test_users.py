"""Local users of ietf-system log in over SSH, by key and by password, also after restarts."""

from __future__ import annotations

import contextlib
import os
import signal
import socket

import ncclient.manager
import pytest
from ncclient.transport.errors import AuthenticationError

from lab import wait_for
from lab.netconf import NETCONF, TIMEOUT, running, ssh_session, unix_session
from lab.ssh import SshAccess
from lab.topology import Addresses

SYSTEM = "urn:ietf:params:xml:ns:yang:ietf-system"


def user(content: str, operation: str = "merge") -> str:
    return (
        f'<config xmlns="{NETCONF}"><system xmlns="{SYSTEM}"><authentication>'
        f'<user xmlns:nc="{NETCONF}" nc:operation="{operation}">{content}</user>'
        "</authentication></system></config>"
    )


@contextlib.contextmanager
def password_session(host, access: SshAccess, name: str, password: str):
    with host.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.settimeout(TIMEOUT)
        connection.connect((access.address, access.port))
        with ncclient.manager.connect_ssh(
            host=access.address,
            port=access.port,
            username=name,
            password=password,
            hostkey_verify=False,
            allow_agent=False,
            look_for_keys=False,
            ssh_config=None,
            sock=connection,
            timeout=TIMEOUT,
        ) as session:
            yield session


def may_log_in(host, access: SshAccess, name: str, password: str) -> bool:
    try:
        with password_session(host, access, name, password) as session:
            assert running(session) == set()
            return True
    except AuthenticationError:
        return False


def test_a_user_with_a_password(managed_router, tmp_path):
    access = SshAccess(tmp_path, Addresses.ROUTER_MANAGEMENT[0], writer=False)
    daemon = managed_router.start("", *access.daemon_options, "-l", "debug")
    host = managed_router.lab.control
    assert not may_log_in(host, access, "eve", "open sesame")
    with unix_session(daemon) as root:
        root.edit_config(
            target="running",
            config=user("<name>eve</name><password>$0$open sesame</password>"),
        )
        assert may_log_in(host, access, "eve", "open sesame")
        root.copy_config(source="running", target="startup")
    # Nobody but root sees even the hash.
    with password_session(host, access, "eve", "open sesame") as session:
        shown = session.get_config("running").data_xml
        assert "eve" in shown
        assert "password" not in shown
    file = access.state / "ietf-system.json"
    assert (file.stat().st_uid, file.stat().st_mode & 0o777) == (0, 0o600)
    saved = file.read_text()
    assert '"password": "$6$' in saved
    daemon.stop()
    daemon.start()
    assert may_log_in(host, access, "eve", "open sesame")
    assert not may_log_in(host, access, "eve", "open says me")
    for secret in ("open sesame", "open says me", "$6$"):
        assert secret not in daemon.log()


def test_a_user_with_a_key_until_it_is_taken_away(managed_router, tmp_path):
    access = SshAccess(tmp_path, Addresses.ROUTER_MANAGEMENT[0])
    daemon = managed_router.start("", *access.daemon_options)
    host = managed_router.lab.control
    (access.authorized_keys / access.user).unlink()
    algorithm, data, *_ = access.private_key.with_name("client_key.pub").read_text().split()
    key = (
        f"<name>{access.user}</name><authorized-key><name>laptop</name>"
        f"<algorithm>{algorithm}</algorithm><key-data>{data}</key-data></authorized-key>"
    )
    with pytest.raises(AuthenticationError), ssh_session(host, access):
        pass
    with unix_session(daemon) as root:
        root.edit_config(target="running", config=user(key))
    with ssh_session(host, access) as session:
        assert running(session) == set()
    killed = daemon.agent_pid
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: daemon.agent_pid != killed, "another agent")
    with unix_session(daemon) as root:
        with ssh_session(host, access) as session:
            assert running(session) == set()
        root.edit_config(
            target="running", config=user(f"<name>{access.user}</name>", operation="delete")
        )
    with pytest.raises(AuthenticationError), ssh_session(host, access):
        pass
