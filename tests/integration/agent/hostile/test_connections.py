"""Connections and sessions in great numbers, and those that hoard, stall or die."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import paramiko
import pytest

from lab import wait_for
from lab.netconf import NETCONF, ssh_session, unix_session
from tests.integration.agent.hostile.attack import (
    LOCK,
    MEGABYTE,
    NOTHING,
    RUNNING,
    Attacker,
    chunk,
    hello,
    rpc,
    tag,
    unharmed,
)

UNLOCK = "<unlock><target><running/></target></unlock>"
EVERYTHING = f"<get-config>{RUNNING}</get-config>"
PER_USER = 128


@contextlib.contextmanager
def sockets(count, connect):
    """So many connections, closed at the end."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(contextlib.closing(connect())) for _ in range(count)]


def unix_connection(daemon):
    made = socket.socket(socket.AF_UNIX)
    made.connect(str(daemon.netconf_socket))
    return made


def open_descriptors(pid):
    limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(int(line.split()[3]) for line in limits if line.startswith("Max open files"))


def test_the_agent_may_open_as_many_files_as_its_bounds_need(target):
    assert open_descriptors(target.daemon.agent_pid) >= 4096


def test_a_thousand_connections_that_say_nothing(target):
    """Those that came first make way; whoever speaks gets in, and stays."""
    router, daemon, _ = target
    with (
        unharmed(router, daemon, most=64 * MEGABYTE),
        sockets(1000, lambda: unix_connection(daemon)),
        Attacker(daemon) as another,
    ):
        assert tag(another.say(chunk(rpc(NOTHING)))) == "data"


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


def test_half_messages_of_many(target):
    """Together they are more than there may be: those with most go, not those who speak."""
    router, daemon, _ = target
    with (
        unharmed(router, daemon, most=448 * MEGABYTE) as memory,
        contextlib.ExitStack() as stack,
    ):
        hoarders = [stack.enter_context(Attacker(daemon)) for _ in range(10)]
        for hoarder in hoarders:
            hoarder.send(b"\n#%d\n" % (63 * MEGABYTE) + b" " * (62 * MEGABYTE))
        assert memory.peak > 100 * MEGABYTE
        with Attacker(daemon) as another:
            assert tag(another.say(chunk(rpc(EVERYTHING)))) == "data"


def test_many_who_ask_for_everything_and_read_nothing(target):
    router, daemon, _ = target
    with (
        unharmed(router, daemon, most=128 * MEGABYTE),
        contextlib.ExitStack() as stack,
    ):
        for _ in range(50):
            one = stack.enter_context(Attacker(daemon))
            one.socket.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    one.socket.send(chunk(rpc(EVERYTHING)) * 100)


HOLDER = """
import socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
sock.sendall(bytes.fromhex(sys.argv[2]))
octets = b""
while b"<ok/>" not in octets:
    octets += sock.recv(65536)
print("locked", flush=True)
sock.recv(1)
"""


@contextlib.contextmanager
def lock_holder(daemon):
    """Another process with a session that holds the lock on running."""
    octets = (hello() + chunk(rpc(LOCK))).hex()
    command = [sys.executable, "-c", HOLDER, str(daemon.netconf_socket), octets]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout.readline() == b"locked\n"
            yield holder
        finally:
            holder.kill()


def test_locks_of_the_dead_and_of_those_who_hang(target):
    router, daemon, _ = target
    with unharmed(router, daemon), Attacker(daemon) as other:

        def lock():
            return other.say(chunk(rpc(LOCK)))

        with lock_holder(daemon) as holder:
            assert tag(lock()) == "lock-denied"
            holder.kill()
            wait_for(lambda: tag(lock()) == "ok", "the lock of the dead")
        other.say(chunk(rpc(UNLOCK)))
        with lock_holder(daemon) as holder:
            holder.send_signal(signal.SIGSTOP)
            owner = lock().findtext(f".//{{{NETCONF}}}session-id")
            kill = f"<kill-session><session-id>{owner}</session-id></kill-session>"
            assert tag(other.say(chunk(rpc(kill)))) == "ok"
            assert tag(lock()) == "ok"
        other.say(chunk(rpc(UNLOCK)))


# SSH


def ssh_connection(target):
    """A TCP connection from the host `control` to the agent's SSH port."""
    router, _, access = target
    made = router.lab.control.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.settimeout(30)
    made.connect((access.address, access.port))
    return made


@contextlib.contextmanager
def login(target):
    """A paramiko transport whose user has logged in."""
    transport = paramiko.Transport(ssh_connection(target))
    try:
        key = paramiko.Ed25519Key.from_private_key_file(str(target.access.private_key))
        transport.connect(username=target.access.user, pkey=key)
        yield transport
    finally:
        transport.close()


def session(transport):
    channel = transport.open_session(timeout=30)
    channel.settimeout(30)
    channel.invoke_subsystem("netconf")
    return channel


def receive_until(channel, end):
    """What comes up to `end`; None when it is closed before."""
    octets = b""
    while end not in octets:
        data = channel.recv(65536)
        if not data:
            return None
        octets += data
    return octets


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


def test_a_flood_of_key_exchanges(target):
    """More logins begun than there may be at a time, by clients that go as far as they can."""
    router, daemon, access = target

    def begin():
        with contextlib.suppress(Exception), contextlib.closing(ssh_connection(target)) as made:
            made.sendall(b"SSH-2.0-flood\r\n")
            while made.recv(4096):
                made.sendall(bytes(4096))

    with unharmed(router, daemon, most=96 * MEGABYTE):
        threads = [threading.Thread(target=begin) for _ in range(200)]
        for thread in threads:
            thread.start()
        with ssh_session(router.lab.control, access) as session:
            assert session.connected
        for thread in threads:
            thread.join(60)


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

    def guess():
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
    with unharmed(router, daemon, most=64 * MEGABYTE):
        threads = [threading.Thread(target=guess) for _ in range(GUESSERS)]
        for thread in threads:
            thread.start()
        with ssh_session(router.lab.control, access) as session:
            assert session.connected
        for thread in threads:
            thread.join(60)
    assert len(refused) == GUESSERS
