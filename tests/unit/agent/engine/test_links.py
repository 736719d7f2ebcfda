"""Links whose changes cannot be followed at once are followed later, whatever has failed."""

from __future__ import annotations

import errno
import os
import threading

import pytest

from smcroute_agent.channel import channel_pair
from smcroute_agent.engine import loop, protocol
from smcroute_agent.engine.interfaces import IFF_MULTICAST
from smcroute_agent.engine.kernel.netlink import LinkState
from smcroute_agent.engine.loop import Loop
from smcroute_agent.engine.succession import Inheritance, VifMemory
from tests.unit.agent.engine.kernels import run

S, G = "10.0.0.1", "225.1.1.1"
NO_ROOM = OSError(errno.ENOBUFS, "no buffer space")


@pytest.mark.parametrize("lost", [False, True])
def test_links_that_came_while_something_failed(bench, monkeypatch, lost):
    bench.apply([["mroute", "eth0", S, G, ["eth1", "eth9"]], ["mgroup", "eth9", "*", G]])
    failing = bench.changes, "_dump"
    if not lost:
        failing = bench.router.memberships, "join_missing"

    def fail(*_, **__):
        raise NO_ROOM

    with monkeypatch.context() as patch:
        patch.setattr(*failing, fail)
        with pytest.raises(OSError, match="no buffer space"):
            bench.links([LinkState(9, "eth9", IFF_MULTICAST)], lost=lost)
    run(bench.changes.update())
    assert bench.table() == {(S, G): ("eth0", frozenset({"eth1", "eth9"}))}
    assert {member.ifindex for member in bench.sockets.joined} == {9}
    assert {"event": protocol.INTERFACE_ACTIVE, "interface": "eth9"} in bench.events


def test_links_that_went_while_something_failed(bench, monkeypatch):
    bench.apply([["mroute", "eth0", S, G, ["eth1", "eth2"]], ["mgroup", "eth2", "*", G]])
    leave = bench.sockets.leave

    def fail(membership):
        monkeypatch.setattr(bench.sockets, "leave", leave)
        raise NO_ROOM

    monkeypatch.setattr(bench.sockets, "leave", fail)
    with pytest.raises(OSError, match="no buffer space"):
        bench.links(gone=[4])
    run(bench.changes.update())
    assert bench.table() == {(S, G): ("eth0", frozenset({"eth1"}))}
    assert not bench.sockets.joined
    pending = [event for event in bench.events if event["event"] == protocol.INTERFACE_PENDING]
    assert [event["interface"] for event in pending] == ["eth2"]


class NoDiscovery:
    due = None

    def update(self):
        pass

    def stop(self):
        pass


class FailingOnce:
    """Links that cannot be followed the first time; the second time the daemon is stopped."""

    def __init__(self, descriptor, control):
        self.descriptor = descriptor
        self.control = control
        self.calls = 0

    def on_readable(self):
        os.eventfd_read(self.descriptor)
        return True

    def update(self):
        self.calls += 1
        if self.calls == 1:
            raise NO_ROOM
        self.control.close()
        yield


def test_the_loop_tries_again_without_another_event(bench, monkeypatch):
    monkeypatch.setattr(loop, "LINKS_RETRY", 0.01)
    bench.router.kernels = {}
    control, engine_end = channel_pair()
    descriptor = os.eventfd(1, os.EFD_NONBLOCK)
    links = FailingOnce(descriptor, control)
    inheritance = Inheritance(bench.router, VifMemory())
    loop_ = Loop(
        engine_end, bench.router, links, descriptor, inheritance, NoDiscovery(), {},
        precedence=None, expire_after=0, notify_install=False,
    )  # fmt: skip
    thread = threading.Thread(target=loop_.run, daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    assert links.calls == 2
    os.close(descriptor)
