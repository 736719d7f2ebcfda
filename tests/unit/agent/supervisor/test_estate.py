"""Descriptors that outlive the engine that opened them."""

from __future__ import annotations

import os

import pytest

from smcroute_agent.supervisor.estate import Estate


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


@pytest.fixture
def descriptors():
    made = [os.open(os.devnull, os.O_RDONLY) for _ in range(6)]
    yield made
    for descriptor in filter(is_open, made):
        os.close(descriptor)


def test_what_is_handed_on(descriptors):
    a, b, c, *_ = descriptors
    estate = Estate()
    assert estate.arguments() == []
    estate.hand_on(["IPv4", "vifs"], (a, b))
    assert estate.arguments() == [f"--inherit=IPv4={a}", f"--inherit=vifs={b}"]
    assert estate.descriptors() == (a, b)
    estate.hand_on(["IPv4"], (c,))
    assert estate.descriptors() == (c,)
    assert [is_open(descriptor) for descriptor in (a, b, c)] == [False, False, True]
    estate.close()
    assert not is_open(c)
    assert estate.arguments() == []


def test_what_is_held_until_the_next_engine_has_its_own(descriptors):
    a, b, c, d, e, f = descriptors
    estate = Estate()
    estate.hold(7, (a,))
    estate.hold(8, (b, f))
    assert not is_open(f)  # one is all that an engine sends
    estate.release(7)
    estate.release(7)
    assert not is_open(a)
    estate.begin_succession()
    estate.hold(8, (c,))
    assert is_open(b)
    estate.begin_succession()
    estate.hold(8, (d,))
    estate.hold(8, (e,))
    assert not is_open(d)
    estate.end_succession()
    assert [is_open(descriptor) for descriptor in (b, c, e)] == [False, False, True]
    estate.close()
    assert not is_open(e)
