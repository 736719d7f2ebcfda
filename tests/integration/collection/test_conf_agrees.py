"""The collection and the agent read and write smcroute.conf in the same way.

The collection is installed without the agent, so each has a reader and a writer of its own.
This is where the two meet.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.mcast.smcroute.plugins.module_utils import conf as ours
from ansible_collections.mcast.smcroute.plugins.module_utils.entries import Wanted
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import OptionError
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import GROUP, PHYINT, ROUTE
from smcroute_agent.compat import conf as theirs
from smcroute_agent.compat.statements import format_rule
from smcroute_agent.rules import Mgroup, Mroute, Phyint

MAIN = "/etc/smcroute.conf"
KINDS = (PHYINT, GROUP, ROUTE)
RULES = {"phyint": Phyint, "group": Mgroup, "route": Mroute}


class OneFile:
    """The agent's files: one, and nothing to include."""

    def __init__(self, text):
        self.text = text

    def read(self, _path):
        return self.text.encode()

    def glob(self, _pattern):
        return []

    def replace(self, path, content):
        raise NotImplementedError


def agents(text):
    """The agent's rules as complete entries by noun and key, None for a text with errors."""
    document = theirs.parse(OneFile(text), MAIN)
    if document.errors:
        return None
    kinds = {RULES[kind.noun]: kind for kind in KINDS}
    entries = {}
    for rule in document.rules.values():
        kind = kinds[type(rule)]
        said = {name: value for name, value in rule._asdict().items() if value is not None}
        if "out_interfaces" in said:
            said["out_interfaces"] = sorted(said["out_interfaces"])
        entry = kind.complete(said)
        entries[kind.noun, kind.key_of(entry)] = entry
    return entries


def collections(text):
    entries = {}
    try:
        for kind in KINDS:
            for key, entry in ours.parse(kind, text).entries.items():
                entries[kind.noun, key] = entry
    except OptionError:
        return None
    return entries


NAMES = st.sampled_from(
    ["eth0", "eth+", "+", "a-name-too-long-", "to", "from", "group", "#x", "a/b", "..", "eth1"]
)
LENGTHS = st.sampled_from(["", "", "", *(f"/{n}" for n in (0, 1, 3, 4, 7, 8, 24, 31, 32, 33))])
LENGTHS6 = st.sampled_from(["", "", "/0", "/7", "/8", "/64", "/127", "/128", "/129", "/", "/x"])
ADDRESSES = st.one_of(
    st.builds(
        str.__add__,
        st.sampled_from(["225.1.2.3", "10.0.0.1", "0.0.0.0", "239.255.255.255", "255.0.0.1", "1.2"])
        | st.ip_addresses(v=4).map(str),
        LENGTHS,
    ),
    st.builds(
        str.__add__,
        st.sampled_from(
            ["ff1e::1", "FF02:0::1", "2001:DB8::1", "::", "0::0", "ff02::1%eth0", "::1"]
        )
        | st.ip_addresses(v=6).map(str),
        LENGTHS6,
    ),
    st.sampled_from(["*", "225.1.2.3/024", "225.1.2.3/", "/8", "+1"]),
)
PHYINTS = st.lists(
    st.one_of(
        st.sampled_from(["enable", "disable", "mrdisc", "enabel"]),
        st.sampled_from(["0", "1", "016", "255", "256", "x", "+3", "٣", ""]).map(
            lambda number: f"ttl-threshold {number}"
        ),
    ),
    max_size=3,
).flatmap(lambda words: NAMES.map(lambda name: ["phyint", name, *words]))
CLAUSES = st.one_of(
    NAMES.map(lambda name: f"from {name}"),
    ADDRESSES.map(lambda address: f"source {address}"),
    ADDRESSES.map(lambda address: f"group {address}"),
    NAMES,
)
GOOD_FLOWS = st.builds(
    lambda keyword, name, source, group: [keyword, f"from {name}", source, f"group {group}"],
    st.sampled_from(["mgroup", "mroute", "ssmgroup"]),
    st.sampled_from(["eth0", "eth+"]),
    ADDRESSES.map(lambda address: f"source {address}") | st.just(""),
    ADDRESSES | st.sampled_from(["225.1.2.3", "225.1.2.3/32", "ff1e::1", "239.0.0.0/8"]),
)
FLOWS = st.builds(
    lambda flow, outs: [*flow, *(["to", *outs] if outs is not None else [])],
    GOOD_FLOWS
    | st.lists(CLAUSES, max_size=4).flatmap(
        lambda clauses: st.sampled_from(["mgroup", "mroute", "mrout"]).map(
            lambda keyword: [keyword, *clauses]
        )
    ),
    st.none() | st.lists(NAMES, max_size=3),
)
BLANKS = st.sampled_from([" ", "\t", "  ", "\v", " # "])
LINES = st.one_of(
    st.builds(lambda words, blank: blank.join(words), PHYINTS | FLOWS, BLANKS),
    st.sampled_from(["", "# comment", "\0", "# \0", "include /etc/x", "include", "include a b"]),
)
TEXTS = st.builds(
    lambda lines, end, bom: bom + end.join(lines),
    st.lists(LINES, max_size=4),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "", "\ufeff"]),
)


