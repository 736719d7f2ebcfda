"""netconf/transports/ssh.py: a real SSH listener, with ncclient, asyncssh and OpenSSH's client."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncssh
import pytest
from lxml import etree
from ncclient import manager
from ncclient.operations import RPCError
from ncclient.transport import AuthenticationError

from smcroute_agent.accounts.accounts import Accounts, hashed
from smcroute_agent.errors import SystemProblem
from smcroute_agent.netconf.server import Limits
from smcroute_agent.netconf.transports import host_key, ssh
from tests.unit.agent.netconf.agent import SMC, Agent, edit, mroute, running, smcroute
from tests.unit.agent.netconf.wire import HELLO_1_1, chunk, messages, rpc

USER = "operator"


@dataclass
class Ssh:
    """An agent that also listens on SSH."""

    agent: Agent
    port: int
    keys: Path
    identity: Path
    listener: ssh.Listener | None = None

    def allow(self, user: str = USER, options: str = "") -> None:
        """Let the test's key in."""
        text = options + (self.identity.with_suffix(".pub")).read_text()
        path = self.keys / user
        path.write_text(text)
        path.chmod(0o644)


def make_identity(directory: Path) -> Path:
    path = directory / "identity"
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(path)
    key.write_public_key(path.with_suffix(".pub"))
    path.chmod(0o600)
    return path


