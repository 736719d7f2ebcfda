"""smcroute.conf, written: what is not touched stays octet by octet."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcroute_agent.compat.rewrite import new_document, rewrite
from smcroute_agent.compat.statements import format_rule
from smcroute_agent.errors import ConfigError
from smcroute_agent.rules import Mgroup, Mroute, Phyint, rule_key
from tests.unit.agent.compat.memory import MAIN, MemoryFiles, parse

INCLUDED = "/etc/smcroute.d/a.conf"


def mroute(*outs, group="225.1.2.3"):
    return Mroute("eth0", "*", group, outs)


@pytest.mark.parametrize(
    ("line", "rule", "new"),
    [
        (b"\tmroute from eth0  group 225.1.2.3 to  eth1 # c\r\n", mroute("eth1"), None),
        (
            b"\tmroute from eth0  group 225.1.2.3 to  eth1\teth2  # c to\r\n",
            mroute("eth2", "eth3"),
            b"\tmroute from eth0  group 225.1.2.3 to  eth2 eth3  # c to\r\n",
        ),
        (
            b"mroute from eth0 group 225.1.2.3 # c",
            mroute("eth1"),
            b"mroute from eth0 group 225.1.2.3 to eth1 # c",
        ),
        (
            b"mroute from eth0 group 225.1.2.3 to eth1#c\n",
            mroute(),
            b"mroute from eth0 group 225.1.2.3\n",
        ),
        (b"mroute from eth0 group 225.1.2.3 to eth2 eth1\n", mroute("eth1", "eth2"), None),
        (
            b"mroute from to group 225.1.2.3 to to\n",
            Mroute("to", "*", "225.1.2.3", ("to", "a")),
            b"mroute from to group 225.1.2.3 to to a\n",
        ),
        (
            b"phyint  eth0   enable # c\n",
            Phyint("eth0", False, None, 7),
            b"phyint  eth0 disable ttl-threshold 7 # c\n",
        ),
        (b"phyint eth0 enable\n", Phyint("eth0", True, False), None),
        (b"\xef\xbb\xbfphyint eth0\n", Phyint("eth0", True), b"\xef\xbb\xbfphyint eth0 enable\n"),
        (b"\xef\xbb\xbf phyint eth0\n", Phyint("eth0", True), b"\xef\xbb\xbf phyint eth0 enable\n"),
    ],
)
def test_one_line(line, rule, new):
    assert rewrite(parse(line), [rule]) == ({} if new is None else {MAIN: new})


@pytest.mark.parametrize(
    ("outs", "lines"),
    [
        (("eth1", "eth2", "eth3"), (b" to eth1 # one", b" to eth2 eth3 # two")),
        (("eth1",), (b" to eth1 # one", None)),
        (("eth3",), (None, b" to eth3 # two")),
        (("eth3", "eth4"), (None, b" to eth3 eth4 # two")),
        (("eth4",), (b" to eth4 # one", None)),
        ((), (b" # one", None)),
    ],
)
def test_several_lines_of_one_route(outs, lines):
    start = b"mroute from eth0 group 225.1.2.3"
    content = start + b" to eth1 # one\n" + start + b" to eth2 eth3 # two\n"
    new = b"".join(start + line + b"\n" for line in lines if line is not None)
    assert rewrite(parse(content), [mroute(*outs)]) == ({} if new == content else {MAIN: new})


def test_new_rules_are_appended_to_the_main_file():
    document = parse(b"include smcroute.d/*.conf\r\n# end", a=b"mgroup from eth0 group 225.1.1.1\n")
    rules = [
        *document.rules.values(),
        mroute("eth1"),
        mroute(group="225.9.9.9"),
        Phyint("eth1", False),
    ]
    assert rewrite(document, rules) == {
        MAIN: b"include smcroute.d/*.conf\r\n# end\r\n"
        b"phyint eth1 disable\r\n"
        b"mroute from eth0 group 225.1.2.3 to eth1\r\n"
        b"mroute from eth0 group 225.9.9.9\r\n"
    }


def test_a_change_in_an_included_file_is_made_there():
    document = parse(
        b"# main\ninclude smcroute.d/*.conf\n",
        a=b"# a\n"
        b"mroute from eth0 group 225.1.2.3 to eth1\n"
        b"mgroup from eth0 group 225.1.1.1 # gone\n",
    )
    assert rewrite(document, [mroute("eth2")]) == {
        INCLUDED: b"# a\nmroute from eth0 group 225.1.2.3 to eth2\n"
    }


def test_a_file_with_errors_is_not_written():
    with pytest.raises(ConfigError, match=f"{MAIN}:1"):
        rewrite(parse("bad\n"), [mroute("eth1")])


@pytest.mark.parametrize("name", ["#a", "", "a b", "a\nphyint", "x" * 16])
def test_a_name_that_no_line_can_say(name):
    with pytest.raises(ConfigError, match="interface name"):
        rewrite(new_document(MAIN), [mroute(name)])


names = st.sampled_from(["eth0", "eth1", "eth2", "eth+", "to", "from", "group", "a#b", "x" * 15])
sources = st.sampled_from(["*", "10.0.0.1", "10.0.0.0/24"])
groups = st.sampled_from(["225.1.2.3", "225.1.2.0/24", "239.0.0.1"])
flags = st.sampled_from([None, True, False])
rules = st.one_of(
    st.builds(Phyint, names, flags, st.sampled_from([None, True]), st.none() | st.integers(1, 255)),
    st.builds(Mgroup, names, sources, groups),
    st.builds(Mroute, names, sources, groups, st.lists(names, unique=True, max_size=4).map(tuple)),
    st.builds(
        Mroute,
        names,
        st.sampled_from(["*", "2001:db8::1"]),
        st.sampled_from(["ff1e::1", "ff1e::/64"]),
        st.lists(names, unique=True, max_size=2).map(tuple),
    ),
)
rule_lists = st.lists(rules, max_size=12, unique_by=rule_key)
fillers = st.sampled_from([b"", b"# a comment", b"\t# caf\xe9 \x00".replace(b"\x00", b""), b"   "])


@st.composite
def contents(draw):
    """A file with rules, comments, blanks, DOS or UNIX ends, now and then twice the same rule."""
    lines = []
    for rule in draw(rule_lists):
        lines += draw(st.lists(fillers, max_size=2))
        line = format_rule(rule).encode().replace(b" ", draw(st.sampled_from([b" ", b"\t", b"  "])))
        line += draw(st.sampled_from([b"", b" # to eth9", b"\t#"]))
        lines += [line] * draw(st.sampled_from([1, 1, 2]))
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    return end.join(lines) + draw(st.sampled_from([b"", end]))


def normal(rule_list):
    return {
        rule_key(rule): rule._replace(out_interfaces=frozenset(rule.out_interfaces))
        if isinstance(rule, Mroute)
        else rule
        for rule in rule_list
    }


@settings(deadline=None, max_examples=300)
@given(contents(), contents(), rule_lists, st.data())
def test_what_was_written_reads_as_what_was_wanted(main, included, wanted, data):
    files = MemoryFiles(b"include smcroute.d/*.conf\n" + main, a=included)
    document = files.parse()
    if document.errors:  # two phyint lines that contradict each other
        return
    kept = [rule for rule in document.rules.values() if data.draw(st.booleans())]
    wanted = list({rule_key(rule): rule for rule in kept + wanted}.values())
    files.replace(rewrite(document, wanted))
    again = files.parse()
    assert again.errors == []
    assert normal(again.rules.values()) == normal(wanted)
    assert rewrite(again, wanted) == {}
    # Comments of their own and blank lines are all still there, in their order.
    for path, lines in document.files.items():
        bare = [line.raw for line in lines if line.rule is None]
        left = [line.raw for line in again.files[path] if line.rule is None]
        assert [raw.rstrip(b"\r\n") for raw in left] == [raw.rstrip(b"\r\n") for raw in bare]


@settings(deadline=None)
@given(contents())
def test_nothing_changes_when_nothing_changed(main):
    document = parse(main)
    if not document.errors:
        assert rewrite(document, document.rules.values()) == {}
        assert rewrite(document, reversed(document.rules.values())) == {}
