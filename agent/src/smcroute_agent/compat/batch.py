"""Many commands in one message, from our smcroutectl to our smcrouted, as octets; both sides.

The message has the header of a request, with the letter `LETTER` and the number of commands,
and behind it those commands as ordinary requests (ipc.py).  The answer is the answers of the
commands in their order, each ended by its NUL, as they come; then the daemon closes.

Whether a daemon understands that is asked by a request with this letter and no arguments: ours
answers how many commands it takes at a time, every other one with an error.  A daemon that
does not understand is so never sent a batch.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import ipc

LETTER = "b"

MAX_COMMANDS = 100
"""Commands in one message: as many edits as a notification of a change lists one by one."""

MAX_MESSAGE = ipc.HEADER.size + MAX_COMMANDS * ipc.MAX_REQUEST

LETTERS = frozenset("arjl")
"""What may stand in a batch: changes of the rules."""

Item = ipc.Request | ipc.MalformedRequest
"""A command, or what is wrong with it: the others are none the worse for it."""


def encode(requests: Sequence[bytes]) -> bytes:
    """Requests, each as ipc.encode_request() made it, as one message."""
    body = b"".join(requests)
    return ipc.HEADER.pack(ipc.HEADER.size + len(body), ord(LETTER), len(requests)) + body


def begins(octets: bytes) -> bool:
    """Whether this is the beginning of a batch, and not of a single request."""
    if len(octets) < ipc.HEADER.size:
        return False
    letter, count = ipc.HEADER.unpack_from(octets)[1:]
    return bool(letter == ord(LETTER) and count > 0)


def decode(octets: bytes) -> list[Item] | None:
    """The commands of a message that `begins`, or None when some of it is still to come.

    Raises MalformedRequest for octets that cannot become a batch; no command is to be done then.
    """
    length, _, count = ipc.HEADER.unpack_from(octets)
    if count > MAX_COMMANDS or length > MAX_MESSAGE:
        raise ipc.MalformedRequest(
            f"a batch of {count} commands and {length} octets,"
            f" more than {MAX_COMMANDS} and {MAX_MESSAGE}",
            remedy="use a smcroutectl whose version fits this smcrouted",
        )
    if len(octets) < length:
        return None
    items: list[Item] = []
    position = ipc.HEADER.size
    for _ in range(count):
        size = _size(octets, position, length)
        items.append(_item(octets[position : position + size]))
        position += size
    if position != length or len(octets) != length:
        raise ipc.MalformedRequest(
            "octets behind the commands of a batch", remedy="use smcroutectl"
        )
    return items


def _size(octets: bytes, position: int, length: int) -> int:
    """The size of the request that begins at a position."""
    if position + ipc.HEADER.size < length:
        size: int = ipc.HEADER.unpack_from(octets, position)[0]
        if ipc.HEADER.size < size <= min(ipc.MAX_REQUEST, length - position):
            return size
    raise ipc.MalformedRequest(
        "a batch that is not made of whole commands", remedy="use smcroutectl"
    )


def _item(octets: bytes) -> Item:
    try:
        request = ipc.decode_request(octets)
    except ipc.MalformedRequest as error:
        return error
    assert request is not None
    if request[0] not in LETTERS:
        return ipc.MalformedRequest(
            f"the command letter {request[0]!r} in a batch",
            remedy="only add, remove, join and leave are sent together",
        )
    return request
