"""What is counted of sessions."""

from __future__ import annotations

import pytest

from smcroute_agent.netconf.statistics import Counters, Statistics


def test_counters_begin_anew_after_32_bits() -> None:
    counters = Counters(in_rpcs=2**32 + 3, out_notifications=2**32 - 1)
    assert counters.values() == {
        "in-rpcs": 3,
        "in-bad-rpcs": 0,
        "out-rpc-errors": 0,
        "out-notifications": 2**32 - 1,
    }


def test_the_total_is_of_all_sessions_that_are_and_were() -> None:
    statistics = Statistics()
    statistics.session_ended("closed", Counters(1, 2, 3, 4))
    statistics.session_ended("closed", Counters(10, 20, 30, 40))
    opened = Counters(100, 200, 300, 400)
    assert statistics.total([opened]) == Counters(111, 222, 333, 444)
    assert statistics.total([]) == Counters(11, 22, 33, 44)
    assert opened == Counters(100, 200, 300, 400)


@pytest.mark.parametrize(
    ("reason", "dropped", "bad_hellos"),
    [
        ("closed", 0, 0),
        ("killed", 0, 0),
        ("bad-hello", 0, 1),
        ("dropped", 1, 0),
        ("timeout", 1, 0),
        ("other", 1, 0),
    ],
)
def test_how_a_session_ended(reason: str, dropped: int, bad_hellos: int) -> None:
    statistics = Statistics()
    statistics.session_ended(reason, Counters())
    assert (statistics.dropped_sessions, statistics.in_bad_hellos) == (dropped, bad_hellos)
