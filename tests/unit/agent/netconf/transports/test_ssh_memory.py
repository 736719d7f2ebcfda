"""netconf/transports/brake.py, ssh.py: what a user who has logged in can make the agent keep."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncssh
from asyncssh.packet import String

from smcroute_agent.netconf.sending import PORTION
from smcroute_agent.netconf.server import Limits
from smcroute_agent.netconf.transports import ssh
from tests.unit.agent.netconf.agent import Agent, edit, mroute, running, smcroute
from tests.unit.agent.netconf.transports.ssh_server import Ssh, raw, serve
from tests.unit.agent.netconf.wire import HELLO_1_1, chunk, rpc

EVERYTHING = chunk(rpc("<get-config><source><running/></source></get-config>"))


def test_variables_are_not_kept(server: Ssh) -> None:
    """Neither those that come before the session begins, nor later ones."""
    server.allow()
    variables = {f"V{number}": "a" * 1000 for number in range(500)}

    async def attempt() -> list[int]:
        async with await raw(server) as connection:
            process = await connection.create_process(
                subsystem="netconf", encoding=None, env=variables
            )
            await process.stdout.readuntil(b"]]>]]>")
            channel: Any = process.channel
            for number in range(500):
                channel._send_request(b"env", String(f"W{number}"), String("a" * 1000))
            process.stdin.write(HELLO_1_1 + chunk(rpc("<discard-changes/>")))
            await process.stdout.readuntil(b"\n##\n")
            return [len(stream._env) for stream in _streams(server.agent)]

    assert asyncio.run(attempt()) == [0]


def _streams(agent: Agent) -> list[Any]:
    """The SSH channels of the sessions."""
    streams = [session._transport._stream for session in agent.server.sessions.values()]  # type: ignore[attr-defined]
    return [stream for stream in streams if stream is not None]


def test_many_channels_asked_for_at_once(agent: Agent, tmp_path: Path) -> None:
    server = serve(agent, tmp_path, ssh.SshLimits(channels=2))
    server.allow()

    async def attempt() -> int:
        async with await raw(server) as connection:
            opened = await asyncio.gather(
                *(connection.create_process(subsystem="netconf", encoding=None) for _ in range(10)),
                return_exceptions=True,
            )
            return sum(not isinstance(one, asyncssh.ChannelOpenError) for one in opened)

    assert asyncio.run(attempt()) == 2


def held_back(
    tmp_path: Path, begin: Callable[[Any], None], waiting: Callable[[Any], int], routes: int
) -> int:
    """Octets that are kept at the most for who asks for all routes fifty times and reads nothing.

    begin: what its connection does beforehand.  waiting: what is kept of one SSH channel.
    """
    most = 0
    with running(tmp_path, Limits(write_timeout=1)) as agent:
        server = serve(agent, tmp_path, ssh.SshLimits())
        server.allow()
        with agent.connect() as root:
            many = "".join(mroute(f"225.1.{i // 250}.{i % 250}", "eth1") for i in range(routes))
            root.ok(edit(smcroute(many)))

        async def attempt() -> None:
            nonlocal most
            connection = await raw(server)
            process = await connection.create_process(
                subsystem="netconf", encoding=None, window=1 << 31
            )
            await process.stdout.readuntil(b"]]>]]>")
            process.stdin.write(HELLO_1_1 + EVERYTHING * 50)
            begin(connection)
            connection._transport.pause_reading()
            while agent.server.sessions:
                most = max([most, *map(waiting, _streams(agent))])
                await asyncio.sleep(0.01)
            connection.abort()

        asyncio.run(attempt())
        assert agent.server._memory.used == 0
    return most


def test_who_grants_a_huge_window_and_does_not_read(tmp_path: Path) -> None:
    """What waits for it is a portion, and what the kernel holds, however much it asks for."""

    def written(stream: Any) -> int:
        transport = stream._conn._transport
        return transport.get_write_buffer_size() if transport else 0

    most = held_back(tmp_path, lambda connection: None, written, routes=5000)
    assert 0 < most < 4 * PORTION


def test_who_begins_a_key_exchange_and_does_not_go_on(tmp_path: Path) -> None:
    """Nothing may be sent meanwhile, so all that it has asked for would wait."""

    def deferred(stream: Any) -> int:
        return sum(len(part) for _, parts in stream._conn._deferred_packets for part in parts)

    def begin(connection: Any) -> None:
        connection._send_kexinit()

    assert held_back(tmp_path, begin, deferred, routes=2000) < 2 * PORTION


def test_a_key_exchange_in_the_middle_of_a_reply(agent: Agent, tmp_path: Path) -> None:
    server = serve(agent, tmp_path, ssh.SshLimits())
    server.allow()
    with agent.connect() as root:
        routes = "".join(mroute(f"225.1.{i // 250}.{i % 250}", "eth1") for i in range(2000))
        root.ok(edit(smcroute(routes)))

    async def attempt() -> None:
        async with await raw(server) as connection:
            process = await connection.create_process(subsystem="netconf", encoding=None)
            await process.stdout.readuntil(b"]]>]]>")
            process.stdin.write(HELLO_1_1)
            for _ in range(5):
                process.stdin.write(EVERYTHING)
                await process.stdout.readuntil(b"<mroute>")
                connection._rekey_bytes_sent = 1 << 62  # what it sends next begins one
                reply = await process.stdout.readuntil(b"\n##\n")
                assert reply.count(b"</mroute>") == 2000

    asyncio.run(asyncio.wait_for(attempt(), 30))
