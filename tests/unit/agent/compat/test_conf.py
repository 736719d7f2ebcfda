"""smcroute.conf, read."""

from __future__ import annotations

import pytest

from smcroute_agent.compat import conf
from smcroute_agent.errors import ConfigError, SystemProblem
from smcroute_agent.rules import Mgroup, Mroute, Phyint
from tests.unit.agent.compat.memory import MAIN, MemoryFiles, parse

EXAMPLE = b"""\
# all of it
phyint eth0 enable mrdisc ttl-threshold 11
phyint eth1 ttl-threshold 3 disable

\tmgroup from eth0 group 225.1.2.3   # behind a line
mgroup group 225.1.2.4 source 10.0.0.9 from virbr0
ssmgroup from eth0 source 10.0.0.9 group 232.1.1.1
mroute\tfrom eth0 source 10.0.0.9 group 225.1.2.3 to eth1 eth2 eth1
mroute from eth+ group 225.0.0.7/24 to eth+
mroute from eth0 source 10.0.0.8 group 225.1.2.3
mroute from eth0 group ff1e::1 to group from #eth9
"""

RULES = [
    Phyint("eth0", True, True, 11),
    Phyint("eth1", False, None, 3),
    Mgroup("eth0", "*", "225.1.2.3"),
    Mgroup("virbr0", "10.0.0.9", "225.1.2.4"),
    Mgroup("eth0", "10.0.0.9", "232.1.1.1"),
    Mroute("eth0", "10.0.0.9", "225.1.2.3", ("eth1", "eth2")),
    Mroute("eth+", "*", "225.0.0.0/24", ("eth+",)),
    Mroute("eth0", "10.0.0.8", "225.1.2.3"),
    Mroute("eth0", "*", "ff1e::1", ("group", "from")),
]


@pytest.mark.parametrize(
    "content",
    [
        EXAMPLE,
        EXAMPLE.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + EXAMPLE,
        EXAMPLE.removesuffix(b"\n"),
        EXAMPLE.replace(b"all of it", b"caf\xe9 \xc3\xa9 \x85 \xe2\x80\xa8 \x0c \r mroute"),
    ],
    ids=["plain", "dos", "bom", "no-end", "odd-comment"],
)
def test_rules(content):
    document = parse(content)
    assert document.errors == []
    assert list(document.rules.values()) == RULES
    assert b"".join(line.raw for line in document.files[MAIN]) == content


def test_places():
    document = parse(EXAMPLE + b"mgroup from eth0 group 225.1.2.3\n")
    assert document.places(("mgroup", "eth0", "*", "225.1.2.3")) == [f"{MAIN}:5", f"{MAIN}:12"]


def test_lines_with_one_key_add_up():
    document = parse(
        "mroute from eth0 group 225.1.2.3 to eth1\n"
        "mroute from eth0 source 0.0.0.0 group 225.1.2.3/32 to eth2 eth1\n"
        "phyint eth0 enable\nphyint eth0 mrdisc\nphyint eth0 enable\n"
    )
    assert document.errors == []
    assert list(document.rules.values()) == [
        Mroute("eth0", "*", "225.1.2.3", ("eth1", "eth2")),
        Phyint("eth0", True, True),
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("mrout from eth0 group 225.1.2.3", "did you mean 'mroute'"),
        ("MROUTE from eth0 group 225.1.2.3", "did you mean 'mroute'"),
        ("frobnicate", "use one of: include, mgroup"),
        ("mroute frmo eth0 group 225.1.2.3", "did you mean 'from'"),
        ("mroute from eth0 group 225.1.2.3 eth1", "unknown word 'eth1'"),
        ("mroute from an-interface-name group 225.1.2.3", "16|17 characters"),
        ("mroute from eth0 group 225.1.2.3 to an-interface-name", "characters"),
        ("mroute from eth0 group 10.1.2.3 to eth1", "no multicast group"),
        ("mroute from eth0 group 225.1.2.3/33 to eth1", "prefix length"),
        ("mroute from eth0 source 10.0.0.1 group ff1e::1", "different address families"),
        ("mroute from eth0 group 225.1.2.3 to", "'to' without an interface"),
        ("mroute from eth0 to eth1 group 225.1.2.3", "put 'to'.* last"),
        ("mroute group 225.1.2.3 to eth1", "mroute without 'from'"),
        ("mroute from eth0 group", "'group' is the last word"),
        ("mroute from eth0 from eth1 group 225.1.2.3", "'from' is there twice"),
        ("mgroup from eth0 group 225.1.2.3 to eth1", "unknown word 'to'"),
        ("phyint", "phyint without an interface"),
        ("phyint eth0 ttl-threshold", "without a number"),
        ("phyint eth0 ttl-threshold 256", "1 to 255"),
        ("phyint eth0 ttl-threshold 1 ttl-threshold 2", "two values"),
        ("phyint eth0 enable disable", "both enable and disable"),
        ("phyint eth0 enabel", "did you mean 'enable'"),
        ("include", "one path"),
        ("include a b", "one path"),
        ("# a comment with \0", "NUL"),
        ("mroute from eth0 group 225.1.2.3 to " + "eth1 " * 2000, "more than 8192"),
        ("mroute\xa0from eth0 group 225.1.2.3", "not plain ASCII"),
        ("mroute from \xe9th0 group 225.1.2.3", "not plain ASCII"),
        ("phyint eth9 disable", r"contradicts what /etc/smcroute.conf:1 says"),
    ],
)
def test_bad_line(line, says):
    document = parse(f"phyint eth9 enable\n\n{line}\nmgroup from eth0 group 225.1.2.3\n")
    (error,) = document.errors
    assert isinstance(error, ConfigError)
    assert error.path == f"{MAIN}:3"
    with pytest.raises(ConfigError, match=says):
        conf.check(document)
    assert error.remedy
    assert list(document.rules.values()) == [
        Phyint("eth9", True),
        Mgroup("eth0", "*", "225.1.2.3"),
    ]


