"""A rehearsal says what the deed then says, and touches nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcroute_agent.engine.kernel.mroute import MAX_VIFS
from smcroute_agent.engine.reconcile import Refused
from smcroute_agent.engine.status import status
from smcroute_agent.errors import Error
from tests.unit.agent.engine.kernels import Bench

FEW = 2
"""VIFs that are left when the examples begin."""

NAMES = [f"eth{number}" for number in range(MAX_VIFS - FEW - 2, MAX_VIFS + FEW + 2)]
PATTERNS = st.sampled_from([*NAMES, "eth3+", "none"])
ROUTES = st.builds(
    lambda interface, flow, outs: ["mroute", interface, *flow, outs],
    PATTERNS,
    st.sampled_from([("*", "225.0.0.1"), ("10.0.0.1", "225.0.0.1"), ("*", "ff1e::1")]),
    st.lists(PATTERNS, max_size=3, unique=True),
)
GROUPS = st.builds(
    lambda interface, flow: ["mgroup", interface, *flow],
    PATTERNS,
    st.sampled_from([("*", "225.0.0.0/22"), ("10.0.0.1", "232.1.1.1"), ("*", "ff1e::1")]),
)
PHYINTS = st.builds(
    lambda name, enabled: ["phyint", name, enabled, None, None], PATTERNS, st.booleans()
)
RULES = ROUTES | GROUPS | PHYINTS


def _crowded() -> Bench:
    bench = Bench(interfaces=MAX_VIFS + FEW + 2)
    bench.apply(
        ["mroute", f"eth{number}", "*", f"{group}", []]
        for number in range(MAX_VIFS - FEW)
        for group in ("225.9.9.9", "ff1e::9")
    )
    return bench


def _outcome(work, *change) -> object:
    """The refusal, or which of the rules wait, and why."""
    try:
        return work(*change)
    except Refused as refusal:
        return str(refusal.error), type(refusal.error), refusal.rule


def _apply(bench: Bench, add, remove) -> dict[tuple[str, ...], str]:
    old = dict(bench.router.rules)
    bench.apply(add, remove)
    rows = [status(bench.router, rule) for rule in bench.router.rules.values()]
    return {
        row.key: row.reason
        for row in rows
        if row.reason is not None and bench.router.rules[row.key] is not old.get(row.key)
    }


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_rehearsal_says_what_the_change_says(data):
    bench = _crowded()
    bench.sockets.never = set(data.draw(st.lists(st.sampled_from(NAMES), max_size=2)))
    for _ in range(data.draw(st.integers(1, 4))):
        add = data.draw(st.lists(RULES, max_size=5))
        held = st.lists(st.sampled_from(sorted(bench.router.rules)), unique=True, max_size=4)
        remove = [list(key) for key in data.draw(held)] if bench.router.rules else []
        before = bench.state()
        foretold = _outcome(bench.rehearse, add, remove)
        assert bench.state() == before
        assert _outcome(_apply, bench, add, remove) == foretold


@pytest.mark.parametrize(
    ("add", "remove"),
    [
        ([["mroute", f"eth{number}", "*", "225.0.0.1", []] for number in (30, 31, 32)], []),
        ([["mroute", "eth0", "*", "ff1e::1", ["eth3+"]]], []),
        ([["mroute", "eth0", "*", "225.0.0.1", ["eth30", "eth31", "eth32"]]], []),
        ([["mgroup", f"eth{number}", "*", "225.0.0.0/22"] for number in range(3)], []),
        ([["mgroup", "eth0", "*", "225.0.0.0/20"]], []),
        ([["mgroup", "eth33", "*", "ff1e::1"]], []),
        ([["mroute", "eth0", "*", "10.0.0.1", []]], []),
        ([], [["phyint", "eth9"]]),
    ],
)
def test_what_is_refused(add, remove):
    bench = _crowded()
    bench.sockets.never = {"eth33"}
    foretold = _outcome(bench.rehearse, add, remove)
    assert isinstance(foretold, tuple)
    assert issubclass(foretold[1], Error)
    assert _outcome(_apply, bench, add, remove) == foretold


def test_room_that_the_change_makes_itself():
    bench = _crowded()
    add = [["mroute", f"eth{number}", "*", "225.0.0.1", []] for number in (30, 31, 32)]
    remove = [["mroute", "eth0", "*", "225.9.9.9"]]
    assert isinstance(_outcome(bench.rehearse, add), tuple)
    assert _outcome(bench.rehearse, add, remove) == {}


def test_room_that_a_phyint_takes():
    bench = _crowded()
    bench.apply([["phyint", "eth0", False, None, None]])
    bench.apply([["mroute", f"eth{number}", "*", "225.0.0.1", []] for number in (30, 31, 32)])
    foretold = _outcome(bench.rehearse, [], [["phyint", "eth0"]])
    assert isinstance(foretold, tuple)
    assert foretold[2] == ("phyint", "eth0")
    assert _outcome(_apply, bench, [], [["phyint", "eth0"]]) == foretold
