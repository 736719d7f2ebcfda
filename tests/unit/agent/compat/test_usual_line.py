"""The quick way to read a line gives what the thorough way gives, whatever the lines are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcroute_agent import model
from smcroute_agent.compat import conf, usual_line
from smcroute_agent.compat.usual_line import UsualLines
from smcroute_agent.rules import Mroute
from smcroute_agent.yang.data import empty
from smcroute_agent.yang.schema import packaged
from smcroute_agent.yang.validate import validate
from tests.unit.agent.compat.memory import MAIN, MemoryFiles

SCHEMA = packaged()
USUAL = b"mroute from in0 source 192.0.2.1 group 225.1.2.3 to out0\n"

SOURCES = [
    *("192.0.2.1", "10.0.0.0/8", "10.1.1.1/8", "0.0.0.1", "240.0.0.1", "225.1.1.1", "1.2.3", "x"),
    *("2001:db8::1", "2001:DB8:0::1", "2001:db8::/32", "::1.2.3.4", "ff02::1"),
    *("*", "0.0.0.0", "::"),
]
GROUPS = [
    *("225.1.2.3", "225.01.2.3", "225.1.2.3/32", "225.1.2.9/24", "224.0.0.0/3", "225.1.2.3%a"),
    *("239.255.255.255", "240.0.0.0", "192.0.2.1", "x"),
    *("FF0E::1", "ff0e:0::1", "ff00::/8", "fe80::1"),
]

interfaces = st.sampled_from(["in0", "eth+", "#x", "source", "group", "to", "a:b", "i" * 16, "+"])
outs = st.lists(interfaces, min_size=1, max_size=2).map(" ".join)
sources = st.sampled_from(SOURCES)
groups = st.sampled_from(GROUPS)
separators = st.sampled_from([" "] * 9 + ["  ", "\t", " # ", "\0", " \u00fc "])
ends = st.sampled_from(
    ["\n"] * 5 + ["\r\n", " # why\n", "\t\n", "", " to out1\n", " group 225.9.9.9\n"]
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A line that is usual, or nearly so, with one group after the other; and another such."""
    frames = []
    for _ in range(2):
        words = ["mroute", "from", draw(interfaces)]
        if draw(st.booleans()):
            words += ["source", draw(sources)]
        words += ["group", "GROUP"]
        if draw(st.integers(0, 5)):
            words += ["to", draw(outs)]
        if not draw(st.integers(0, 5)):
            words = draw(st.permutations(words))
        frames.append(draw(separators).join(words) + draw(ends))
    chosen = draw(st.lists(groups, max_size=6))
    return "".join(frame.replace("GROUP", group) for group in chosen for frame in frames)


def parse(content: bytes) -> conf.Document:
    return conf.parse(MemoryFiles(content), MAIN)


@given(documents())
def test_both_ways_give_the_same(text: str) -> None:
    content = text.encode()
    quick = parse(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(UsualLines, "read", lambda *_: None)
        thorough = parse(content)
    assert quick.files == thorough.files
    assert quick.rules == thorough.rules
    assert list(map(str, quick.errors)) == list(map(str, thorough.errors))


@given(documents())
def test_what_is_read_is_within_the_model(text: str) -> None:
    """So that nobody need look at it again (model.from_words)."""
    rules = parse(text.encode()).rules.values()
    tree = model.from_words(SCHEMA, rules)
    assert tree == model.changed(empty(SCHEMA), SCHEMA, rules)
    validate(SCHEMA, empty(SCHEMA), tree)


def usual(first: bytes, second: bytes) -> Mroute | None:
    """What the quick way makes of the second line after the first one was read."""
    known = UsualLines(100)
    (rule,) = parse(first).rules.values()
    assert isinstance(rule, Mroute)
    known.learn(first, rule)
    return known.read(second)


@pytest.mark.parametrize(
    ("group", "canonical"), [("225.1.2.4", "225.1.2.4"), ("239.255.255.255", "239.255.255.255")]
)
def test_another_group(group: str, canonical: str) -> None:
    line = USUAL.replace(b"225.1.2.3", group.encode())
    assert usual(USUAL, line) == Mroute("in0", "192.0.2.1", canonical, ("out0",))


def test_another_group_of_ipv6() -> None:
    first = b"mroute from in0 group ff0e::1 to out0 # why\r\n"
    wanted = Mroute("in0", "*", "ff0e::2", ("out0",))
    assert usual(first, first.replace(b"ff0e::1", b"FF0E:0::2")) == wanted


@pytest.mark.parametrize(
    "second",
    [
        b"",
        b"# a comment\n",
        USUAL.replace(b"225.1.2.3", b"192.0.2.3"),
        USUAL.replace(b"225.1.2.3", b"240.0.0.0"),
        USUAL.replace(b"225.1.2.3", b"ff0e::1"),
        USUAL.replace(b"225.1.2.3", b"225.1.2.3/24"),
        USUAL.replace(b"225.1.2.3", b"225.1.2.\xff"),
        USUAL.replace(b"225.1.2.3", b"225.1.2.3 source 192.0.2.2"),
        USUAL.replace(b"out0", b"out1"),
        USUAL.replace(b"in0", b"in1"),
        USUAL.replace(b"225.1.2.3", b"fe80::1"),
    ],
)
def test_what_is_not_known_is_left_to_the_thorough_way(second: bytes) -> None:
    assert usual(USUAL, second) is None


def test_a_line_that_is_too_long_is_left_to_the_thorough_way() -> None:
    known = UsualLines(len(USUAL) - 1)
    known.learn(USUAL, Mroute("in0", "192.0.2.1", "225.1.2.3", ("out0",)))
    assert known.read(USUAL) is None


def test_only_so_much_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usual_line, "MAX_KNOWN", 1)
    known = UsualLines(100)
    for name in (b"in0", b"in1"):
        known.learn(USUAL.replace(b"in0", name), Mroute(name.decode(), "192.0.2.1", "225.1.2.3"))
    assert known.read(USUAL) is not None
    assert known.read(USUAL.replace(b"in0", b"in1")) is None


@pytest.mark.parametrize("blank", [b" ", b"\t"])
def test_any_source_that_is_said_is_of_a_family(blank: bytes) -> None:
    said = USUAL.replace(b" source 192.0.2.1", blank.join([b"", b"source", b"0.0.0.0"]))
    assert usual(said, said) is None
    errors = parse(said + said.replace(b"225.1.2.3", b"ff0e::1")).errors
    assert [error.path for error in errors] == [f"{MAIN}:2"]
