"""engine/precedence.py: the engine goes first, and for a share of the time only."""

from __future__ import annotations

import pytest

from smcroute_agent.engine.precedence import BURST, SHARE, Precedence


class Machine:
    """A clock, and how long the process went first."""

    def __init__(self) -> None:
        self.now = 50.0
        self.is_first = True
        self.changes = 0
        self.first = 0.0
        self.precedence = Precedence(self.go_first, self.step_back, lambda: self.now)

    def go_first(self) -> None:
        assert not self.is_first
        self.is_first = True
        self.changes += 1

    def step_back(self) -> None:
        assert self.is_first
        self.is_first = False
        self.changes += 1

    def rest(self, seconds: float) -> None:
        self.now += seconds
        self.precedence.rested()

    def work(self, seconds: float) -> None:
        self.first += seconds if self.is_first else 0.0
        self.now += seconds
        self.precedence.worked()


def test_it_goes_first_while_it_works_little() -> None:
    machine = Machine()
    for _ in range(1000):
        machine.work(0.001)
        machine.rest(0.001)
    assert machine.is_first
    assert not machine.changes


def test_it_does_not_while_it_works_long() -> None:
    machine = Machine()
    machine.work(BURST)
    assert machine.is_first
    machine.work(2 * BURST)
    assert not machine.is_first
    machine.rest(BURST)
    assert not machine.is_first
    machine.rest(2 * BURST)
    assert machine.is_first


@pytest.mark.parametrize("rest", [0.0, 0.0001, 0.0005])
def test_it_goes_first_for_its_share_at_the_most(rest: float) -> None:
    machine = Machine()
    begin = machine.now
    for _ in range(20_000):
        machine.work(0.001)
        machine.rest(rest)
    assert machine.first <= SHARE * (machine.now - begin) + BURST + 0.001
    assert machine.first >= SHARE / 2 * (machine.now - begin)
    assert machine.changes <= (machine.now - begin) / (BURST / 2) + 1
