"""How long a pattern may take is known before it is tried."""

from __future__ import annotations

import pytest

from smcroute_agent.yang.regex_cost import ALWAYS, steps


@pytest.mark.parametrize(
    ("pattern", "choices"),
    [
        ("", 0),
        ("abc", 0),
        (r"225\.0\.0\.1", 0),
        (r"225\..*", 1),
        (r"\.\*\+\|", 0),
        (r"[*+|(]", 0),
        (r"[a-z-[aeiou]]*b", 1),
        (r"\p{L}{2}", 1),
        (r"a*b*|c?", 4),
        (r"(abc)*", 1),
        (r"(a|b)?", 2),
    ],
)
def test_choices_multiply(pattern: str, choices: int) -> None:
    assert steps(pattern, "x" * 10) == 10**choices


@pytest.mark.parametrize("pattern", ["(a*)*", "(a|a)*b", "((a?)b)+", "(a|b){20}", "(.*){20}"])
def test_repeated_choices_have_no_bound(pattern: str) -> None:
    assert steps(pattern, "a") == ALWAYS


def test_many_choices_in_a_row_are_too_many() -> None:
    assert steps("a?" * 40, "a" * 40) == ALWAYS
