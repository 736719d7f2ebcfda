"""The words that smcroute.conf and smcroutectl share, each checked and made canonical.

The limits are those of yang/smcroute.yang.  Every function raises DataError with what is
wrong with the word and what to write instead.
"""

from __future__ import annotations

import socket
from functools import lru_cache

from ..errors import DataError
from ..rules import ANY_SOURCE, WILDCARD

MAX_INTERFACE_NAME = 15
"""IFNAMSIZ of linux/if.h, less the final NUL."""

TTL_THRESHOLDS = range(1, 256)

_NOT_IN_NAMES = frozenset("/:")

# Family, bits of an address, shortest prefix of a group range.
_FAMILIES = {
    False: (socket.AF_INET, 32, 4),
    True: (socket.AF_INET6, 128, 8),
}


def shown(word: str) -> str:
    """A word for a message: quoted, and cut when it is long."""
    return f"'{word}'" if len(word) <= 64 else f"'{word[:60]}...'"


@lru_cache(maxsize=1024)
def interface(word: str) -> str:
    """The name of an interface, or a wildcard such as "eth+"."""
    if len(word) > MAX_INTERFACE_NAME:
        raise DataError(
            f"the interface name {shown(word)} has {len(word)} characters",
            remedy=f"use the name that 'ip link' shows, at most {MAX_INTERFACE_NAME} characters",
        )
    if (
        not word.isascii()
        or not word.isprintable()
        or " " in word
        or not _NOT_IN_NAMES.isdisjoint(word)
        or word in ("", ".", "..")
    ):
        raise DataError(
            f"{shown(word)} is no interface name",
            remedy="use the name that 'ip link' shows, without blank, '/' and ':'",
        )
    if word == WILDCARD:
        raise DataError("the wildcard '+' has no name before it", remedy="write for example eth+")
    return word


@lru_cache(maxsize=1024)
def out_interfaces(words: tuple[str, ...]) -> tuple[str, ...]:
    """Names of outgoing interfaces, each once, in the order in which they were written."""
    return tuple(dict.fromkeys([interface(word) for word in words]))


def is_group(word: str) -> bool:
    """Whether a word is a multicast address or range, whatever its prefix length."""
    address = word.partition("/")[0]
    six = ":" in address
    try:
        first = socket.inet_pton(_FAMILIES[six][0], address)[0]
    except (OSError, ValueError):
        return False
    return first == 0xFF if six else 224 <= first < 240


def group(word: str) -> str:
    """A multicast group, or a range of groups, in canonical form."""
    packed, length = _parse(word, "group")
    six = len(packed) == 16
    bits, shortest = _FAMILIES[six][1:]
    if not (packed[0] == 0xFF if six else 224 <= packed[0] < 240):
        raise DataError(
            f"{shown(word)} is no multicast group",
            remedy="use an address of ff00::/8" if six else "use an address of 224.0.0.0/4",
        )
    if length < shortest:
        raise DataError(
            f"the prefix length of the group range {shown(word)} is below {shortest}",
            remedy=f"a group range has a prefix length from {shortest} to {bits - 1}",
        )
    return _text(packed, length, six)


def source(word: str) -> str:
    """A sender, or a range of senders, in canonical form; "*" for 0.0.0.0, :: and "*"."""
    if word == ANY_SOURCE:
        return ANY_SOURCE
    packed, length = _parse(word, "source")
    six = len(packed) == 16
    if not length or (length == _FAMILIES[six][1] and not any(packed)):
        return ANY_SOURCE
    if packed[0] == 0xFF if six else packed[0] >= 224:
        raise DataError(
            f"the source {shown(word)} is no unicast address",
            remedy="use the sender's own address, or leave the source out for any sender",
        )
    return _text(packed, length, six)


def flow(source_word: str | None, group_word: str) -> tuple[str, str]:
    """Source and group in canonical form, of one address family; None for any source."""
    canonical_group = group(group_word)
    if source_word is None:
        return ANY_SOURCE, canonical_group
    canonical_source = source(source_word)
    # Also where the source stands for any: "source 0.0.0.0 group ff02::1" is a slip.
    if source_word != ANY_SOURCE and (":" in source_word) != (":" in group_word):
        raise DataError(
            f"the source {shown(source_word)} and the group {shown(group_word)} are of "
            "different address families",
            remedy="use two IPv4 or two IPv6 addresses",
        )
    return canonical_source, canonical_group


def ttl_threshold(word: str) -> int:
    """A TTL threshold, from 1 to 255."""
    if word.isascii() and word.isdigit() and len(word) <= 3 and int(word) in TTL_THRESHOLDS:
        return int(word)
    raise DataError(
        f"the TTL threshold {shown(word)} is out of range", remedy="use a number from 1 to 255"
    )


def _parse(word: str, what: str) -> tuple[bytes, int]:
    """The address, packed, and the prefix length, which is full for a single address."""
    address, slash, length_word = word.partition("/")
    family, bits, _ = _FAMILIES[":" in address]
    try:
        packed = socket.inet_pton(family, address)
    except (OSError, ValueError):
        raise DataError(
            f"the {what} {shown(word)} is no IP address",
            remedy="write an IPv4 or IPv6 address, with /LENGTH behind it for a range",
        ) from None
    if not slash:
        return packed, bits
    if (
        not length_word.isascii()
        or not length_word.isdigit()
        or len(length_word) > 3
        or int(length_word) > bits
    ):
        raise DataError(
            f"the prefix length of the {what} {shown(word)} is wrong",
            remedy=f"use a number up to {bits}, or leave '/' and the length out",
        )
    return packed, int(length_word)


def _text(packed: bytes, length: int, six: bool) -> str:
    family, bits, _ = _FAMILIES[six]
    if length == bits:
        return socket.inet_ntop(family, packed)
    shift = bits - length
    network = int.from_bytes(packed, "big") >> shift << shift
    return f"{socket.inet_ntop(family, network.to_bytes(bits // 8, 'big'))}/{length}"