def test_all_errors_are_told():
    document = parse("one\nmgroup from eth0 group 225.1.2.3\ntwo\n")
    with pytest.raises(ConfigError) as caught:
        conf.check(document)
    assert f"{MAIN}:1: " in str(caught.value)
    assert f"{MAIN}:3: " in str(caught.value)


def test_errors_are_bounded():
    document = parse("bad\n" * 5000)
    assert len(document.errors) == conf.MAX_ERRORS + 1
    assert "4000 more" in str(document.errors[-1])


def test_a_long_comment_is_no_error():
    assert parse("#" * 100_000).errors == []


def test_include_is_sorted_relative_and_read_once():
    files = MemoryFiles(
        b"include smcroute.d/*.conf\ninclude /etc/smcroute.d/b.conf\ninclude none/*.conf\n",
        b=b"mgroup from eth0 group 225.1.2.2\n",
        a=b"mgroup from eth0 group 225.1.2.1\nbad\n",
    )
    document = files.parse()
    assert list(document.files) == [MAIN, "/etc/smcroute.d/a.conf", "/etc/smcroute.d/b.conf"]
    assert [rule.group for rule in document.rules.values()] == ["225.1.2.1", "225.1.2.2"]
    assert [error.path for error in document.errors] == ["/etc/smcroute.d/a.conf:2"]


def test_include_of_itself():
    for back in (b"../smcroute.conf", b"a.conf", b"/etc/smcroute.d/*.conf"):
        document = parse("include smcroute.d/a.conf\n", a=b"\ninclude " + back)
        assert [error.path for error in document.errors] == ["/etc/smcroute.d/a.conf:2"]
        assert "includes itself" in str(document.errors[0])


def test_include_depth():
    deep = {f"f{n}": f"include f{n + 1}.conf\n".encode() for n in range(20)}
    (error,) = parse("include smcroute.d/f0.conf\n", **deep).errors
    assert error.path == f"/etc/smcroute.d/f{conf.MAX_DEPTH - 2}.conf:1"
    assert "deep" in str(error)


def test_include_count():
    many = {f"f{n}": b"" for n in range(conf.MAX_FILES)}
    (error,) = parse("include smcroute.d/*.conf\n", **many).errors
    assert error.path == f"{MAIN}:1"


def test_include_unreadable():
    files = MemoryFiles(b"\ninclude smcroute.d/*.conf\n", a=b"")
    files.unreadable.add("/etc/smcroute.d/a.conf")
    (error,) = files.parse().errors
    assert error.path == f"{MAIN}:2"
    assert "/etc/smcroute.d/a.conf" in str(error)
    assert str(error).count(str(error.remedy)) == 1


def test_include_from_where_nobody_may_look(monkeypatch):
    files = MemoryFiles(b"\ninclude smcroute.d/*.conf\nmgroup from eth0 group 225.1.2.3\n")

    def glob(pattern):
        raise SystemProblem("cannot look for it", path=pattern, remedy="look elsewhere")

    monkeypatch.setattr(files, "glob", glob)
    (error,) = files.parse().errors
    assert error.path == f"{MAIN}:2"
    assert "/etc/smcroute.d/*.conf: cannot look for it" in str(error)
    assert error.remedy == "look elsewhere"


def test_no_main_file():
    with pytest.raises(FileNotFoundError):
        MemoryFiles().parse()