@settings(max_examples=1500, deadline=None)
@given(text=TEXTS)
@example("mroute from eth0 source 0.0.0.0 group ff02::1")
@example("mroute from eth0 source 0.0.0.0/32 group 225.1.2.3/32 to eth1 eth1")
@example("mroute from eth0 source 0.0.0.0/8 group 225.1.2.3")
@example("mroute from eth0 source 225.0.0.0/0 group 225.1.2.3")
@example("mroute from eth0 group 225.1.2.3 to eth1\nmroute from eth0 group 225.1.2.3 to eth0")
@example("phyint eth0 enable\nphyint eth0 mrdisc\nphyint eth0 disable")
@example("phyint eth0 enable mrdisc mrdisc enable\rphyint eth1")
@example("mgroup from eth0 group 225.1.2.3 to eth1")
@example("phyint eth0 ttl-threshold ٣")
@example("mroute from eth0 group 225.1.2.3 to" + " eth1" * 1632)
@example("mroute from eth0 group 225.1.2.3 to" + " eth1" * 1631 + " \n")
@example("mroute from eth0 group 225.1.2.3 to" + " eth1" * 1631 + "  \n")
def test_reading(text):
    assert collections(text) == agents(text)


GOOD = st.lists(
    st.one_of(
        st.builds(
            Phyint,
            st.sampled_from(["eth0", "eth+"]),
            st.none() | st.booleans(),
            st.none() | st.booleans(),
            st.none() | st.integers(1, 255),
        ),
        st.builds(
            Mgroup, st.just("eth0"), st.sampled_from(["*", "10.0.0.1"]), st.just("225.0.0.0/24")
        ),
        st.builds(
            Mroute,
            st.just("eth0"),
            st.sampled_from(["*", "2001:db8::/32"]),
            st.just("ff1e::1"),
            st.lists(st.sampled_from(["a", "b+"]), unique=True).map(sorted),
        ),
    ),
    max_size=1,
)


@given(rules=GOOD)
def test_writing(rules):
    for rule in rules:
        kind = next(kind for kind in KINDS if RULES[kind.noun] is type(rule))
        entry = {name: value for name, value in rule._asdict().items() if value is not None}
        wanted = {kind.key_of(entry): Wanted(0, entry)}
        line = ours.render(kind, wanted)
        assert line == format_rule(rule) + "\n"
        assert list(agents(line).values()) == [kind.complete(entry)]


@pytest.mark.parametrize("constant", ["MAX_LINE"])
def test_limits(constant):
    assert getattr(ours, constant) == getattr(theirs, constant)
