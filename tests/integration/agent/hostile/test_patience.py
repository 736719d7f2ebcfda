"""Clients that stop in the middle, go on without an end, or do not read: each is given up."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import asyncssh
import pytest
from lxml import etree

from lab import wait_for
from lab.background import meanwhile
from lab.netconf import NETCONF, unix_session
from lab.ssh import SshAccess
from lab.topology import Addresses
from tests.integration.agent.hostile.attack import (
    CONFIGURATION,
    MEGABYTE,
    NOTHING,
    RUNNING,
    Attacker,
    chunk,
    edit,
    hello,
    route,
    rpc,
    tag,
    unharmed,
)
from tests.integration.agent.hostile.conftest import ROUTES, Target
from tests.integration.agent.hostile.over_ssh import login, receive_until, session, ssh_connection

PATIENCE = 2
"""Seconds, five times as many for a whole message."""

NCN = "urn:ietf:params:xml:ns:yang:ietf-netconf-notifications"
MONITORING = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
NOTIFICATION = "urn:ietf:params:xml:ns:netconf:notification:1.0"
ENDS = ("subtree", f'<netconf-session-end xmlns="{NCN}"/>')

HALVES = {
    "silence": b"",
    "half of hello": hello()[:100],
    "a blank": b"\n",
    "half of a header": hello() + b"\n#1",
    "half of a message": hello() + chunk(rpc(NOTHING))[:60],
    "all but the last octet": hello() + chunk(rpc(NOTHING))[:-1],
    "half of a message of base:1.0": hello("1.0") + rpc(NOTHING).encode(),
}
"""What a client says, and then nothing more."""

DRIPS = {"of hello": b"", "of a message": hello() + b"\n#1000\n", "of 1.0": hello("1.0") + b"<rpc"}
"""What a client says at once, before single octets without an end."""

EVERYTHING = chunk(rpc(f"<get-config>{RUNNING}</get-config>"))


@pytest.fixture(scope="module")
def target(module_router: Any, tmp_path_factory: pytest.TempPathFactory) -> Target:
    """A router whose agent has little patience."""
    access = SshAccess(tmp_path_factory.mktemp("ssh"), Addresses.ROUTER_MANAGEMENT[0])
    options = (*access.daemon_options, "--netconf-timeout", str(PATIENCE))
    daemon = module_router.start(CONFIGURATION, *options)
    with Attacker(daemon) as root:
        root.say(chunk(rpc(edit("".join(map(route, range(ROUTES)))))))
    return Target(module_router, daemon, access)


def unix_client(target: Target, stack: contextlib.ExitStack) -> Any:
    made = stack.enter_context(socket.socket(socket.AF_UNIX))
    made.connect(str(target.daemon.netconf_socket))
    made.settimeout(60)
    return made


def ssh_client(target: Target, stack: contextlib.ExitStack) -> Any:
    # With a small window, so that what is not read stays with the agent.
    channel = session(stack.enter_context(login(target)), window_size=32768)
    channel.settimeout(60)
    return channel


CONNECT: tuple[Callable[[Target, contextlib.ExitStack], Any], ...] = (unix_client, ssh_client)


def dripping(clients: list[Any]) -> AbstractContextManager[None]:
    """Send an octet to each now and then, as long as it takes any."""

    def drip(over: threading.Event) -> None:
        left = list(clients)
        while left and not over.wait(PATIENCE / 10):
            for client in list(left):
                try:
                    client.sendall(b"a")
                except OSError:
                    left.remove(client)

    return meanwhile(drip)


def ended(client: Any) -> bytes:
    """What comes until the agent closes; TimeoutError when it does not."""
    octets = b""
    with contextlib.suppress(ConnectionError):
        while data := client.recv(65536):
            octets += data
    return octets


def test_clients_that_do_not_go_on(target):
    """All at once: half of something, single octets without an end; and one that is only idle."""
    router, daemon, _ = target
    with (
        unix_session(daemon) as watching,
        unharmed(router, daemon, most=64 * MEGABYTE),
        contextlib.ExitStack() as stack,
        Attacker(daemon) as idle,
    ):
        watching.create_subscription(filter=ENDS)
        halves, drips = (
            [(connect(target, stack), octets) for connect in CONNECT for octets in octets_of]
            for octets_of in (HALVES.values(), DRIPS.values())
        )
        for client, octets in (*halves, *drips):
            client.sendall(octets)
        with dripping([client for client, _ in drips]):
            said = [ended(client) for client, _ in (*halves, *drips)]
        ids = {
            etree.fromstring(octets.partition(b"]]>]]>")[0]).findtext(f"{{{NETCONF}}}session-id")
            for octets in said
        }
        assert len(ids) == len(said)
        assert not any(b"rpc-reply" in octets for octets in said)
        reasons = {}
        for _ in ids:
            end = watching.take_notification(timeout=20).notification_ele[1]
            reason = end.findtext(f"{{{NCN}}}termination-reason")
            reasons[end.findtext(f"{{{NCN}}}session-id")] = reason
        assert reasons == dict.fromkeys(ids, "timeout")
        assert tag(idle.say(chunk(rpc(NOTHING)))) == "data"


SUBSCRIBE = chunk(rpc(f'<create-subscription xmlns="{NOTIFICATION}"/>'))


def test_clients_that_do_not_read(target):
    """What fits into the connection is taken; then they have so long to take more."""
    router, daemon, _ = target
    with (
        unharmed(router, daemon, most=64 * MEGABYTE),
        contextlib.ExitStack() as stack,
        Attacker(daemon) as editor,
    ):
        clients = []
        for connect in CONNECT:
            for unread in 3 * (200 * EVERYTHING, SUBSCRIBE):
                client = connect(target, stack)
                client.sendall(hello())
                client.settimeout(0.1)
                with contextlib.suppress(TimeoutError):
                    client.sendall(unread)
                clients.append(client)

        def all_cut() -> bool:
            routes = "".join(map(route, range(100_000, 100_090)))
            for content in (routes, routes.replace("<mroute>", REMOVED)):
                assert tag(editor.say(chunk(rpc(edit(content))))) == "ok"
            cut = daemon.log().count("a client does not read what it asked for")
            return cut == len(clients)

        wait_for(all_cut, "the end of those who do not read", timeout=60)
        for client in clients:
            client.settimeout(60)
            ended(client)


REMOVED = f'<mroute xmlns:nc="{NETCONF}" nc:operation="remove">'


def test_ssh_connections_that_do_not_become_a_session(target):
    router, daemon, _ = target
    with (
        unharmed(router, daemon, most=64 * MEGABYTE),
        contextlib.ExitStack() as stack,
    ):
        strangers = [stack.enter_context(contextlib.closing(ssh_connection(target))) for _ in "abc"]
        strangers[1].sendall(b"SSH-2.0-half\r\n")
        idle, bare = (stack.enter_context(login(target)) for _ in "ab")
        channel = bare.open_session(timeout=30)
        channel.settimeout(60)
        with dripping(strangers[2:]):
            for stranger in strangers:
                assert ended(stranger).startswith(b"SSH-2.0-")
        wait_for(lambda: not idle.is_active(), "the end of a connection without a channel")
        assert receive_until(channel, b"hello") is None
        with login(target) as another:
            assert receive_until(session(another), b"]]>]]>")


def test_a_key_exchange_that_does_not_end(target):
    """Nothing may be sent meanwhile, so what was asked for before must not pile up."""
    router, daemon, access = target
    monitoring = f'<netconf-state xmlns="{MONITORING}"><sessions/></netconf-state>'

    async def attack() -> None:
        connection = await asyncssh.connect(
            sock=ssh_connection(target),
            username=access.user,
            client_keys=[str(access.private_key)],
            known_hosts=None,
            agent_path=None,
            config=None,
        )
        process = await connection.create_process(
            subsystem="netconf", encoding=None, window=1 << 31
        )
        await process.stdout.readuntil(b"]]>]]>")
        process.stdin.write(hello() + 600 * EVERYTHING)
        connection._send_kexinit()
        connection._transport.pause_reading()
        await asyncio.to_thread(wait_for, alone, "the end of the session", timeout=60)
        connection.abort()

    with unharmed(router, daemon, most=64 * MEGABYTE), unix_session(daemon) as root:

        def alone() -> bool:
            users = root.get(("subtree", monitoring)).data_ele.iter(f"{{{MONITORING}}}username")
            return access.user not in {user.text for user in users}

        asyncio.run(attack())
