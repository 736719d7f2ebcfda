"""What smcroutectl and a configuration file may say: an Error at the worst, whatever it is."""

from __future__ import annotations

import asyncio

from hypothesis import example, given
from hypothesis import strategies as st

from smcroute_agent.compat import batch, commands, conf, ipc
from smcroute_agent.compat.executor import Executor
from smcroute_agent.ctl.terminal import render
from smcroute_agent.errors import ConfigError, Error
from smcroute_agent.users import Peer
from tests.effort import effort
from tests.fuzz.messages import mostly
from tests.unit.agent.compat.memory import MAIN, MemoryFiles, MemoryRouter

letters = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
arguments = st.lists(
    st.text(st.characters(min_codepoint=1, max_codepoint=0x7F), max_size=20), max_size=8
)


def decoded(octets: bytes) -> object:
    try:
        return ipc.decode_request(octets)
    except ipc.MalformedRequest as error:
        return type(error)


@effort()
@given(letters, arguments)
def test_a_request_is_read_as_it_was_written(letter: str, words: list[str]) -> None:
    octets = ipc.encode_request(letter, words)
    assert ipc.decode_request(octets) == (letter, tuple(words))
    assert all(ipc.decode_request(octets[:size]) is None for size in range(len(octets)))


@effort(2)
@given(
    st.builds(ipc.HEADER.pack, st.integers(0, 1100), st.integers(0, 300), st.integers(0, 9)),
    st.binary(max_size=60) | st.text("ab\0", max_size=60).map(str.encode),
)
@example(b"", b"")
def test_any_octets_are_a_request_or_refused(header: bytes, body: bytes) -> None:
    octets = header + body
    verdict = decoded(octets)
    # What was refused before the rest came is refused with it.
    for size in range(len(octets)):
        early = decoded(octets[:size])
        assert early is None or early is verdict or not isinstance(early, type)


words = st.sampled_from(
    ["phyint", "mgroup", "mroute", "include", "from", "group", "source", "to", "enable", "disable",
     "ttl-threshold", "mrdisc", "eth0", "eth+", "*", "225.1.2.3", "225.0.0.0/8", "ff1e::1",
     "10.0.0.1",
     "300.1.1.1", "/etc/smcroute.d/*.conf", "/etc/smcroute.conf", "7", "-1", "99999999999999999999",
     "#", "\\", "'", '"', "\0", "\xe9", "a" * 40]
)  # fmt: skip
lines = st.lists(words, max_size=9).map(" ".join) | st.text(max_size=30)
files = st.lists(lines, max_size=12).flatmap(
    lambda texts: st.sampled_from(["\n", "\r\n", "\r", "\n\n"]).map(
        lambda end: end.join(texts).encode("utf-8", "surrogateescape")
    )
) | st.binary(max_size=200)


@effort(3)
@given(files, files)
def test_any_file_is_read_or_refused_with_its_line(main: bytes, included: bytes) -> None:
    document = conf.parse(MemoryFiles(main, a=included), MAIN)
    for error in document.errors:
        assert isinstance(error, Error)
        assert error.path
        assert error.message
    try:
        conf.check(document)
    except ConfigError:
        assert document.errors
    assert b"".join(conf.split_lines(main)) == main


usual = words.filter(str.isascii).filter(lambda word: "\0" not in word)
requests = st.tuples(
    st.sampled_from(sorted(commands.COMMANDS)) | letters, st.lists(usual, max_size=7)
)


@effort()
@given(st.lists(requests, min_size=1, max_size=6))
def test_any_command_is_done_or_refused_with_a_sentence(
    requests: list[tuple[str, list[str]]],
) -> None:
    executor = Executor(Peer(0, 0, 0, frozenset()), MemoryRouter())

    async def work() -> list[bytes]:
        return [(await executor.one(*request)).octets for request in requests]

    for octets in asyncio.run(work()):
        assert octets.find(b"\0") == len(octets) - 1
        assert b"its log tells why" not in octets


@effort()
@given(
    st.sampled_from([0, 0, 0, 1, 3, 101, 65535]),
    st.sampled_from([0, 0, 0, 0, 1, -1, 16, -16]),
    st.lists(
        mostly(
            st.builds(ipc.encode_request, st.sampled_from("arjlsz"), st.lists(usual, max_size=6)),
            st.builds(ipc.encode_request, letters, arguments) | st.binary(max_size=30),
            times=4,
        ),
        max_size=6,
    ),
)
def test_any_batch_is_done_in_part_or_refused(count: int, off: int, parts: list[bytes]) -> None:
    body = b"".join(parts)
    length = max(0, ipc.HEADER.size + len(body) + off)
    octets = ipc.HEADER.pack(length, ord(batch.LETTER), count or len(parts)) + body
    if not batch.begins(octets):
        return
    try:
        items = batch.decode(octets)
    except ipc.MalformedRequest:
        return
    if items is None:
        assert len(octets) < length
        return
    executor = Executor(Peer(0, 0, 0, frozenset()), MemoryRouter())

    async def work() -> bytes:
        return b"".join([octets async for octets in executor.many(items)])

    answers = asyncio.run(work())
    assert answers.count(b"\0") == len(items)
    assert b"its log tells why" not in answers


@effort()
@given(
    st.binary(max_size=60) | st.text(max_size=60).map(str.encode), st.sets(st.sampled_from("pt"))
)
def test_any_answer_can_be_shown(octets: bytes, flags: set[str]) -> None:
    text = ipc.decode_reply(octets)
    if text is not None:
        assert not {chr(code) for code in (*range(32), *range(127, 160))} & set(text) - {"\n"}
        assert render(text, flags).endswith("\n\n")
