"""Multicast Router Discovery (RFC 4286) as a switch behind out0 sees it; tshark reads the bytes."""

from __future__ import annotations

import signal
import socket
import struct

import pytest

from lab import wait_for
from lab.capture import Capture
from lab.process import status
from lab.requirements import check
from lab.topology import Addresses
from smcroute_agent.engine.kernel.discovery import checksum

S4, S6 = Addresses.SENDER
ROUTES = [
    ["mroute", "in0", S4, "225.1.2.3", ["out0", "out1"]],
    ["mroute", "in0", S6, "ff0e::1", ["out0", "out1"]],
]
MRDISC = [["phyint", "out0", None, True, None]]
ALL_SNOOPERS4 = bytes.fromhex("e000006a")
ALL_SNOOPERS6 = bytes.fromhex("ff02000000000000000000000000006a")


@pytest.fixture(autouse=True)
def tshark():
    check(commands=("tshark",))


def seen(capture: Capture, version: int) -> list[int]:
    """The types of the messages to all snoopers, in order."""
    found = []
    for frame in capture.frames():
        if version == 4 and frame[12:14] == b"\x08\x00" and frame[30:34] == ALL_SNOOPERS4:
            found.append(frame[14 + (frame[14] & 15) * 4])
        elif version == 6 and frame[12:14] == b"\x86\xdd" and frame[38:54] == ALL_SNOOPERS6:
            found.append(frame[14 + 40 + 8])
    return found


def test_bytes(router, engine):
    started = engine(router.lab.router, "--mrdisc-interval", "4")
    agent = started.agent()
    with Capture(router.lab.receivers[0]) as capture:
        agent.apply([*ROUTES, *MRDISC])
        for version in (4, 6):
            wait_for(lambda v=version: len(seen(capture, v)) >= 3, "three advertisements")
        agent.apply(remove=[["phyint", "out0"]])
        wait_for(lambda: 0x32 in seen(capture, 4) and 153 in seen(capture, 6), "terminations")
        rows = capture.dissect(
            "ip.dst == 224.0.0.106",
            *("ip.ttl", "ip.opt.ra", "ip.proto", "ip.checksum.status", "eth.dst", "ip.src"),
            # This tshark knows RFC 4286 for ICMPv6 alone.
            *("igmp.type", "igmp.data"),
        )
        where = ("1", "0", "2", "1", "01:00:5e:00:00:6a", "10.0.0.1")
        assert rows[:3] == [(*where, "0x30", "04cffb00000000")] * 3
        assert rows[-1] == (*where, "0x32", "00cdff")
        rows = capture.dissect(
            "icmpv6.type >= 151 && icmpv6.type <= 153",
            *("ipv6.dst", "ipv6.hlim", "ipv6.opt.router_alert", "eth.dst", "icmpv6.type"),
            *("icmpv6.checksum.status", "icmpv6.code"),
        )
        where = ("ff02::6a", "1", "0", "33:33:00:00:00:6a")
        assert rows[:3] == [(*where, "151", "1", "4")] * 3
        assert rows[-1] == (*where, "153", "1", "0")
        (source,) = set(capture.dissect("icmpv6.type == 151", "ipv6.src"))
        assert source[0].startswith("fe80:")
        (malformed,) = [capture.dissect("_ws.malformed", "frame.number")]
        assert malformed == []


def test_only_where_it_is_asked_for_and_used(router, engine):
    agent = engine(router.lab.router).agent()
    with Capture(router.lab.receivers[0]) as out0, Capture(router.lab.receivers[1]) as out1:
        agent.apply([["mroute", "in0", S4, "225.1.2.3", ["out1"]], *MRDISC])
        agent.apply([["phyint", "out+", None, True, None], ["phyint", "out0", None, False, None]])
        wait_for(lambda: len(seen(out1, 4)) >= 3, "advertisements on out1")
        assert seen(out1, 6) == seen(out0, 4) == seen(out0, 6) == []


