# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One value at a time: checked as the YANG module smcroute checks it, and put in one form.

Each function takes a value and returns its canonical form, or raises BadValue in the
words of the YANG module.  A prefix as long as its address, which that module does not know,
is the address.  Both what a playbook asks for and what a router has go through
here, so two spellings of one thing are never taken for a difference.
"""

from __future__ import annotations

import re
import socket
from functools import lru_cache
from typing import NamedTuple

ANY_SOURCE = "*"
WILDCARD = "+"
CACHED_VALUES = 65536
"""How many checked values are remembered; a table of routes repeats few of them."""


class BadValue(ValueError):
    """What is wrong with a value, without saying where it stands."""


class _Range(NamedTuple):
    """What the YANG module says of one role (source, group) in one address family."""

    shortest: int
    longest: int
    bad_length: str
    bad_single: str
    bad_range: str


_SOURCE_HINT = "write '*' for any source and leave the length out for a single one"
_RANGES = {
    ("group", socket.AF_INET): _Range(
        4,
        31,
        "the prefix length of an IPv4 group range is from 4 to 31; leave it out for a single group",
        "an IPv4 group is an address from 224.0.0.0 to 239.255.255.255",
        "an IPv4 group range begins with an address from 224.0.0.0 to 239.255.255.255",
    ),
    ("group", socket.AF_INET6): _Range(
        8,
        127,
        "the prefix length of an IPv6 group range is from 8 to 127; "
        "leave it out for a single group",
        "an IPv6 group is an address of ff00::/8",
        "an IPv6 group range begins with an address of ff00::/8",
    ),
    ("source", socket.AF_INET): _Range(
        1,
        31,
        "the prefix length of an IPv4 source range is from 1 to 31; " + _SOURCE_HINT,
        "a source is a unicast address",
        "a source range begins with a unicast address",
    ),
    ("source", socket.AF_INET6): _Range(
        1,
        127,
        "the prefix length of an IPv6 source range is from 1 to 127; " + _SOURCE_HINT,
        "a source is a unicast address",
        "a source range begins with a unicast address",
    ),
}

_FAMILY_NAMES = {socket.AF_INET: "IPv4", socket.AF_INET6: "IPv6"}
_INTERFACE = re.compile(r"[!-.0-9;-~]+")
_LENGTH = re.compile(r"0|[1-9][0-9]{0,2}")


def is_ipv6(address: str) -> bool:
    """Whether a checked address or prefix is one of IPv6."""
    return ":" in address


@lru_cache(maxsize=CACHED_VALUES)
def interface(text: str) -> str:
    """The name of an interface, or a wildcard such as eth+."""
    if not 1 <= len(text) <= 15:
        raise BadValue(
            "an interface name has from 1 to 15 characters "
            "(the kernel's IFNAMSIZ less its final NUL)"
        )
    if not _INTERFACE.fullmatch(text):
        raise BadValue("an interface name is printable ASCII without blank, '/', ':'")
    if text in (".", ".."):
        raise BadValue("'.' and '..' are no interface names")
    if text == WILDCARD:
        raise BadValue("a wildcard needs a name before its '+', as in eth+")
    return text


@lru_cache(maxsize=CACHED_VALUES)
def group(text: str) -> str:
    """A multicast group, or a range of groups as ADDRESS/LENGTH."""
    family, packed, length = _parse(text, "group")
    first = packed[0]
    multicast = 224 <= first <= 239 if family == socket.AF_INET else first == 255
    return _canonical("group", family, packed, length, multicast)


@lru_cache(maxsize=CACHED_VALUES)
def source(text: str) -> str:
    """A sender's address, a range of them as ADDRESS/LENGTH, or '*' for any."""
    if text == ANY_SOURCE:
        return ANY_SOURCE
    family, packed, length = _parse(text, "source")
    if length is None and not any(packed):
        raise BadValue("write '*' for any source")
    unicast = packed[0] < 224 if family == socket.AF_INET else packed[0] != 255
    return _canonical("source", family, packed, length, unicast)


def ttl_threshold(number: int) -> int:
    """A TTL that a packet must exceed to leave through an interface."""
    if not 1 <= number <= 255:
        raise BadValue("a TTL threshold is from 1 to 255")
    return number


def _parse(text: str, role: str) -> tuple[socket.AddressFamily, bytes, int | None]:
    """The address family, the address's bytes and the prefix length, None without one."""
    address, slash, length = text.partition("/")
    family = socket.AF_INET6 if is_ipv6(address) else socket.AF_INET
    if "%" in address:
        article = "a source" if role == "source" else f"an {_FAMILY_NAMES[family]} group"
        raise BadValue(f"{article} carries no zone")
    try:
        packed = socket.inet_pton(family, address)
    except (OSError, ValueError):
        kind = "an address, an address range or '*'" if role == "source" else "a multicast group"
        raise BadValue(f"this is not {kind}") from None
    if not slash or length == str(len(packed) * 8):
        return family, packed, None
    limits = _RANGES[role, family]
    if not _LENGTH.fullmatch(length) or not limits.shortest <= int(length) <= limits.longest:
        raise BadValue(limits.bad_length)
    return family, packed, int(length)


def _canonical(
    role: str,
    family: socket.AddressFamily,
    packed: bytes,
    length: int | None,
    right_kind: bool,
) -> str:
    """RFC 5952 and RFC 6991: lower case, shortest, no bit set behind the prefix length."""
    limits = _RANGES[role, family]
    if length is None:
        if not right_kind:
            raise BadValue(limits.bad_single)
        return socket.inet_ntop(family, packed)
    if not right_kind:
        raise BadValue(limits.bad_range)
    host_bits = len(packed) * 8 - length
    network = int.from_bytes(packed, "big") >> host_bits << host_bits
    return f"{socket.inet_ntop(family, network.to_bytes(len(packed), 'big'))}/{length}"
