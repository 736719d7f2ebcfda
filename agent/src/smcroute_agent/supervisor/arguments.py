"""What a single argument of the command line may be; each raises ArgumentTypeError."""

from __future__ import annotations

import argparse
import os
import re


def seconds(text: str) -> int:
    if not re.fullmatch("[0-9]{1,7}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return int(text)


def mrdisc_interval(text: str) -> int:
    """AdvertisementInterval of RFC 4286, section 3.1.1."""
    if not re.fullmatch("[0-9]{1,3}", text) or not 4 <= int(text) <= 180:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 4 to 180")
    return int(text)


def netconf_timeout(text: str) -> int:
    if not re.fullmatch("[0-9]{1,4}", text) or not 1 <= int(text) <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 1 to 3600")
    return int(text)


def table(text: str) -> int:
    """A table id; 0 means the default table (include/uapi/linux/mroute.h, MRT_TABLE)."""
    if not re.fullmatch("[0-9]{1,10}", text) or int(text) >= 1_000_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no table id from 0 to 999999999")
    return int(text)


def command(text: str) -> tuple[str, ...]:
    """The words of a command; a program named with a "/" is found from everywhere."""
    import shlex  # not at every start

    try:
        words = shlex.split(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no command: {error}") from None
    if not words or not words[0]:
        raise argparse.ArgumentTypeError(f"{text!r} is no command")
    program, *rest = words
    return (os.path.abspath(program) if "/" in program else program, *rest)


def cache_limit(text: str) -> int:
    if not re.fullmatch("[0-9]{1,7}", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 9999999")
    return int(text)


def identity(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}", text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no identity: letters, digits and _ . @ -, at most 64"
        )
    return text


def address_and_port(text: str) -> tuple[str, int]:
    """[ADDR:]PORT; an IPv6 address in brackets; without one, all addresses."""
    match = re.fullmatch(r"(?:\[(?P<six>[^]]+)\]:|(?P<four>[^:\[\]]+):)?(?P<port>[0-9]{1,5})", text)
    if not match or not 0 < int(match["port"]) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not [ADDR:]PORT, as in 192.0.2.1:830")
    import ipaddress  # not at every start

    address = match["six"] or match["four"] or "::"
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{address!r} is no IP address") from None
    return address, int(match["port"])