def serve(agent: Agent, directory: Path, limits: ssh.SshLimits) -> Ssh:
    keys = directory / "keys"
    keys.mkdir()
    sock = socket.create_server(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    agent.call(
        ssh.listen(
            agent.server,
            sock,
            asyncssh.generate_private_key("ssh-ed25519"),
            os.open(keys, os.O_RDONLY | os.O_DIRECTORY),
            limits,
            Accounts(lambda: agent.datastores.running),
        )
    )
    return Ssh(agent, port, keys, make_identity(directory))


@pytest.fixture
def server(agent: Agent, tmp_path: Path) -> Ssh:
    return serve(agent, tmp_path, ssh.SshLimits())


def connect(server: Ssh, user: str = USER, **more: object) -> manager.Manager:
    return manager.connect(
        host="127.0.0.1",
        port=server.port,
        username=user,
        key_filename=str(server.identity),
        hostkey_verify=False,
        allow_agent=False,
        look_for_keys=False,
        timeout=10,
        **more,
    )


async def raw(server: Ssh, user: str = USER) -> asyncssh.SSHClientConnection:
    return await asyncssh.connect(
        "127.0.0.1",
        server.port,
        username=user,
        client_keys=[str(server.identity)],
        known_hosts=None,
        agent_path=None,
        config=None,
    )


@pytest.fixture
def ncclient(server: Ssh) -> Iterator[manager.Manager]:
    server.allow()
    server.agent.rules(
        f"<groups><group><name>staff</name><user-name>{USER}</user-name></group></groups>"
        "<rule-list><name>staff</name><group>staff</group>"
        "<rule><name>all</name><action>permit</action></rule></rule-list>"
    )
    with connect(server) as made:
        yield made


def test_ncclient_over_ssh(server: Ssh, ncclient: manager.Manager) -> None:
    assert ":yang-library" in ncclient.server_capabilities
    config = f"<config>{smcroute(mroute('225.1.2.3', 'eth1'))}</config>"
    with ncclient.locked("running"):
        assert ncclient.edit_config(target="running", config=config).ok
    assert [session.user for session in server.agent.server.sessions.values()] == [USER]
    assert server.agent.changes[-1].user == USER
    assert "225.1.2.3" in ncclient.get_config(source="running").data_xml
    wanted = ("subtree", smcroute("<mroute><group>225.1.2.3</group></mroute>"))
    assert "225.1.2.3" in ncclient.get_config(source="running", filter=wanted).data_xml
    assert "1.2.3" in ncclient.get().data_xml
    assert ncclient.copy_config(source="running", target="startup").ok
    assert ncclient.delete_config(target="startup").ok
    assert ncclient.get_schema("smcroute").data.startswith("module smcroute {")
    assert ncclient.dispatch(etree.fromstring(f'<flush xmlns="{SMC}"/>')).ok
    with pytest.raises(RPCError) as caught:
        ncclient.kill_session("99")
    assert caught.value.tag == "invalid-value"


def test_ncclient_over_the_unix_socket(agent: Agent) -> None:
    with manager.connect_uds(path=str(agent.path), timeout=10) as ncclient:
        config = f"<config>{smcroute(mroute('225.1.2.3', 'eth1'))}</config>"
        assert ncclient.edit_config(target="running", config=config).ok
        assert "225.1.2.3" in ncclient.get_config(source="running").data_xml
        bad = config.replace("225.1.2.3", "10.1.2.3")
        with pytest.raises(RPCError) as caught:
            ncclient.edit_config(target="running", config=bad)
        assert caught.value.tag == "invalid-value"
        assert "smc:group" in caught.value.path


def test_a_large_configuration_over_ssh(ncclient: manager.Manager) -> None:
    routes = "".join(mroute(f"225.1.{i // 250}.{i % 250}", "eth1") for i in range(3000))
    assert ncclient.edit_config(target="running", config=f"<config>{smcroute(routes)}</config>").ok
    reply = ncclient.get_config(source="running").data_xml
    assert reply.count("<mroute>") == 3000


def test_openssh_client(server: Ssh) -> None:
    server.allow()
    done = subprocess.run(
        ["ssh", "-F", "none", "-i", str(server.identity), "-p", str(server.port),
         "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
         "-o", "BatchMode=yes", "-s", f"{USER}@127.0.0.1", "netconf"],
        input=HELLO_1_1 + chunk(rpc("<get/>")) + chunk(rpc("<close-session/>", 2)),
        capture_output=True, timeout=20, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [message.get("message-id") for message in messages(done.stdout)] == [None, "1", "2"]


def test_a_lost_connection_releases_locks(server: Ssh) -> None:
    server.allow()
    lost = connect(server)
    lost.lock("running")
    lost._session._transport.sock.shutdown(socket.SHUT_RDWR)
    server.agent.until(lambda: not server.agent.server.sessions)
    assert server.agent.datastores.locks.held == {}


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


def test_nothing_but_the_subsystem(server: Ssh) -> None:
    server.allow()

    async def attempt() -> None:
        async with await raw(server) as connection:
            for wanted in (
                {"command": None},
                {"command": "id"},
                {"subsystem": "sftp"},
                {"subsystem": "netconf2"},
            ):
                with pytest.raises(asyncssh.ChannelOpenError):
                    await connection.create_process(**wanted)
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.open_connection("127.0.0.1", server.port)
            with pytest.raises(asyncssh.ChannelListenError):
                await connection.forward_remote_port("127.0.0.1", 0, "127.0.0.1", 1)
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.open_unix_connection(str(server.agent.path))
            process = await connection.create_process(
                subsystem="netconf", encoding=None, term_type=None
            )
            assert b"hello" in await process.stdout.readuntil(b"]]>]]>")

    asyncio.run(attempt())


def test_several_sessions_on_one_connection(server: Ssh) -> None:
    server.allow()

    async def attempt() -> list[bytes]:
        async with await raw(server) as connection:
            both = [
                await connection.create_process(subsystem="netconf", encoding=None)
                for _ in range(2)
            ]
            return [await process.stdout.readuntil(b"]]>]]>") for process in both]

    first, second = asyncio.run(attempt())
    assert b"<session-id>1<" in first
    assert b"<session-id>2<" in second
    server.agent.until(lambda: not server.agent.server.sessions)


def test_more_sessions_than_there_may_be(tmp_path: Path) -> None:
    with running(tmp_path, Limits(sessions_per_user=1)) as agent:
        server = serve(agent, tmp_path, ssh.SshLimits())
        server.allow()

        async def attempt() -> bytes:
            async with await raw(server) as connection:
                await connection.create_process(subsystem="netconf", encoding=None)
                refused = await connection.create_process(subsystem="netconf", encoding=None)
                return await refused.stdout.read()

        assert asyncio.run(attempt()) == b""


def greeting(sock: socket.socket) -> bytes:
    """The first octets of the server, empty when it refuses the connection."""
    try:
        return sock.recv(4096)
    except ConnectionResetError:
        return b""


def test_connections_that_do_not_log_in_are_few(agent: Agent, tmp_path: Path) -> None:
    server = serve(agent, tmp_path, ssh.SshLimits(unauthenticated=3))
    server.allow()
    strangers = [socket.create_connection(("127.0.0.1", server.port), 10) for _ in range(20)]
    assert [bool(greeting(sock)) for sock in strangers] == [True] * 3 + [False] * 17
    for sock in strangers:
        sock.close()
    # The places are free again when the server has seen that they are gone.
    for _ in range(100):
        with socket.create_connection(("127.0.0.1", server.port), 10) as sock:
            if greeting(sock):
                break
    connect(server).close_session()


def test_a_login_has_to_be_quick(agent: Agent, tmp_path: Path) -> None:
    server = serve(agent, tmp_path, ssh.SshLimits(login_timeout=0.1))
    with socket.create_connection(("127.0.0.1", server.port), 10) as sock:
        while greeting(sock):
            pass


def test_more_connections_than_there_may_be(agent: Agent, tmp_path: Path) -> None:
    server = serve(agent, tmp_path, ssh.SshLimits(connections=1))
    server.allow()
    with (
        connect(server),
        socket.create_connection(("127.0.0.1", server.port), 10) as sock,
    ):
        assert greeting(sock) == b""


def test_rubbish_on_the_port(server: Ssh) -> None:
    server.allow()
    with socket.create_connection(("127.0.0.1", server.port), 10) as sock:
        sock.sendall(os.urandom(100_000))
        while greeting(sock):
            pass
    connect(server).close_session()


def descriptor(path: Path, mode: int = 0o600) -> int:
    found = os.open(path, os.O_RDWR | os.O_CREAT, mode)
    os.fchmod(found, mode)
    return found


def test_a_host_key_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "key"
    made = host_key.load_or_make(descriptor(path))
    again = host_key.load_or_make(descriptor(path))
    assert made.public_data == again.public_data
    assert made.get_algorithm() == "ssh-ed25519"
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_host_key_that_others_may_read(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SystemProblem) as caught:
        host_key.load_or_make(descriptor(tmp_path / "key", mode))
    assert "chmod 600" in str(caught.value)


@pytest.mark.parametrize("passphrase", [None, "secret"])
def test_a_host_key_that_is_none(tmp_path: Path, passphrase: str | None) -> None:
    path = tmp_path / "key"
    path.write_bytes(
        b"rubbish"
        if passphrase is None
        else asyncssh.generate_private_key("ssh-ed25519").export_private_key(passphrase=passphrase)
    )
    with pytest.raises(SystemProblem) as caught:
        host_key.load_or_make(descriptor(path))
    assert "remove it" in str(caught.value)


def test_a_host_key_that_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "key"
    os.close(descriptor(path))
    with pytest.raises(SystemProblem) as caught:
        host_key.load_or_make(os.open(path, os.O_RDONLY))
    assert "--host-key" in str(caught.value)


def local_user(agent: Agent, content: str) -> None:
    """Let running have a local user of ietf-system, as if it had been edited."""
    agent.datastores.prepare = hashed
    with agent.connect() as root:
        root.ok(
            edit(
                '<system xmlns="urn:ietf:params:xml:ns:yang:ietf-system"><authentication>'
                f"<user>{content}</user></authentication></system>"
            )
        )


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


def test_many_guesses_on_one_connection(server: Ssh) -> None:
    local_user(server.agent, "<name>eve</name><password>$0$geheim</password>")

    class Guess(asyncssh.SSHClient):
        def __init__(self) -> None:
            self.guesses = iter(["a", "b", "c", "geheim"])

        def password_auth_requested(self) -> str | None:
            return next(self.guesses, None)

    async def guess() -> None:
        connection, _ = await asyncssh.create_connection(
            Guess,
            "127.0.0.1",
            server.port,
            username="eve",
            known_hosts=None,
            client_keys=None,
            agent_path=None,
            config=None,
            preferred_auth="password",
        )
        connection.abort()

    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(guess())
