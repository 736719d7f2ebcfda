"""Addresses as integers: what the kernel and the lookup compute with."""

from __future__ import annotations

import socket
from functools import lru_cache
from typing import NamedTuple

from ..errors import DataError
from ..rules import ANY_SOURCE


class Family(NamedTuple):
    """What differs between the two address families."""

    name: str
    af: int
    bits: int
    multicast_prefix: tuple[int, int]
    """The first bits of every group, and how many they are."""


# A plain int: families are keys of many dictionaries, and an enum's hash is computed in Python.
IPV4 = Family("IPv4", int(socket.AF_INET), 32, (0b1110, 4))
IPV6 = Family("IPv6", int(socket.AF_INET6), 128, (0xFF, 8))
FAMILIES = (IPV4, IPV6)


class Prefix(NamedTuple):
    """A range of addresses; a single address has the family's full length, "*" has length 0."""

    address: int
    length: int


def text(family: Family, address: int) -> str:
    """An address as people write it (IPv6: RFC 5952)."""
    return socket.inet_ntop(family.af, address.to_bytes(family.bits // 8, "big"))


def is_group(family: Family, address: int) -> bool:
    """Whether an address is a multicast group."""
    value, length = family.multicast_prefix
    return address >> (family.bits - length) == value


def mask(family: Family, length: int) -> int:
    """The netmask of a prefix length."""
    return ((1 << length) - 1) << (family.bits - length)


def parse_flow(source: str, group: str) -> tuple[Family, Prefix, Prefix]:
    """The family, the source and the group of a rule.

    Raises DataError when one is no address or range in canonical form, when the source is no
    unicast or the group no multicast address, and when their families differ.
    """
    six = ":" in group
    family = IPV6 if six else IPV4
    groups = _parse(family, group)
    value, length = family.multicast_prefix
    if groups.address >> (family.bits - length) != value or groups.length < length:
        raise DataError(
            f"{group} is no multicast group",
            remedy="use an address of 224.0.0.0/4 or ff00::/8",
        )
    if (":" in source) != six and source != ANY_SOURCE:
        raise DataError(f"source {source} and group {group} are of different address families")
    return family, _parse_source(six, source), groups


@lru_cache(1024)
def _parse_source(six: bool, source: str) -> Prefix:
    """Many rules have the same."""
    if source == ANY_SOURCE:
        return Prefix(0, 0)
    family = IPV6 if six else IPV4
    sources = _parse(family, source)
    unspecified = sources == Prefix(0, family.bits)
    if not sources.length or unspecified or is_group(family, sources.address):
        raise DataError(
            f"{source} is no unicast source",
            remedy="use the sender's address, a range of senders, or * for any",
        )
    return sources


def _parse(family: Family, words: str) -> Prefix:
    if "/" not in words:
        try:
            packed = socket.inet_pton(family.af, words)
        except (OSError, ValueError):
            packed = b""
        # inet_pton(3) takes one form of an IPv4 address only.
        if packed and (family is IPV4 or socket.inet_ntop(family.af, packed) == words):
            return Prefix(int.from_bytes(packed, "big"), family.bits)
    return _parse_range(family, words)


def _parse_range(family: Family, words: str) -> Prefix:
    """A range, or what is wrong with the words."""
    address, slash, length_text = words.partition("/")
    try:
        packed = socket.inet_pton(family.af, address)
    except (OSError, ValueError):
        raise DataError(f"{words} is no {family.name} address or range") from None
    value = int.from_bytes(packed, "big")
    length = family.bits
    if slash:
        if not length_text.isascii() or not length_text.isdigit() or len(length_text) > 3:
            raise DataError(f"{words} has no valid prefix length")
        length = int(length_text)
        if length >= family.bits:
            raise DataError(
                f"the prefix length of {words} is not below {family.bits}",
                remedy="leave it out for a single address",
            )
    canonical = socket.inet_ntop(family.af, packed) + (f"/{length}" if slash else "")
    if canonical != words or value & ~mask(family, length):
        network = (value & mask(family, length)).to_bytes(family.bits // 8, "big")
        proper = socket.inet_ntop(family.af, network) + (f"/{length}" if slash else "")
        raise DataError(f"{words} is not in canonical form", remedy=f"write {proper}")
    return Prefix(value, length)
