"""NETCONF framing: octets become messages and messages octets (RFC 6242, section 4).

The decoder takes octets as they come, in whatever pieces, and its work is linear in their
number.  It begins with end-of-message framing, in which both <hello>s are sent; after them
a session of base:1.1 switches to chunks.  Octets that arrived early are kept undecoded, so
that the switch also holds for a client that does not wait for our <hello>.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .blocks import Blocks

END_OF_MESSAGE = b"]]>]]>"
END_OF_CHUNKS = b"\n##\n"

MAX_HELLO = 64 * 1024
"""Octets of a client's <hello> at the most."""

MAX_MESSAGE = 64 * 1024 * 1024
"""Octets of any later message at the most, unless configured otherwise."""

MAX_CHUNK = 4_294_967_295
"""RFC 6242, section 4.2."""

_BLANKS = re.compile(rb"[ \t\r\n]+")
_LONGEST_HEADER = len(b"\n#4294967295\n")
_BLANK = b" \t\r\n"
_HEADER = re.compile(rb"\n#(?:#|([1-9][0-9]{0,9}))\n")
_BAD_SIZE = "a chunk size that is no number from 1 to 4294967295"
_BLANK_LINE = re.compile(rb"\n\n|\r\n|\n\r")


class FramingError(Exception):
    """The octets are no NETCONF framing: the session cannot go on."""


class TooLarge(FramingError):
    """A message exceeds what this decoder accepts."""


class Decoder:
    """Octets in, messages out.

    `limit` is the greatest size of a message; it may be raised between two messages.
    """

    def __init__(self, limit: int = MAX_HELLO) -> None:
        self.limit = limit
        self.chunked = False
        self.messages = 0
        """How many were complete so far."""
        self._buffer = bytearray()
        self._message = Blocks()
        self._chunk_left = 0

    @property
    def waiting(self) -> int:
        """Octets that were fed and are not decoded yet."""
        return len(self._buffer)

    @property
    def held(self) -> int:
        """Octets in memory, decoded or not."""
        return len(self._buffer) + len(self._message)

    @property
    def begun(self) -> bool:
        """Whether part of a message is held; blanks between messages are none."""
        if len(self._message) or self._chunk_left or len(self._buffer) > MAX_HELLO:
            return True
        return bool(self._buffer.strip(_BLANK))

    def feed(self, data: bytes) -> None:
        """Take more octets."""
        self._buffer += data

    def next(self) -> bytes | None:
        """The next message, or None when it is not complete yet.

        Raises FramingError for octets that no peer of this protocol sends, and TooLarge
        as soon as a message is known to exceed the limit.
        """
        message = self._next_in_chunks() if self.chunked else self._next_delimited()
        self.messages += message is not None
        return message

    def _next_delimited(self) -> bytes | None:
        buffer, message = self._buffer, self._message
        if not len(message) and (blanks := _BLANKS.match(buffer)):
            del buffer[: blanks.end()]
        found = buffer.find(END_OF_MESSAGE)
        # What may be the beginning of an end is looked at again.
        end = found if found >= 0 else max(0, len(buffer) - len(END_OF_MESSAGE) + 1)
        if len(message) + end > self.limit:
            raise TooLarge(f"a message of more than {self.limit} octets")
        message.append(buffer[:end])
        if found < 0:
            del buffer[:end]
            return None
        del buffer[: end + len(END_OF_MESSAGE)]
        return message.take().rstrip(_BLANK)

    def _next_in_chunks(self) -> bytes | None:
        buffer, message = self._buffer, self._message
        position = 0
        try:
            while True:
                if self._chunk_left:
                    piece = buffer[position : position + self._chunk_left]
                    message.append(piece)
                    position += len(piece)
                    self._chunk_left -= len(piece)
                    if self._chunk_left:
                        return None
                header = _HEADER.match(buffer, position)
                if header is None:
                    if not len(message) and _BLANK_LINE.match(buffer, position):
                        # A client may end its <hello> or its last message with a newline of
                        # its own.
                        position += 1
                        continue
                    self._check_header(position)
                    return None
                position = header.end()
                if header[1] is None:
                    if not len(message):
                        raise FramingError("a message without a chunk")
                    return message.take()
                self._chunk_left = int(header[1])
                if self._chunk_left > MAX_CHUNK:
                    raise FramingError(_BAD_SIZE)
                if len(message) + self._chunk_left > self.limit:
                    raise TooLarge(f"a message of more than {self.limit} octets")
        finally:
            if position:
                del buffer[:position]

    def _check_header(self, start: int) -> None:
        """Whether what is there of a header can become one."""
        have = bytes(self._buffer[start : start + _LONGEST_HEADER])
        if have == b"\r" and not len(self._message):
            return  # half of a blank line
        if not b"\n#".startswith(have[:2]):
            raise FramingError("a chunk does not begin with a newline and '#'")
        if have.find(b"\n", 1) >= 0:
            raise FramingError(_BAD_SIZE)
        if len(have) == _LONGEST_HEADER:
            raise FramingError("a chunk header without an end")


def encode(pieces: Sequence[bytes], chunked: bool) -> list[bytes]:
    """The pieces of one message, framed; a large piece is passed on, not copied."""
    if not chunked:
        return [*pieces, END_OF_MESSAGE]
    size = sum(map(len, pieces))
    header = b"\n#%d\n"
    if size <= MAX_CHUNK:
        return [header % size, *pieces, END_OF_CHUNKS]
    framed: list[bytes] = []
    for piece in filter(None, pieces):
        framed += (header % len(piece), piece)
    return [*framed, END_OF_CHUNKS]


def portions(pieces: Sequence[bytes], size: int) -> Iterator[list[bytes | memoryview]]:
    """The same octets in portions of at most `size`, without a copy."""
    portion: list[bytes | memoryview] = []
    room = size
    for piece in pieces:
        view = memoryview(piece)
        while len(view) > room:
            yield [*portion, view[:room]]
            view, portion, room = view[room:], [], size
        portion.append(view)
        room -= len(view)
    yield portion
