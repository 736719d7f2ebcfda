"""Canonical forms of well-known types (RFC 6991), by the name of the typedef.

A value that its patterns accepted and that is none after all (an address octet of 256)
raises ValueError with the reason.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable

Canonicaliser = Callable[[str], str]


def _zone(value: str) -> tuple[str, str]:
    address, percent, zone = value.partition("%")
    return address, percent + zone


def ipv4_address(value: str) -> str:
    """Dotted quad without leading zeros; the zone, if any, stays."""
    address, zone = _zone(value)
    try:
        return socket.inet_ntop(socket.AF_INET, socket.inet_pton(socket.AF_INET, address)) + zone
    except OSError:
        raise ValueError(f"{value!r} is not an IPv4 address") from None


def ipv6_address(value: str) -> str:
    """The form of RFC 5952; the zone, if any, stays."""
    address, zone = _zone(value)
    try:
        return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, address)) + zone
    except OSError:
        raise ValueError(f"{value!r} is not an IPv6 address") from None


def _prefix(value: str, family: int, bits: int, what: str) -> str:
    address, _, length = value.partition("/")
    try:
        number = int.from_bytes(socket.inet_pton(family, address))
    except OSError:
        raise ValueError(f"{value!r} is not an {what} prefix") from None
    shift = bits - int(length)
    if shift < 0:
        raise ValueError(f"the prefix length of {value!r} is more than {bits}")
    network = number >> shift << shift
    return f"{socket.inet_ntop(family, network.to_bytes(bits // 8))}/{int(length)}"


def ipv4_prefix(value: str) -> str:
    """The network's address with the host bits zero, and the length."""
    return _prefix(value, socket.AF_INET, 32, "IPv4")


def ipv6_prefix(value: str) -> str:
    """The network's address with the host bits zero (RFC 5952), and the length."""
    return _prefix(value, socket.AF_INET6, 128, "IPv6")


_ZERO_OFFSET = re.compile(r"Z\Z")


def date_and_time(value: str) -> str:
    """RFC 6991: "Z" is written "+00:00"; other offsets, "-00:00" too, stay."""
    return _ZERO_OFFSET.sub("+00:00", value)


TYPEDEFS: dict[str, Canonicaliser] = {
    "ietf-inet-types:ipv4-address": ipv4_address,
    "ietf-inet-types:ipv4-address-no-zone": ipv4_address,
    "ietf-inet-types:ipv6-address": ipv6_address,
    "ietf-inet-types:ipv6-address-no-zone": ipv6_address,
    "ietf-inet-types:ipv4-prefix": ipv4_prefix,
    "ietf-inet-types:ipv6-prefix": ipv6_prefix,
    "ietf-inet-types:domain-name": str.lower,
    "ietf-yang-types:mac-address": str.lower,
    "ietf-yang-types:phys-address": str.lower,
    "ietf-yang-types:hex-string": str.lower,
    "ietf-yang-types:uuid": str.lower,
    "ietf-yang-types:date-and-time": date_and_time,
}
"""The typedefs whose description defines a canonical form that their base type does not."""

SHAPES: dict[str, re.Pattern[str]] = {
    "ietf-inet-types:ipv4-address": re.compile(r"[0-9]+[.][0-9.]*(%.*)?"),
    "ietf-inet-types:ipv6-address": re.compile(r"[^/]*:[^/]*"),
    "ietf-inet-types:ipv4-prefix": re.compile(r"[0-9.]*/.*"),
    "ietf-inet-types:ipv6-prefix": re.compile(r".*:.*/.*"),
}
"""What a wrong value looks like that was meant to be of the type: chooses the message that
helps when no member of a union accepts a value."""
