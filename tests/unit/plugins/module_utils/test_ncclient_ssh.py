"""The NETCONF session over SSH: a real SSH server whose netconf subsystem is the scripted one."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading

import asyncssh
import pytest

from ansible_collections.mcast.smcroute.plugins.module_utils import ncclient_ssh
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import Unreachable
from ansible_collections.mcast.smcroute.tests.unit.plugins.wire import ScriptedServer, get_config

FILTER = '<smcroute xmlns="urn:x"/>'
ADDRESS = "127.0.0.1"


class Keys:
    """A host key and a user's key, as files."""

    def __init__(self, directory):
        self.host = asyncssh.generate_private_key("ssh-ed25519")
        self.user = asyncssh.generate_private_key("ssh-ed25519")
        self.user_file = directory / "id"
        self.user.write_private_key(str(self.user_file))
        self.known_hosts = directory / "known_hosts"

    def know_host(self, port):
        public = self.host.export_public_key().decode().strip()
        self.known_hosts.write_text(f"[{ADDRESS}]:{port} {public}\n")


@pytest.fixture
def keys(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return Keys(tmp_path)


@contextlib.contextmanager
def ssh_server(keys, relay_to, subsystem="netconf", silent=False):
    """Yield the port of an SSH server whose subsystem is what listens on a UNIX socket.

    silent: it says nothing any more when a user wants to log in.
    """
    loop = asyncio.new_event_loop()

    async def copy(source, sink):
        while data := await source.read(65536):
            sink.write(data)
        sink.write_eof()

    async def relay(process):
        if process.subsystem != subsystem:
            process.exit(1)
            return
        reader, writer = await asyncio.open_unix_connection(str(relay_to))
        await asyncio.gather(copy(process.stdin, writer), copy(reader, process.stdout))
        process.exit(0)

    class Server(asyncssh.SSHServer):
        def begin_auth(self, _username):
            return True

        def public_key_auth_supported(self):
            return True

        async def validate_public_key(self, username, key):
            if silent:
                await asyncio.Event().wait()
            return username == "netops" and key == keys.user.convert_to_public()

    async def serve():
        return await asyncssh.create_server(
            Server,
            ADDRESS,
            0,
            server_host_keys=[keys.host],
            process_factory=relay,
            encoding=None,
        )

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(serve(), loop).result(10)
    try:
        yield server.get_port()
    finally:
        asyncio.run_coroutine_threadsafe(_cancel_others(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _cancel_others():
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@pytest.fixture
def server(keys, tmp_path):
    """The port of an SSH server; its host key is in the file that keys.known_hosts names."""
    path = tmp_path / "agent.sock"
    with ScriptedServer(path, [get_config("<a/>")]), ssh_server(keys, path) as port:
        keys.know_host(port)
        yield port


def connect(keys, port, timeout=30, **changes):
    options = {
        "username": "netops",
        "private_key_file": str(keys.user_file),
        "known_hosts_file": str(keys.known_hosts),
        **changes,
    }
    return ncclient_ssh.over_ssh(ADDRESS, port, timeout, **options)


def test_a_session(keys, server):
    with connect(keys, server) as client:
        assert client.get_config(FILTER) is not None


def test_nothing_of_a_session_is_left(keys, server):
    with connect(keys, server) as client:
        thread = client._manager._session
    assert not thread.is_alive()


def test_the_host_key_may_be_in_the_users_own_file(keys, server, tmp_path):
    directory = tmp_path / "home" / ".ssh"
    directory.mkdir()
    keys.known_hosts.rename(directory / "known_hosts")
    with connect(keys, server, known_hosts_file=None) as client:
        assert client.get_config(FILTER) is not None


def test_an_unknown_host_key_is_refused(keys, server):
    keys.known_hosts.write_text("")
    with pytest.raises(
        Unreachable,
        match=rf"host key of {ADDRESS} port \d+ is not in .*known_hosts; check .* ssh-keyscan -p",
    ):
        connect(keys, server)


def test_another_host_key_is_refused(keys, server):
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    keys.known_hosts.write_text(f"[{ADDRESS}]:{server} {other}")
    with pytest.raises(Unreachable, match=r"the host key of"):
        connect(keys, server)


def test_an_unknown_host_key_is_taken_when_the_check_is_off(keys, server):
    keys.known_hosts.write_text("")
    with connect(keys, server, host_key_checking=False) as client:
        assert client.get_config(FILTER) is not None


def test_a_user_without_the_key_is_told_so(keys, server, tmp_path):
    other = tmp_path / "other"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(other))
    with pytest.raises(
        Unreachable,
        match=r"does not let netops in: Authentication failed; see that username is right",
    ):
        connect(keys, server, private_key_file=str(other))


def test_no_key_at_all(keys, server):
    with pytest.raises(Unreachable, match="does not let the user who runs the module in"):
        connect(keys, server, username=None, private_key_file=None)


@pytest.mark.parametrize("option", ["private_key_file", "known_hosts_file"])
def test_a_file_that_is_not_there(keys, option):
    with pytest.raises(Unreachable, match=f"{option} is /no/such, which cannot be read where"):
        connect(keys, 1, **{option: "/no/such"})


def test_nobody_listens(keys, tmp_path):
    keys.known_hosts.write_text("")
    with socket.socket() as unused:
        unused.bind((ADDRESS, 0))
        port = unused.getsockname()[1]
        with pytest.raises(
            Unreachable, match=f"no connection to {ADDRESS} port {port}: Connection refused; see"
        ):
            connect(keys, port)


def test_a_host_that_does_not_exist(keys):
    keys.known_hosts.write_text("")
    with pytest.raises(Unreachable, match=r"no connection to host\.invalid port 830: "):
        ncclient_ssh.over_ssh("host.invalid", 830, 5, username="netops")


def test_something_else_answers(keys):
    keys.known_hosts.write_text("")
    with socket.create_server((ADDRESS, 0)) as listener:
        port = listener.getsockname()[1]

        def hang_up():
            connection, _address = listener.accept()
            connection.sendall(b"220 mail.example ESMTP\r\n")
            connection.close()

        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        with pytest.raises(
            Unreachable,
            match=f"no NETCONF session with {ADDRESS} port {port}: .*; see that smcrouted",
        ):
            connect(keys, port)
        thread.join(10)


def test_an_sshd_without_netconf(keys, tmp_path):
    path = tmp_path / "agent.sock"
    with ScriptedServer(path, []), ssh_server(keys, path, subsystem="other") as port:
        keys.know_host(port)
        with pytest.raises(
            Unreachable, match=r"no NETCONF session with .*; see that smcrouted there"
        ):
            connect(keys, port)


def test_a_server_that_falls_silent_during_the_login(keys, tmp_path):
    """As one does whose link goes down: paramiko would wait for half a minute, or for an hour."""
    with ssh_server(keys, tmp_path / "none", silent=True) as port:
        keys.know_host(port)
        with pytest.raises(Unreachable, match=r"no NETCONF session with .*: no answer in 1 s; see"):
            connect(keys, port, timeout=1)
