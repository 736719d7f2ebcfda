"""netconf/framing.py: what comes is decided by the octets alone, not by how they were cut."""

from __future__ import annotations

import itertools

from hypothesis import example, given
from hypothesis import strategies as st

from smcroute_agent.netconf.framing import Decoder, FramingError, encode
from tests.effort import effort

LIMIT = 60
END = b"]]>]]>"

fragments = st.sampled_from(
    [b"\n#1\n", b"\n#3\n", b"\n##\n", b"\n#", b"#", b"\n", b"\r\n", b"a", b"<a/>", b"]]>", END,
     b"]", b"\n#61\n", b"\n#4294967295\n", b"\n#4294967296\n", b"\n#0\n", b"\xff", b"a" * 70]
) | st.binary(max_size=4)  # fmt: skip
streams = st.lists(fragments, max_size=30).map(b"".join)
cuts = st.lists(st.integers(min_value=0, max_value=200), max_size=12)


def pieces_of(octets: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(octets) + 1) for cut in cuts} | {0, len(octets)})
    return [octets[a:b] for a, b in itertools.pairwise(places)]


def verdict(pieces: list[bytes], chunked: bool) -> tuple[list[bytes], type | None]:
    """The messages, and why there are no more."""
    decoder = Decoder(LIMIT)
    decoder.chunked = chunked
    messages = []
    try:
        for piece in pieces:
            decoder.feed(piece)
            while (message := decoder.next()) is not None:
                assert len(message) <= LIMIT
                messages.append(message)
            assert decoder.held <= LIMIT + len(END) + len(piece)
    except FramingError as error:
        return messages, type(error)
    return messages, None


@effort(4)
@given(streams, cuts, st.booleans())
@example(b"\r\n", [1], True)
def test_the_same_verdict_whatever_the_split(octets: bytes, cuts: list[int], chunked: bool) -> None:
    assert verdict(pieces_of(octets, cuts), chunked) == verdict([octets], chunked)


@effort(2)
@given(
    st.lists(st.lists(st.binary(min_size=1, max_size=12), min_size=1, max_size=4), max_size=6), cuts
)
def test_what_is_encoded_is_decoded_under_any_split(
    messages: list[list[bytes]], cuts: list[int]
) -> None:
    octets = b"".join(part for pieces in messages for part in encode(pieces, True))
    assert verdict(pieces_of(octets, cuts), True) == ([b"".join(m) for m in messages], None)
