"""NETCONF framing: octets become messages and messages octets (RFC 6242, section 4).

The decoder takes octets as they come, in whatever pieces, and its work is linear in their
number.  It begins with end-of-message framing, in which both <hello>s are sent; after them
a session of base:1.1 switches to chunks.  Octets that arrived early are kept undecoded, so
that the switch also holds for a client that does not wait for our <hello>.
"""

from __future__ import annotations

from collections.abc import Sequence

END_OF_MESSAGE = b"]]>]]>"
END_OF_CHUNKS = b"\n##\n"

MAX_HELLO = 64 * 1024
"""Octets of a client's <hello> at the most."""

MAX_MESSAGE = 64 * 1024 * 1024
"""Octets of any later message at the most, unless configured otherwise."""

MAX_CHUNK = 4_294_967_295
"""RFC 6242, section 4.2."""

_LONGEST_HEADER = len(b"\n#4294967295\n")
_BLANK = b" \t\r\n"


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
        self._buffer = bytearray()
        self._searched = 0
        self._message = bytearray()
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
        if self._message or self._chunk_left or len(self._buffer) > MAX_HELLO:
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
        return self._next_in_chunks() if self.chunked else self._next_delimited()

    def _next_delimited(self) -> bytes | None:
        end = self._buffer.find(END_OF_MESSAGE, self._searched)
        if end < 0:
            if len(self._buffer) > self.limit + len(END_OF_MESSAGE):
                raise TooLarge(f"a message of more than {self.limit} octets")
            self._searched = max(0, len(self._buffer) - len(END_OF_MESSAGE) + 1)
            return None
        if end > self.limit:
            raise TooLarge(f"a message of more than {self.limit} octets")
        message = bytes(self._buffer[:end])
        del self._buffer[: end + len(END_OF_MESSAGE)]
        self._searched = 0
        return message.strip(_BLANK)

    def _next_in_chunks(self) -> bytes | None:
        buffer = self._buffer
        position = 0
        try:
            while True:
                if self._chunk_left:
                    size = min(self._chunk_left, len(buffer) - position)
                    with memoryview(buffer) as view:
                        self._message += view[position : position + size]
                    position += size
                    self._chunk_left -= size
                    if self._chunk_left:
                        return None
                if not self._message:
                    # Blank lines before a message: a client may end its <hello> or its last
                    # message with a newline of its own.
                    while bytes(buffer[position : position + 2]) in (b"\n\n", b"\r\n", b"\n\r"):
                        position += 1
                header_end = self._header_end(position)
                if header_end is None:
                    return None
                announced = self._chunk_size(position, header_end)
                position = header_end
                if announced is None:
                    message = bytes(self._message)
                    self._message = bytearray()
                    return message
                if len(self._message) + announced > self.limit:
                    raise TooLarge(f"a message of more than {self.limit} octets")
                self._chunk_left = announced
        finally:
            if position:
                del buffer[:position]

    def _header_end(self, start: int) -> int | None:
        """Where the header at `start` ends; None when its end has not come yet."""
        have = bytes(self._buffer[start : start + _LONGEST_HEADER])
        if not b"\n#".startswith(have[:2]):
            raise FramingError("a chunk does not begin with a newline and '#'")
        end = have.find(b"\n", 1)
        if end < 0:
            if len(have) == _LONGEST_HEADER:
                raise FramingError("a chunk header without an end")
            return None
        return start + end + 1

    def _chunk_size(self, start: int, end: int) -> int | None:
        """The size that a header announces; None for the end of the message."""
        text = bytes(self._buffer[start + 2 : end - 1])
        if text == b"#":
            if not self._message:
                raise FramingError("a message without a chunk")
            return None
        if not text.isdigit() or text.startswith(b"0") or int(text) > MAX_CHUNK:
            raise FramingError("a chunk size that is no number from 1 to 4294967295")
        return int(text)


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
