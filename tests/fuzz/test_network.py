"""What raw sockets of the engine receive: anybody on a link sends it."""

from __future__ import annotations

import socket
import struct
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from smcroute_agent.engine.addresses import IPV4, IPV6
from smcroute_agent.engine.kernel.discovery import DiscoverySocket, checksum
from smcroute_agent.engine.kernel.mroute import Ipv4Routing, Ipv6Routing
from tests.effort import effort

ALL_ROUTERS = {IPV4: 0xE0000002.to_bytes(4, "big"), IPV6: ((0xFF02 << 112) | 2).to_bytes(16, "big")}


class Received:
    """A socket with one datagram in it, and what the kernel says beside it."""

    def __init__(self, octets: bytes, beside: list[tuple[int, int, bytes]]) -> None:
        self._octets = octets
        self._beside = beside

    def recv(self, size: int) -> bytes:
        return self._octets[:size]

    def recvmsg(self, size: int, _: int) -> tuple[bytes, Any, int, Any]:
        return self._octets[:size], self._beside, 0, None


@st.composite
def packets(draw: Any) -> bytes:
    """IPv4 packets with an IGMP message, nearly a solicitation."""
    message = draw(st.sampled_from([b"\x31\0\0\0", b"\x31\0\0\0\0", b"\x30\0\0\0"]) | st.binary())
    if len(message) >= 4 and draw(st.booleans()):
        empty = message[:2] + b"\0\0" + message[4:]
        message = empty[:2] + checksum(empty).to_bytes(2, "big") + empty[4:]
    options = draw(st.sampled_from([b"", b"\x94\4\0\0"]))
    first = draw(st.sampled_from([0x45 + len(options) // 4] * 3 + [0x40, 0x4F, 0xFF]))
    ttl = draw(st.sampled_from([1, 1, 1, 0, 64]))
    to = draw(st.sampled_from([ALL_ROUTERS[IPV4]] * 3 + [b"\xe0\0\0\x01"]))
    header = struct.pack("=B7xBB2x4s4s", first, ttl, 2, b"\x0a\0\0\1", to)
    return (header + options + message)[: draw(st.sampled_from([1000] * 5 + [0, 19, 20, 23]))]


@effort(2)
@given(packets() | st.binary(max_size=80), st.integers(0, 2**31 - 1), st.booleans())
def test_only_solicitations_are_answered(octets: bytes, index: int, told: bool) -> None:
    heard = DiscoverySocket.__new__(DiscoverySocket)
    heard.family = IPV4
    beside = (socket.IPPROTO_IP, 8, struct.pack("=i4x4x", index))  # IP_PKTINFO
    heard._socket = Received(octets, [beside] if told else [])  # type: ignore[assignment]
    found = heard.receive()
    if found is not None:
        assert told
        assert found == index
        message = octets[(octets[0] & 15) * 4 :]
        assert message[0] == 0x31
        assert checksum(message) == 0
        assert (octets[8], octets[16:20]) == (1, ALL_ROUTERS[IPV4])


@effort()
@given(st.sampled_from([Ipv4Routing, Ipv6Routing]), st.binary(max_size=60))
def test_what_is_no_upcall_is_none(kind: Any, octets: bytes) -> None:
    table = kind.__new__(kind)
    table.socket = Received(octets, [])
    found = table.receive()
    if found is not None:
        _, vif, *flow = found
        assert 0 <= vif <= 0xFFFF
        assert all(0 <= address < 2**kind.family.bits for address in flow)
