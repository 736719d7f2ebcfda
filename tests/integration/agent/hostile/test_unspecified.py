"""A packet without a source: to the kernel, an entry for it is one for all sources."""

from __future__ import annotations

import socket
import struct

from lab import Daemon, Lab, Receiver, Sender, wait_for

GROUP = "ff0e::123"
SOURCE = "2001:db8:1::2"  # behind out0
CONFIGURATION = """\
mroute from in0 group ff0e::/16 to out0
mroute from out0 group ff0e::/16 to out1
"""


def frame() -> bytes:
    """An IPv6 packet from ::, with nothing in it, on Ethernet."""
    group = socket.inet_pton(socket.AF_INET6, GROUP)
    header = struct.pack("!IHBB16s16s", 6 << 28, 0, socket.IPPROTO_NONE, 8, bytes(16), group)
    return b"\x33\x33" + group[12:] + b"\2\0\0\0\0\1" + b"\x86\xdd" + header


def test_it_does_not_keep_other_flows_from_being_learned():
    """It would stand for each flow of the group that comes in where the entry goes out."""
    with Lab() as lab, Daemon(lab.router, configuration=CONFIGURATION):
        with lab.sender.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
            raw.bind(("eth0", 0))
            raw.send(frame())

        def entries() -> list[list[str]]:
            lines = lab.router.proc_net("ip6_mr_cache").splitlines()[1:]
            return [line.split()[1:3] + line.split()[6:] for line in lines]

        # Answered, so that it does not wait in the kernel; it goes nowhere.
        stopped = [":".join(["0000"] * 8), "0"]
        wait_for(lambda: entries() == [stopped], entries)
        with (
            Sender(lab.receivers[0]) as sender,
            Receiver(lab.receivers[1], sender) as receiver,
        ):
            receiver.join(GROUP)
            sender.send(SOURCE, GROUP, 3)
            receiver.wait(SOURCE, GROUP, 3)
