"""SSH connections in great numbers, and what is asked of them beside NETCONF."""

from __future__ import annotations

import contextlib

import paramiko
import pytest

from lab import wait_for
from lab.background import meanwhile
from lab.netconf import ssh_session, unix_session
from tests.integration.agent.clients.raw import REPLY_OK, SshCommand
from tests.integration.agent.hostile.attack import (
    MEGABYTE,
    NOTHING,
    Attacker,
    chunk,
    flood,
    hello,
    rpc,
    sockets,
    tag,
    unharmed,
)
from tests.integration.agent.hostile.over_ssh import login, receive_until, session, ssh_connection

PER_USER = 128


def test_as_many_sessions_as_a_user_may_have(target):
    router, daemon, access = target
    with (
        unharmed(router, daemon, most=96 * MEGABYTE),
        contextlib.ExitStack() as stack,
    ):
        transports = [stack.enter_context(login(target)) for _ in range(PER_USER // 16)]
        channels = [session(one) for one in transports for _ in range(16)]
        assert len(channels) == PER_USER
        for channel in channels:
            channel.sendall(hello() + chunk(rpc(NOTHING)))
            receive_until(channel, b"\n##\n")
        # Its next session is refused; root's is not.
        with login(target) as one_more:
            assert receive_until(session(one_more), b"]]>]]>") is None
        with Attacker(daemon) as root:
            killed = f"<kill-session><session-id>{root.session_id}</session-id></kill-session>"
            assert tag(root.say(chunk(rpc(killed)))) == "invalid-value"
        # One that ends makes room.
        channels[0].close()
        with ssh_session(router.lab.control, access) as another:
            assert another.connected


def test_a_thousand_connections_that_never_log_in(target):
    """Also from the address from which others log in meanwhile."""
    router, daemon, access = target
    with (
        unharmed(router, daemon, most=96 * MEGABYTE),
        sockets(1000, lambda: ssh_connection(target)),
        ssh_session(router.lab.control, access) as session,
        unix_session(daemon) as root,
    ):
        assert session.connected
        assert root.connected


def test_logins_while_connections_that_say_nothing_keep_coming(target):
    """Also from the same address: who speaks is not pushed out by who does not."""
    router, daemon, access = target
    with (
        unharmed(router, daemon, most=96 * MEGABYTE),
        flood(lambda: ssh_connection(target)) as made,
    ):
        for number in range(1, 4):
            wait_for(lambda: made() > number * 200, "many connections", timeout=60)  # noqa: B023
            with SshCommand(router.lab.control, access, access.user, "-s", "netconf") as ssh:
                ssh.raw.greet()
                assert ssh.raw.ask("<close-session/>") == REPLY_OK


def test_a_flood_of_key_exchanges(target):
    """More logins begun than there may be at a time, by clients that go as far as they can."""
    router, daemon, access = target

    def begin(_over):
        with contextlib.suppress(Exception), contextlib.closing(ssh_connection(target)) as made:
            made.sendall(b"SSH-2.0-flood\r\n")
            while made.recv(4096):
                made.sendall(bytes(4096))

    with (
        unharmed(router, daemon, most=96 * MEGABYTE),
        meanwhile(begin, threads=200),
        ssh_session(router.lab.control, access) as session,
    ):
        assert session.connected


def test_nothing_but_sessions_and_not_too_many(target):
    router, daemon, _ = target
    with unharmed(router, daemon, most=64 * MEGABYTE), login(target) as transport:
        with pytest.raises(paramiko.SSHException):
            transport.open_session().invoke_shell()
        with pytest.raises(paramiko.SSHException):
            transport.open_session().exec_command("id")
        channels = [session(transport) for _ in range(13)]
        assert all(receive_until(channel, b"]]>]]>") for channel in channels)
        bare = [transport.open_session(timeout=30) for _ in range(3)]
        with pytest.raises(paramiko.ChannelException):
            transport.open_session(timeout=30)
        assert len(bare) == 3


GUESSERS = 30
HASH = (
    "$6$saltsaltsaltsalt$"
    "ksPOw1B9rpjQvz2hDRUaEqKZFf5oN.sRk5SFlVPq5WZRZ1GqAhmRWgXwSfwBTyYRPHTUr8mLGTgyDgEzvD4d5/"
)


def test_passwords_guessed_by_many(target):
    router, daemon, access = target
    user = (
        '<edit-config><target><running/></target><config><system xmlns="urn:ietf:params:xml:ns:'
        f'yang:ietf-system"><authentication><user><name>eve</name><password>{HASH}</password>'
        "</user></authentication></system></config></edit-config>"
    )
    refused = []

    def guess(_over):
        transport = paramiko.Transport(ssh_connection(target))
        try:
            transport.start_client(timeout=60)
            for number in range(5):
                transport.auth_password("eve", f"guess {number}")
        except paramiko.AuthenticationException:
            refused.append(True)
        finally:
            transport.close()

    with Attacker(daemon) as root:
        assert tag(root.say(chunk(rpc(user)))) == "ok"
    with (
        unharmed(router, daemon, most=64 * MEGABYTE),
        meanwhile(guess, threads=GUESSERS),
        ssh_session(router.lab.control, access) as session,
    ):
        assert session.connected
    assert len(refused) == GUESSERS