@pytest.mark.parametrize("how", ["stop", "supervisor gone"])
def test_termination_at_exit(router, engine, how):
    started = engine(router.lab.router)
    agent = started.agent()
    with Capture(router.lab.receivers[0]) as capture:
        agent.apply([*ROUTES, *MRDISC])
        wait_for(lambda: 0x30 in seen(capture, 4) and 151 in seen(capture, 6), "advertisements")
        if how == "stop":
            started.control.send({"do": "stop"})
        else:
            started.control.close()
        started.process.wait(10)
        assert seen(capture, 4)[-1] == 0x32
        assert seen(capture, 6)[-1] == 153


def solicit(router, version: int) -> None:
    """Ask from the receiver, as a switch does when a port comes up."""
    host = router.lab.receivers[0]
    index = host.interface_index("eth0")
    if version == 4:
        with host.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP) as sock:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, bytes((0x94, 4, 0, 0)))
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
            request = struct.pack("=4s4si", b"", b"", index)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, request)
            message = b"\x31\0\0\0"
            message = message[:2] + checksum(message).to_bytes(2, "big")
            sock.sendto(message, ("224.0.0.2", 0))
    else:
        with host.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as sock:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 1)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
            sock.sendto(bytes((152, 0, 0, 0)), ("ff02::2", 0))


@pytest.mark.parametrize("version", [4, 6])
def test_solicitations_are_answered_and_many_of_them_once(router, engine, version):
    agent = engine(router.lab.router, "--mrdisc-interval", "180").agent()
    with Capture(router.lab.receivers[0]) as capture:
        agent.apply([*ROUTES, *MRDISC])
        wait_for(lambda: len(seen(capture, version)) == 3, "the initial advertisements")
        for _ in range(200):
            solicit(router, version)
        wait_for(lambda: len(seen(capture, version)) == 4, "an answer")
        agent.apply(remove=[["phyint", "out0"]])
        wait_for(lambda: len(seen(capture, version)) >= 5, "the termination")
        assert len(seen(capture, version)) == 5


def test_link_that_comes_and_goes(router, engine):
    host = router.lab.router
    agent = engine(host, "--mrdisc-interval", "180").agent()
    host.ip("link set out0 down\n")
    agent.apply([*ROUTES, *MRDISC])
    with Capture(router.lab.receivers[0]) as capture:
        host.ip("link set out0 up\n")
        wait_for(lambda: len(seen(capture, 4)) == 3, "advertisements of a link that came up")
        host.ip("link set out0 down\n")
        host.ip("link set out0 up\n")
        wait_for(lambda: len(seen(capture, 4)) == 6, "those of a link that came again")
        assert set(seen(capture, 4)) == {0x30}


def test_kill_and_a_new_engine(router, engine):
    """No termination is seen, and the new engine introduces itself."""
    host = router.lab.router
    started = engine(host, "--mrdisc-interval", "180", keep=True)
    with Capture(router.lab.receivers[0]) as capture:
        started.agent().apply([*ROUTES, *MRDISC])
        wait_for(lambda: len(seen(capture, 4)) == 3, "the initial advertisements")
        started.process.send_signal(signal.SIGKILL)
        started.process.wait()
        engine(host, inherit=started.left).agent().apply([*ROUTES, *MRDISC], replace_all=True)
        wait_for(lambda: len(seen(capture, 4)) == 6, "those of the new engine")
        assert set(seen(capture, 4)) == {0x30}


def test_flood_of_other_messages_does_not_wake_the_engine(router, engine):
    """Filters in the kernel keep out what is no solicitation."""
    started = engine(router.lab.router)
    host = router.lab.receivers[0]
    with Capture(host) as capture:
        started.agent().apply([*ROUTES, *MRDISC])
        wait_for(lambda: len(seen(capture, 4)) == 3, "the initial advertisements")
        before = context_switches(started.pid)
        with host.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP) as sock:
            index = host.interface_index("eth0")
            request = struct.pack("=4s4si", b"", b"", index)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, request)
            for _ in range(2000):
                sock.sendto(b"\x30\x14\xcf\xeb\0\0\0\0", ("224.0.0.2", 0))
        solicit(router, 4)
        wait_for(lambda: len(seen(capture, 4)) == 4, "the answer")
        assert context_switches(started.pid) - before < 100


def context_switches(pid: int) -> int:
    """How often a process has gone to sleep."""
    return int(status(pid)["voluntary_ctxt_switches"])
