"""netconf/transports/ssh.py: how many may connect, log in and guess, and for how long."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from pathlib import Path

import asyncssh
import paramiko
import pytest

from smcroute_agent.netconf.admission import SessionLimits
from smcroute_agent.netconf.server import Limits
from smcroute_agent.netconf.transports import ssh
from tests.unit.agent.netconf.agent import Agent, running
from tests.unit.agent.netconf.transports.ssh_server import (
    USER,
    Ssh,
    connect,
    greeting,
    local_user,
    raw,
    serve,
)
from tests.unit.agent.netconf.wire import HELLO_1_1, chunk, rpc


def test_more_sessions_than_there_may_be(tmp_path: Path) -> None:
    with running(tmp_path, Limits(SessionLimits(per_user=1))) as agent:
        server = serve(agent, tmp_path, ssh.SshLimits())
        server.allow()

        async def attempt() -> bytes:
            async with await raw(server) as connection:
                first = await connection.create_process(subsystem="netconf", encoding=None)
                first.stdin.write(HELLO_1_1 + chunk(rpc("<get/>")))
                await first.stdout.readuntil(b"\n##\n")
                refused = await connection.create_process(subsystem="netconf", encoding=None)
                return await refused.stdout.read()

        assert asyncio.run(attempt()) == b""


def test_connections_that_do_not_log_in_keep_nobody_out(agent: Agent, tmp_path: Path) -> None:
    server = serve(agent, tmp_path, ssh.SshLimits(unauthenticated=3))
    server.allow()
    strangers = [socket.create_connection(("127.0.0.1", server.port), 10) for _ in range(20)]
    assert all(greeting(sock) for sock in strangers)
    # The oldest made way for the others.
    assert [greeting(sock) for sock in strangers[:17]] == [b""] * 17
    connect(server).close_session()
    for sock in strangers:
        sock.close()


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


def test_more_channels_than_there_may_be(agent: Agent, tmp_path: Path) -> None:
    server = serve(agent, tmp_path, ssh.SshLimits(channels=2))
    server.allow()

    async def attempt() -> None:
        async with await raw(server) as connection:
            for _ in range(2):
                await connection.create_process(subsystem="netconf", encoding=None)
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.create_process(subsystem="netconf", encoding=None)

    asyncio.run(attempt())


def test_more_connections_than_a_user_may_have(agent: Agent, tmp_path: Path) -> None:
    server = serve(agent, tmp_path, ssh.SshLimits(connections_per_user=1))
    server.allow()
    server.allow("other")

    async def attempt() -> None:
        async with await raw(server):
            second = await raw(server)
            await second.wait_closed()
            async with await raw(server, "other"):
                pass

    asyncio.run(attempt())
    connect(server).close_session()


def test_a_connection_without_a_session_is_not_kept(agent: Agent, tmp_path: Path) -> None:
    server = serve(agent, tmp_path, ssh.SshLimits(idle_timeout=0.1))
    server.allow()

    async def attempt() -> None:
        connection = await raw(server)
        await connection.wait_closed()
        async with await raw(server) as connection:
            process = await connection.create_process(subsystem="netconf", encoding=None)
            await process.stdout.readuntil(b"]]>]]>")
            process.close()
            await process.wait_closed()
            await connection.wait_closed()

    asyncio.run(attempt())


def test_a_channel_that_becomes_no_session_is_not_kept(tmp_path: Path) -> None:
    with running(tmp_path, Limits(hello_timeout=0.1)) as agent:
        server = serve(agent, tmp_path, ssh.SshLimits())
        server.allow()
        with paramiko.Transport(("127.0.0.1", server.port)) as transport:
            transport.connect(
                username=USER, pkey=paramiko.Ed25519Key.from_private_key_file(server.identity)
            )
            channel = transport.open_session()
            channel.settimeout(10)
            assert channel.recv(1) == b""


def test_much_before_the_login(server: Ssh) -> None:
    server.allow()
    with socket.create_connection(("127.0.0.1", server.port), 10) as sock:
        sock.sendall(b"SSH-2.0-x\r\n")
        ignore = b"\0\0\0\x0c\x0a\x02" + bytes(10)
        with contextlib.suppress(ConnectionError):
            for _ in range(1000):
                sock.sendall(ignore * 100)
            while greeting(sock):
                pass
    connect(server).close_session()


def test_nothing_tells_who_has_a_key(server: Ssh) -> None:
    """The methods offered and the answers are the same for everybody."""
    server.allow()
    local_user(server.agent, "<name>eve</name><password>$0$geheim</password>")
    other = asyncssh.generate_private_key("ssh-ed25519")
    seen = []

    class Client(asyncssh.SSHClient):
        def __init__(self) -> None:
            self.asked: list[str] = []

        def public_key_auth_requested(self) -> asyncssh.SSHKey | None:
            self.asked.append("publickey")
            return other if self.asked.count("publickey") == 1 else None

        def password_auth_requested(self) -> str | None:
            self.asked.append("password")
            return "x" if self.asked.count("password") == 1 else None

    async def attempt(user: str) -> None:
        made: list[Client] = []

        def factory() -> Client:
            made.append(Client())
            return made[0]

        with pytest.raises(asyncssh.PermissionDenied) as refused:
            await asyncssh.create_connection(
                factory, "127.0.0.1", server.port, username=user, known_hosts=None,
                client_keys=None, agent_path=None, config=None,
                preferred_auth="publickey,password",
            )  # fmt: skip
        seen.append((made[0].asked, str(refused.value).replace(user, "USER")))

    for user in (USER, "eve", "nobody-at-all"):
        asyncio.run(attempt(user))
    assert seen[0] == seen[1] == seen[2]
    assert {"publickey", "password"} == set(seen[0][0])


@pytest.mark.parametrize(
    "algorithm",
    ["diffie-hellman-group18-sha512", "diffie-hellman-group-exchange-sha256", "rsa2048-sha256"],
)
def test_no_slow_key_exchange(server: Ssh, algorithm: str) -> None:
    async def attempt() -> None:
        await asyncssh.connect(
            "127.0.0.1", server.port, kex_algs=[algorithm], known_hosts=None, config=None
        )

    # Whichever end says so first.
    with pytest.raises((asyncssh.KeyExchangeFailed, asyncssh.ConnectionLost)):
        asyncio.run(attempt())
