"""Tests of bench/benchmark.py and bench/table.py: what counts as met, and how it reads."""

from __future__ import annotations

import pytest

from bench.benchmark import Row
from bench.table import number, render


@pytest.mark.parametrize(
    ("row", "met"),
    [
        (Row("load", "s", (0.9, 1.4, 0.8), target=1.0), True),
        (Row("load", "s", (1.1, 1.4, 0.8), target=1.0), False),
        (Row("load", "s", (1.1,)), None),
        (Row("burst", "", (999.0,), target=1000, more_is_better=True), False),
        (Row("burst", "", (1000.0,), target=1000, more_is_better=True), True),
    ],
)
def test_the_median_decides(row, met):
    assert row.met is met


def test_the_ratio_is_ours_over_theirs():
    assert Row("load", "s", (1.0,), (4.0,)).ratio == 0.25
    assert Row("load", "s", (1.0,)).ratio is None


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "s", "-"),
        (0.0031, "s", "0.003 s"),
        (0.5, "s", "0.50 s"),
        (12.34, "ms", "12.3 ms"),
        (1000.0, "", "1000"),
        (841.4, "µs", "841 µs"),
    ],
)
def test_numbers_have_three_digits(value, unit, text):
    assert number(value, unit) == text


def test_each_peer_has_a_table():
    text = render([Row("a", "s", (1.0,)), Row("b", "s", (1.0,), (2.0,), peer="netopeer2")])
    first, second = text.split("\n\n")
    assert "Debian's" in first
    assert "netopeer2" in second
    assert second.splitlines()[1].split()[:3] == ["b", "1", "s"]


def test_a_table_says_met_and_missed():
    text = render(
        [
            Row("ready", "s", (0.3,), (0.01,), 0.5),
            Row("load", "s", (2.0,), (7.0,), 1.0),
        ]
    )
    heading, ready, load = text.splitlines()
    assert "Debian's" in heading
    assert ready.endswith("met")
    assert load.endswith("MISSED")
