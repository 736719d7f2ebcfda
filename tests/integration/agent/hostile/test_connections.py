"""Connections and sessions in great numbers, and those that hoard, stall or die."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
from pathlib import Path

from lab import wait_for
from lab.netconf import NETCONF
from tests.integration.agent.hostile.attack import (
    LOCK,
    MEGABYTE,
    NOTHING,
    RUNNING,
    Attacker,
    chunk,
    flood,
    hello,
    rpc,
    sockets,
    tag,
    unharmed,
)

UNLOCK = "<unlock><target><running/></target></unlock>"
EVERYTHING = f"<get-config>{RUNNING}</get-config>"


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


def test_sessions_while_connections_that_say_nothing_keep_coming(target):
    """Who says hello is heard before it would make way."""
    router, daemon, _ = target
    with (
        unharmed(router, daemon, most=64 * MEGABYTE),
        flood(lambda: unix_connection(daemon)) as made,
    ):
        for number in range(1, 5):
            wait_for(lambda: made() > number * 300, "many connections", timeout=60)  # noqa: B023
            with Attacker(daemon) as another:
                assert tag(another.say(chunk(rpc(NOTHING)))) == "data"


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
