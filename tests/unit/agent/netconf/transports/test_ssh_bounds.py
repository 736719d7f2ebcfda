"""netconf/transports/ssh.py: how many may connect, log in and guess, and for how long."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import asyncssh
import pytest

from smcroute_agent.netconf.server import Limits
from smcroute_agent.netconf.transports import ssh
from tests.unit.agent.netconf.agent import Agent, running
from tests.unit.agent.netconf.transports.ssh_server import (
    Ssh,
    connect,
    greeting,
    local_user,
    raw,
    serve,
)


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
