"""Tests of lab/wait.py."""

from __future__ import annotations

import pytest

from lab.wait import WaitTimeout, wait_for


def test_returns_the_first_true_value():
    values = iter([0, None, "there", "later"])
    assert wait_for(lambda: next(values), "a value", interval=0) == "there"


def test_says_what_it_waited_for_and_what_it_saw():
    with pytest.raises(WaitTimeout, match=r"in vain: three packets \(last seen: 0\)"):
        wait_for(lambda: 0, "three packets", timeout=0)


def test_a_description_may_be_made_at_the_end():
    seen = []

    def condition() -> bool:
        seen.append(1)
        return False

    with pytest.raises(WaitTimeout, match="seen 1"):
        wait_for(condition, lambda: f"seen {len(seen)}", timeout=0)
