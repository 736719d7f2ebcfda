"""The messages between smcroutectl and smcrouted, as octets; both sides.

A request is a header, its arguments as NUL-terminated strings, and one more NUL.  Numbers
have the machine's own order, since both ends are on one machine.  A reply is text and a NUL,
ended by the closing of the connection; a lone NUL says that all went well.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from ..errors import Error

HEADER = struct.Struct("@QHH4x")
"""Total length, command letter, number of arguments; padded as 64-bit C compilers do."""

MAX_REQUEST = 1024
"""Octets of a request at the most: smcroutectl sends no more in one call."""

REPLY_PIECE = 1024
"""Octets that smcroutectl receives in one call."""

MAX_ERROR = 1000
"""Octets of an error text at the most, so that it arrives in one piece."""

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if code != 10}
"""The control characters of Unicode, but for the line feed."""

Request = tuple[str, tuple[str, ...]]
"""The command letter, and the arguments."""


class MalformedRequest(Error):
    """Octets that no smcroutectl sends."""

    tag = "malformed-message"


def encode_request(letter: str, arguments: Sequence[str]) -> bytes:
    """A request as octets; raises MalformedRequest when it is too long to be sent."""
    body = b"".join(argument.encode("utf-8", "surrogateescape") + b"\0" for argument in arguments)
    body += b"\0"
    length = HEADER.size + len(body)
    if length > MAX_REQUEST:
        raise MalformedRequest(
            f"a command of {length} octets, more than {MAX_REQUEST}",
            remedy="give fewer interfaces at a time; adding to a route keeps those that it has",
        )
    return HEADER.pack(length, ord(letter), len(arguments)) + body


def decode_request(octets: bytes) -> Request | None:
    """The request that the octets begin with, or None when some of it is still to come.

    Raises MalformedRequest as soon as the octets cannot become a request.
    """
    if len(octets) < HEADER.size:
        return None
    length, letter, count = HEADER.unpack_from(octets)
    if length > MAX_REQUEST:
        raise MalformedRequest(
            f"a message of {length} octets, more than {MAX_REQUEST}",
            remedy="give fewer interfaces at a time; adding to a route keeps those that it has",
        )
    if length <= HEADER.size:
        raise MalformedRequest(f"a message with the length {length}", remedy="use smcroutectl")
    if len(octets) < length:
        return None
    if len(octets) > length:
        raise MalformedRequest(
            f"{len(octets) - length} octets behind the message",
            remedy="open a connection for each command",
        )
    if not 0x21 <= letter <= 0x7E:
        raise MalformedRequest(f"the command letter {letter}", remedy="use smcroutectl")
    body = octets[HEADER.size : length]
    if body[-1:] != b"\0":
        raise MalformedRequest("a message without its final NUL", remedy="use smcroutectl")
    *arguments, rest = body[:-1].split(b"\0")
    if rest:
        raise MalformedRequest("an argument without its final NUL", remedy="use smcroutectl")
    if len(arguments) != count:
        raise MalformedRequest(
            f"{len(arguments)} arguments where the header says {count}", remedy="use smcroutectl"
        )
    if not body.isascii():
        raise MalformedRequest(
            "an argument that is not plain ASCII",
            remedy="interface names and addresses have no other characters",
        )
    return chr(letter), tuple(word.decode("ascii") for word in arguments)


def encode_reply(text: str = "") -> bytes:
    """A reply; "" says that all went well."""
    return text.encode("utf-8", "backslashreplace").replace(b"\0", b"?") + b"\0"


def encode_error(text: str) -> bytes:
    """A reply with an error, never empty; smcroutectl prints the text and exits with 1."""
    octets = text.strip().encode("utf-8", "backslashreplace").replace(b"\0", b"?")
    if len(octets) > MAX_ERROR:
        octets = octets[:MAX_ERROR].decode("utf-8", "ignore").encode() + b"..."
    return (octets or b"it failed, and smcrouted does not know why") + b"\0"


def decode_text(octets: bytes) -> str:
    """The text of a reply without its NUL, and without what steers a terminal: whoever has taken
    over the agent has not the terminal of whoever asks it."""
    return octets.decode("utf-8", "backslashreplace").translate(_CONTROLS)


def decode_reply(octets: bytes) -> str | None:
    """The text of a whole reply, "" for success; None when the daemon closed without one."""
    if not octets:
        return None
    return decode_text(octets.partition(b"\0")[0])
