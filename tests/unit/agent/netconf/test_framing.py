"""netconf/framing.py: any split of the octets gives the same messages, and bounds hold."""

from __future__ import annotations

import itertools
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcroute_agent.netconf import blocks, framing
from smcroute_agent.netconf.blocks import Blocks
from smcroute_agent.netconf.framing import Decoder, FramingError, TooLarge, encode


def decoder(*, chunked: bool, limit: int = 1000) -> Decoder:
    made = Decoder(limit)
    made.chunked = chunked
    return made


def everything(made: Decoder, octets: bytes) -> list[bytes]:
    made.feed(octets)
    found = []
    while (message := made.next()) is not None:
        found.append(message)
    return found


def pieces_of(octets: bytes, cuts: list[int]) -> list[bytes]:
    """The octets cut at some places."""
    places = sorted({cut % (len(octets) + 1) for cut in cuts} | {0, len(octets)})
    return [octets[a:b] for a, b in itertools.pairwise(places)]


chunked_message = st.lists(st.binary(min_size=1, max_size=30), min_size=1, max_size=4)
cuts = st.lists(st.integers(min_value=0, max_value=10_000), max_size=20)


@given(st.lists(chunked_message, max_size=5), cuts)
def test_chunks_in_any_split(messages: list[list[bytes]], cuts: list[int]) -> None:
    octets = b"".join(
        b"".join(b"\n#%d\n%s" % (len(chunk), chunk) for chunk in chunks) + b"\n##\n"
        for chunks in messages
    )
    made = decoder(chunked=True)
    found = [m for piece in pieces_of(octets, cuts) for m in everything(made, piece)]
    assert found == [b"".join(chunks) for chunks in messages]
    assert made.held == 0


@given(st.lists(st.text("]>a<\n", max_size=20), max_size=5), cuts)
def test_end_of_message_in_any_split(texts: list[str], cuts: list[int]) -> None:
    messages = [f"<{text.replace(']]>]]>', '')}>".encode() for text in texts]
    octets = b"".join(message + b"]]>]]>" for message in messages)
    expected = [part.strip() for part in octets.split(b"]]>]]>")[:-1]]
    made = decoder(chunked=False)
    assert [m for piece in pieces_of(octets, cuts) for m in everything(made, piece)] == expected


@given(chunked_message, st.booleans())
def test_encoded_messages_are_decoded(chunks: list[bytes], chunked: bool) -> None:
    content = [chunk.replace(b"]", b"}").replace(b" ", b"_") for chunk in chunks]
    octets = b"".join(encode(content, chunked))
    expected = b"".join(content) if chunked else b"".join(content).strip(b" \t\r\n")
    assert everything(decoder(chunked=chunked), octets) == [expected]


@given(st.binary(max_size=200), cuts)
def test_rubbish_never_breaks_the_decoder(octets: bytes, cuts: list[int]) -> None:
    made = decoder(chunked=True, limit=50)
    try:
        for piece in pieces_of(octets, cuts):
            everything(made, piece)
            assert made.held <= 50 + len(octets)
    except FramingError:
        pass


def test_the_octets_after_hello_are_kept_for_the_switch() -> None:
    made = Decoder()
    made.feed(b"<hello/>]]>]]>\n#4\n<a/>\n##\n")
    assert made.next() == b"<hello/>"
    made.chunked = True
    assert made.next() == b"<a/>"


@pytest.mark.parametrize("between", [b"\n", b"\r\n", b"\n\n\n"])
def test_blank_lines_between_messages_are_tolerated(between: bytes) -> None:
    one = b"\n#1\na\n##\n"
    assert everything(decoder(chunked=True), between + one + between + one) == [b"a", b"a"]
    made = decoder(chunked=True)
    single = [bytes([octet]) for octet in between + one]
    assert [message for octet in single for message in everything(made, octet)] == [b"a"]
    made = decoder(chunked=False)
    assert everything(made, between + b"<a/>" + between + b"]]>]]>") == [b"<a/>"]


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"<rpc/>]]>]]>", id="no chunk"),
        pytest.param(b"\n#0\n", id="empty chunk"),
        pytest.param(b"\n#01\na", id="leading zero"),
        pytest.param(b"\n#+1\na", id="sign"),
        pytest.param(b"\n#1 \na", id="blank in header"),
        pytest.param(b"\n#\xb2\na", id="digit of another script"),
        pytest.param(b"\n#\n", id="no size"),
        pytest.param(b"\n##\n", id="no chunk in message"),
        pytest.param(b"\n#99999999999999", id="header without end"),
        pytest.param(b"\n#4294967296\n", id="beyond the protocol"),
        pytest.param(b"\n#2\nab\n\n#2\nab", id="blank line inside a message"),
        pytest.param(b" \n#1\na", id="blank before"),
    ],
)
def test_broken_chunks(octets: bytes) -> None:
    with pytest.raises(FramingError):
        everything(decoder(chunked=True), octets)


