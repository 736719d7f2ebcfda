"""The collection and the YANG module agree on every value: what is one, and its canonical form.

The collection never reads the module: it is installed without it.  This is where the two meet.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.mcast.smcroute.plugins.module_utils.entries import from_config
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import GROUP, PHYINT, ROUTE
from ansible_collections.mcast.smcroute.plugins.module_utils.loops import loop_warnings
from ansible_collections.mcast.smcroute.plugins.module_utils.values import BadValue
from smcroute_agent.engine.status import route_warnings
from smcroute_agent.rules import Mroute
from smcroute_agent.yang.schema import packaged
from smcroute_agent.yang.value_problem import ValueProblem

SMC = "{urn:mcast:params:xml:ns:yang:smcroute}"


def leaf_type(list_name, leaf):
    return (
        packaged()
        .root.children[f"{SMC}smcroute"]
        .children[SMC + list_name]
        .children[SMC + leaf]
        .type
    )


def verdicts(option, list_name, text):
    """What the collection and what the agent make of a text; None where they refuse it."""
    try:
        ours = option.check(int(text) if option.type == "int" else text)
    except BadValue:
        ours = None
    try:
        theirs = leaf_type(list_name, option.leaf).parse(text)
    except ValueProblem:
        theirs = None
    return (None if ours is None else str(ours)), theirs


ADDRESSES = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=4, network="224.0.0.0/4").map(str),
    st.ip_addresses(v=6).map(str),
    st.ip_addresses(v=6, network="ff00::/8").map(str),
    st.ip_addresses(v=6, network="2001:db8::/32").map(lambda address: address.exploded.upper()),
    st.sampled_from(["*", "0.0.0.0", "::", "0::0", "::1", "::ffff:192.0.2.1", "1::2:0:0:3"]),
)
EDGES = st.sampled_from([0, 1, 3, 4, 7, 8, 9, 30, 31, 32, 33, 126, 127, 128, 129])
LENGTHS = st.one_of(st.just(""), (EDGES | st.integers(0, 130)).map(lambda length: f"/{length}"))
PREFIXES = st.builds(lambda address, length: address + length, ADDRESSES, LENGTHS)
NOISE = st.text("0123456789abcdefF.:/*%+- ", max_size=20)


@pytest.mark.parametrize("option", GROUP.keys[1:], ids=lambda option: option.name)
@settings(max_examples=600, deadline=None)
@given(text=st.one_of(PREFIXES, NOISE))
@example("225.1.2.3/32")
@example("ff0e::1/128")
@example("2001:db8::1/128")
@example("225.1.2.3/032")
@example("225.1.2.3/")
@example("/8")
@example("ff0e::1%eth0")
def test_sources_and_groups(option, text):
    ours, _ = verdicts(option, "mroute", text)
    _, theirs = verdicts(option, "mroute", without_full_length(text))
    assert ours == theirs


def without_full_length(text):
    """A prefix as long as its address is the address in a playbook; the module knows only that."""
    return text if "*" in text else text.removesuffix("/128" if ":" in text else "/32")


@pytest.mark.parametrize(
    ("option", "list_name"),
    [(PHYINT.keys[0], "phyint"), (ROUTE.keys[0], "mroute"), (ROUTE.others[0], "mroute")],
    ids=lambda value: getattr(value, "leaf", value),
)
@settings(max_examples=300, deadline=None)
@given(text=st.text(st.characters(codec="utf-8"), max_size=17) | NOISE)
@example("+")
@example("..")
@example("eth+")
@example("x" * 16)
def test_interfaces(option, list_name, text):
    ours, theirs = verdicts(option, list_name, text)
    assert ours == theirs


NAMES = st.sampled_from(["eth0", "eth1", "wan0", "e+", "eth+", "eth0+", "wan+"])


@given(interface=NAMES, outs=st.lists(NAMES, unique=True).map(sorted))
def test_what_is_warned_of_as_a_loop(interface, outs):
    entry = {"interface": interface, "group": "225.0.0.1", "out_interfaces": outs}
    ours = loop_warnings(ROUTE, from_config(ROUTE, [entry]))
    theirs = list(route_warnings(Mroute(interface, "*", "225.0.0.1", tuple(outs))))
    assert bool(ours) == bool(theirs)


@given(number=st.integers(-2, 300))
def test_ttl_thresholds(number):
    ours, theirs = verdicts(PHYINT.others[2], "phyint", str(number))
    assert ours == theirs


@pytest.mark.parametrize(
    ("option", "text"),
    [
        (ROUTE.keys[0], "x" * 16),
        (ROUTE.keys[0], "a b"),
        (ROUTE.keys[0], "+"),
        (ROUTE.keys[1], "225.1.2.3"),
        (ROUTE.keys[1], "0.0.0.0"),
        (ROUTE.keys[1], "192.0.2.0/33"),
        (ROUTE.keys[1], "2001:db8::/0"),
        (ROUTE.keys[1], "225.0.0.0/8"),
        (ROUTE.keys[2], "225.0.0.0/3"),
        (ROUTE.keys[2], "ff0e::/129"),
        (ROUTE.keys[2], "10.0.0.0/8"),
        (ROUTE.keys[2], "2001:db8::/32"),
        (ROUTE.keys[2], "ff02::1%eth0"),
    ],
)
def test_both_say_it_in_the_same_words(option, text):
    with pytest.raises(BadValue) as ours:
        option.check(text)
    with pytest.raises(ValueProblem) as theirs:
        leaf_type("mroute", option.leaf).parse(text)
    assert str(ours.value) in str(theirs.value)
