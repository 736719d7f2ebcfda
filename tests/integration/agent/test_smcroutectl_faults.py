"""The smcroutectl socket under load and under bad clients."""

from __future__ import annotations

import contextlib
import re
import resource
import select
import socket
import struct
import subprocess
import threading
from pathlib import Path

import pytest

from lab import Daemon, process, wait_for
from lab.daemon import DEBIAN_CLIENT, OUR_CLIENT
from smcroute_agent.compat import ipc
from smcroute_agent.compat.server import MAX_CONNECTIONS

FLOW = ("192.0.2.10", "225.1.2.3")
ADD = ipc.encode_request("a", ["in0", "225.7.7.7", "out0"])
MEGABYTE = 1 << 20


@pytest.fixture
def daemon(router):
    router.join(FLOW[1])
    return router.start("mroute from in0 group 225.1.2.3 to out0\n")


def connect(daemon):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # Blocking, so that it waits for room in the queue of connections.
    client.connect(str(daemon.control_socket))
    client.settimeout(30)
    return client


def answer(client):
    """All that comes until the daemon closes."""
    octets = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := client.recv(65536):
            octets += piece
    return octets


def shown_groups(daemon):
    text = daemon.control("-p", "show", "routes", client=DEBIAN_CLIENT).stdout
    return set(re.findall(r"\(\*, (225\.[0-9.]+)\)", text))


def all_at_once(router, commands):
    """Start every command before any is waited for; what each said and its exit code."""
    running = [
        router.lab.router.popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for command in commands
    ]
    return [(client.communicate(timeout=120)[0], client.returncode) for client in running]


def test_a_thousand_processes_at_once_are_all_answered(router, daemon):
    """One in twenty is ours, since starting Python takes most of such a test's time."""
    groups = [f"225.8.{number // 250}.{number % 250}" for number in range(1000)]
    clients = [OUR_CLIENT if number % 20 == 0 else DEBIAN_CLIENT for number in range(1000)]
    add = [
        (str(client), "-u", str(daemon.control_socket), "add", "in0", group, "out0", "out1")
        for client, group in zip(clients, groups, strict=True)
    ]
    assert set(all_at_once(router, add)) == {(b"", 0)}
    assert shown_groups(daemon) == {FLOW[1], *groups}
    assert router.exchange(*FLOW) == [20, 0]


def test_a_thousand_that_want_the_same_one_gets_it(router, daemon):
    """Each remove is a transaction of its own: one succeeds, the others are told why not."""
    daemon.control("add", "in0", "225.7.7.7", "out0")
    command = (str(DEBIAN_CLIENT), "-u", str(daemon.control_socket), "rem", "in0", "225.7.7.7")
    outcomes = all_at_once(router, [command] * 1000)
    assert outcomes.count((b"", 0)) == 1
    others = {outcome for outcome in outcomes if outcome != (b"", 0)}
    assert len(others) == 1
    (text, code) = others.pop()
    assert code == 1
    assert b"there is no route" in text


def test_silent_clients_do_not_keep_others_waiting(router, daemon):
    silent = [connect(daemon) for _ in range(MAX_CONNECTIONS - 1)]
    with connect(daemon) as client:
        client.sendall(ADD)
        assert answer(client) == b"\0"
    # It was answered before the patience with the silent ones was over.
    assert not select.select(silent, [], [], 0)[0]
    assert router.exchange(*FLOW) == [20, 0]
    for client in silent:
        assert b"no whole command within" in answer(client)
        client.close()


def test_more_silent_clients_than_are_served_delay_others_by_their_patience(router, daemon):
    silent = [connect(daemon) for _ in range(MAX_CONNECTIONS + 20)]
    daemon.control("add", "in0", "225.6.0.1", "out0", timeout=30)
    assert shown_groups(daemon) == {FLOW[1], "225.6.0.1"}
    assert router.exchange(*FLOW) == [20, 0]
    for client in silent:
        client.close()


@pytest.mark.parametrize("length", [1, 8, 16, 17, len(ADD) - 1])
def test_half_a_message(daemon, length):
    with connect(daemon) as client:
        client.sendall(ADD[:length])
        client.shutdown(socket.SHUT_WR)
        assert b"half a message" in answer(client)
    with connect(daemon) as client:
        client.sendall(ADD[:length])
    assert shown_groups(daemon) == {FLOW[1]}


def test_a_message_octet_by_octet_is_understood(daemon):
    with connect(daemon) as client:
        for octet in ADD:
            client.sendall(bytes([octet]))
        assert answer(client) == b"\0"
    assert "225.7.7.7" in shown_groups(daemon)


@pytest.mark.parametrize(
    "begin",
    [
        pytest.param(struct.pack("@QHH4x", 10 * MEGABYTE, ord("a"), 3), id="says-so"),
        pytest.param(struct.pack("@QHH4x", 2**64 - 1, ord("a"), 3), id="overflow"),
        pytest.param(ADD, id="behind-a-message"),
        pytest.param(b"GET / HTTP/1.1\r\n", id="http"),
    ],
)
def test_ten_megabytes(router, daemon, begin):
    daemon.control("show")
    before = process.resident_octets(daemon.agent_pid)
    with connect(daemon) as client:
        refused = False
        try:
            client.sendall(begin + b"x" * (10 * MEGABYTE))
        except (BrokenPipeError, ConnectionResetError):
            refused = True
        said = answer(client)
        assert refused or said
    assert shown_groups(daemon) == {FLOW[1]}
    assert process.resident_octets(daemon.agent_pid) - before < 4 * MEGABYTE
    assert router.exchange(*FLOW) == [20, 0]


def test_a_client_that_does_not_read_its_table(router, daemon):
    lines = "".join(
        f"mroute from in0 source 10.0.{number // 250}.{number % 250} group 225.5.5.5 to out0 out1\n"
        for number in range(5000)
    )
    daemon.reload(f"mroute from in0 group 225.1.2.3 to out0\n{lines}")
    deaf = []
    for _ in range(20):
        deaf.append(connect(daemon))
        deaf[-1].sendall(ipc.encode_request("S", ["routes"]))
    daemon.control("add", "in0", "225.6.0.1", "out0")
    assert "225.6.0.1" in daemon.control("show").stdout
    assert router.exchange(*FLOW) == [20, 0]
    for client in deaf:
        client.close()


def descriptors(pid):
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_clients_that_come_and_go(daemon):
    """Connections that end in the middle, a thousand times, leave no descriptor behind."""

    def rude():
        for number in range(200):
            with connect(daemon) as client:
                client.sendall(ADD[: number % len(ADD)])

    daemon.control("show")
    before = descriptors(daemon.agent_pid)
    threads = [threading.Thread(target=rude) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    daemon.control("show")
    wait_for(
        lambda: descriptors(daemon.agent_pid) <= before,
        lambda: f"{before} descriptors, as before: {descriptors(daemon.agent_pid)}",
    )


def test_without_a_descriptor_left_clients_wait_and_are_answered(router):
    limit = 40
    daemon = Daemon(router.lab.router)
    try:
        daemon.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
        clients = [connect(daemon) for _ in range(limit + 10)]
        wait_for(lambda: "smcroutectl has to wait" in daemon.log(), daemon.log)
        for number, client in enumerate(clients):
            client.sendall(ipc.encode_request("a", ["in0", f"225.7.7.{number}", "out0"]))
        for client in clients:
            assert answer(client) == b"\0"
            client.close()
        assert len(shown_groups(daemon)) == len(clients)
    finally:
        daemon.close()
