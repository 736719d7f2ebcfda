"""netconf/transports/ssh.py: a real SSH listener, with ncclient, asyncssh and OpenSSH's client."""

from __future__ import annotations

import asyncio
import socket
import subprocess

import asyncssh
import pytest
from lxml import etree
from ncclient import manager
from ncclient.operations import RPCError

from tests.unit.agent.netconf.agent import SMC, Agent, mroute, smcroute
from tests.unit.agent.netconf.transports.ssh_server import (
    USER,
    Ssh,
    connect,
    raw,
)
from tests.unit.agent.netconf.wire import HELLO_1_1, chunk, messages, rpc


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


def test_a_terminal_changes_no_octet(server: Ssh) -> None:
    server.allow()

    async def attempt() -> bytes:
        async with await raw(server) as connection:
            process = await connection.create_process(
                subsystem="netconf", encoding=None, term_type="xterm"
            )
            process.stdin.write(HELLO_1_1 + chunk(rpc("<close-session/>")))
            return await process.stdout.read()

    # No echo, no carriage return.
    assert len(messages(asyncio.run(attempt()))) == 2


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