@pytest.mark.parametrize(
    "octets", [b"\n#4294967295\n", b"\n#1001\n", b"\n#1000\n" + b"a" * 1000 + b"\n#1\n"]
)
def test_a_chunk_beyond_the_limit_is_refused_at_its_header(octets: bytes) -> None:
    with pytest.raises(TooLarge):
        everything(decoder(chunked=True), octets)


def test_a_message_at_the_limit_passes_and_one_beyond_does_not() -> None:
    assert everything(decoder(chunked=False), b"a" * 1000 + b"]]>]]>") == [b"a" * 1000]
    with pytest.raises(TooLarge):
        everything(decoder(chunked=False), b"a" * 1001 + b"]]>]]>")
    with pytest.raises(TooLarge):
        everything(decoder(chunked=False), b"a" * 1100)
    assert everything(decoder(chunked=True), b"\n#1000\n%s\n##\n" % (b"a" * 1000)) == [b"a" * 1000]


@pytest.mark.parametrize("chunked", [False, True])
def test_work_on_single_octets_is_linear(chunked: bool) -> None:
    """Counts what is looked at, not the time: each octet is scanned a bounded number of times."""
    size = 50_000
    octets = b"".join(encode([b"a" * size], chunked))
    made = decoder(chunked=chunked, limit=size)
    searched = 0
    found = []
    for i in range(len(octets)):
        made.feed(octets[i : i + 1])
        searched += made.waiting
        found += [m for m in [made.next()] if m is not None]
    assert found == [b"a" * size]
    assert searched < 20 * len(octets)


def test_many_small_chunks_cost_no_memory_beyond_the_message() -> None:
    size = 20_000
    octets = b"\n#1\na" * size + b"\n##\n"
    made = decoder(chunked=True, limit=size)
    tracemalloc.start()
    try:
        for start in range(0, len(octets), 4096):
            made.feed(octets[start : start + 4096])
            message = made.next()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert message == b"a" * size
    assert peak < 10 * size


@given(st.lists(st.binary(max_size=30), max_size=20))
def test_blocks_are_the_same_octets(pieces: list[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", 16)
        made = Blocks()
        for _ in range(2):
            for piece in pieces:
                made.append(piece)
            assert len(made) == sum(map(len, pieces))
            assert made.take() == b"".join(pieces)
            assert len(made) == 0


def test_blanks_between_messages_are_no_message() -> None:
    made = decoder(chunked=False)
    for _ in range(500):
        assert everything(made, b" \r\n\t") == []
    assert not made.begun
    assert made.held == 0
    assert everything(made, b"\n<") == []
    assert made.begun
    assert everything(made, b"a/> ]]>]]>") == [b"<a/>"]


def test_a_huge_message_is_split_into_chunks_that_the_protocol_allows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(framing, "MAX_CHUNK", 4)
    assert encode([b"abc", b"", b"de"], chunked=True) == [
        b"\n#3\n", b"abc", b"\n#2\n", b"de", b"\n##\n",
    ]  # fmt: skip


def test_a_large_piece_is_not_copied() -> None:
    piece = b"a" * 1000
    assert any(part is piece for part in encode([b"<", piece, b">"], chunked=True))


@given(st.lists(st.binary(max_size=20), max_size=8), st.integers(min_value=1, max_value=30))
def test_portions_are_the_same_octets(pieces: list[bytes], size: int) -> None:
    portions = [b"".join(portion) for portion in framing.portions(pieces, size)]
    assert b"".join(portions) == b"".join(pieces)
    assert all(len(portion) == size for portion in portions[:-1])
    assert len(portions[-1]) <= size
