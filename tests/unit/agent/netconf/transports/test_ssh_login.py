"""Who may log in over SSH: keys in files, keys and passwords of local users."""

from __future__ import annotations

import asyncio
import os
import shutil

import asyncssh
import pytest
from lxml import etree
from ncclient import manager
from ncclient.transport import AuthenticationError

from tests.unit.agent.netconf.transports.ssh_server import (
    USER,
    Ssh,
    connect,
    local_user,
    make_identity,
    raw,
)


@pytest.mark.parametrize(
    "user", ["stranger", "../keys/operator", ".operator", "", "a/b", ".", ".."]
)
def test_users_without_a_file(server: Ssh, user: str) -> None:
    server.allow()
    shutil.copy(server.keys / USER, server.keys / ".operator")

    async def attempt() -> None:
        (await raw(server, user)).close()

    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(attempt())
    assert server.agent.server.sessions == {}


def test_another_key(server: Ssh) -> None:
    server.allow()
    other = server.keys.parent / "other"
    other.mkdir()
    server.identity = make_identity(other)
    with pytest.raises(AuthenticationError):
        connect(server)


def test_the_file_is_read_at_each_login(server: Ssh) -> None:
    server.allow()
    connect(server).close_session()
    (server.keys / USER).unlink()
    with pytest.raises(AuthenticationError):
        connect(server)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: path.chmod(0o666), id="others may write"),
        pytest.param(lambda path: path.write_text("rubbish\n"), id="no key"),
        pytest.param(lambda path: path.write_bytes(b"\xff\xfe"), id="no text"),
        pytest.param(lambda path: path.write_text(""), id="empty"),
        pytest.param(lambda path: (path.unlink(), path.mkdir()), id="directory"),
        pytest.param(lambda path: (path.unlink(), os.mkfifo(path)), id="pipe"),
    ],
)
def test_a_file_of_keys_that_cannot_be_used(server: Ssh, spoil: object) -> None:
    server.allow()
    spoil(server.keys / USER)  # type: ignore[operator]
    with pytest.raises(AuthenticationError):
        connect(server)


def test_from_in_authorized_keys(server: Ssh) -> None:
    server.allow(options='from="192.0.2.1" ')
    with pytest.raises(AuthenticationError):
        connect(server)
    server.allow(options='from="127.0.0.0/8" ')
    connect(server).close_session()


def test_no_password(server: Ssh) -> None:
    async def attempt() -> None:
        await asyncssh.connect(
            "127.0.0.1", server.port, username=USER, password="x", client_keys=None,
            known_hosts=None, config=None, agent_path=None,
        )  # fmt: skip

    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(attempt())


def test_a_key_of_a_local_user(server: Ssh) -> None:
    algorithm, data, *_ = server.identity.with_suffix(".pub").read_text().split()
    key = (
        "<authorized-key><name>{}</name><algorithm>{}</algorithm><key-data>{}</key-data>"
        "</authorized-key>"
    )
    bad = key.format("bad", "ssh-ed25519", "AAAA")
    local_user(server.agent, f"<name>eve</name>{bad}{key.format('good', algorithm, data)}")
    with connect(server, "eve"):
        pass
    with pytest.raises(AuthenticationError), connect(server, "adam"):
        pass


def login(server: Ssh, user: str, password: str) -> bool:
    try:
        with manager.connect(
            host="127.0.0.1",
            port=server.port,
            username=user,
            password=password,
            hostkey_verify=False,
            allow_agent=False,
            look_for_keys=False,
            timeout=10,
        ) as session:
            assert session.connected
            return True
    except AuthenticationError:
        return False


def test_a_password_of_a_local_user(server: Ssh, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    local_user(server.agent, "<name>eve</name><password>$0$ge heim</password>")
    assert login(server, "eve", "ge heim")
    for user, password in (("eve", "geheim"), ("eve", ""), ("adam", "ge heim"), ("", "")):
        assert not login(server, user, password)
    with server.agent.connect() as root:
        shown = etree.tostring(root.ask("<get-config><source><running/></source></get-config>"))
    assert b"<password>$6$" in shown
    assert b"ge heim" not in shown
    assert "ge heim" not in caplog.text
    assert "$6$" not in caplog.text


def test_one_user_a_connection(server: Ssh, caplog: pytest.LogCaptureFixture) -> None:
    """What one may log in with never counts for another, and nobody tries many names."""
    server.allow()
    accepted = []

    class Other(asyncssh.SSHClient):
        def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
            self.connection = conn
            self.keys = iter([str(server.identity)])

        def public_key_auth_requested(self) -> str | None:
            # The user of the key has been named; it signs for another.
            self.connection._username = "other"
            return next(self.keys, None)

        def auth_completed(self) -> None:
            accepted.append(True)

    async def attempt() -> None:
        await asyncssh.create_connection(
            Other, "127.0.0.1", server.port, username=USER, known_hosts=None, agent_path=None,
            config=None, client_keys=None, preferred_auth="publickey",
        )  # fmt: skip

    with pytest.raises((asyncssh.Error, OSError)) as caught:
        asyncio.run(attempt())
    assert not isinstance(caught.value, asyncssh.PermissionDenied)
    assert not accepted
    assert "Traceback" not in caplog.text
