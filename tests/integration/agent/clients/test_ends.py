"""Clients that are gone without a word, and clients that wait to be let in."""

from __future__ import annotations

import contextlib
import os
import signal
import socket

import pytest

from lab import wait_for
from lab.netconf import mroute
from tests.integration.agent.clients.conftest import on_each_way
from tests.integration.agent.clients.raw import LOCK, REPLY_OK, chunk, edit_config, rpc, unix

GET_SCHEMA = (
    '<get-schema xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring">'
    "<identifier>smcroute</identifier></get-schema>"
)

HALF = chunk(rpc(edit_config(mroute("in0", "*", "225.9.0.0/16", "out1", "out0"))))[:200]
ENDS = {
    "idle": b"",
    "half a message": HALF,
    "many replies that nobody reads": 2000 * chunk(rpc(GET_SCHEMA)),
}


@on_each_way
@pytest.mark.parametrize("sent", ENDS.values(), ids=ENDS)
def test_a_client_that_is_gone_leaves_no_lock(place, way, sent):
    with place.talking("UNIX socket") as other:
        with contextlib.ExitStack() as stack:
            if way == "UNIX socket":
                raw = stack.enter_context(unix(place.daemon.netconf_socket))
            else:
                ssh = stack.enter_context(place.ssh(way))
                stack.callback(ssh.process.kill)
                raw = ssh.raw
            raw.greet()
            assert raw.ask(LOCK) == REPLY_OK
            assert b"lock-denied" in other.ask(LOCK)
            raw.send_some(sent)
        wait_for(lambda: other.ask(LOCK) == REPLY_OK, "the lock of a client that is gone")


def test_the_backlog_of_every_listening_socket(place):
    text = place.router.run("ss", "--listening", "--tcp", "--unix", "--numeric").stdout
    backlogs = {}
    for line in text.splitlines()[1:]:
        _, _, _, backlog, address, *_ = line.split()
        backlogs[address] = int(backlog)
    # The sockets have the names under which they were bound, before they listened.
    names = [place.daemon.netconf_socket.name, place.daemon.control_socket.name]
    found = [
        backlog
        for address, backlog in backlogs.items()
        if address == f"{place.builtin.address}:{place.builtin.port}"
        or any(address.startswith(f"{place.daemon.directory}/.{name}.") for name in names)
    ]
    assert len(found) == 3, text
    assert min(found) >= 128, text


def test_128_clients_may_wait_for_an_agent_that_is_busy(place):
    agent = place.daemon.agent_pid
    with contextlib.ExitStack() as stack:
        os.kill(agent, signal.SIGSTOP)
        try:
            waiting = []
            for _ in range(128):
                client = stack.enter_context(socket.socket(socket.AF_UNIX))
                client.setblocking(False)
                client.connect(str(place.daemon.netconf_socket))
                waiting.append(client)
        finally:
            os.kill(agent, signal.SIGCONT)
        for client in waiting:
            client.settimeout(20)
            assert client.recv(6) == b"<hello"
