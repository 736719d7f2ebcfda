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


@pytest.mark.parametrize("names", [["a"], ["a", "a"], ["a", "b\0"], ["a", "b\nX=1"], "ab", None])
def test_names_that_no_engine_gives(descriptors, names):
    """They are in the command line of the next engine, and go to the service manager."""
    a, b, c, d, *_ = descriptors
    estate = Estate()
    estate.hand_on(["IPv4", "vifs"], (a, b))
    with pytest.raises(ValueError, match="names"):
        estate.hand_on(names, (c, d))
    assert estate.descriptors() == (a, b)
    assert [is_open(descriptor) for descriptor in (a, b, c, d)] == [True, True, False, False]


@pytest.mark.parametrize("number", ["7", None, [7]])
def test_numbers_that_no_engine_gives(descriptors, number):
    a, *_ = descriptors
    with pytest.raises(ValueError, match="number"):
        Estate().hold(number, (a,))
    assert not is_open(a)


class Store:
    """Notes what is put and removed."""

    def __init__(self) -> None:
        self.kept: dict[str, int] = {}

    def put(self, name: str, descriptor: int) -> None:
        assert name not in self.kept
        self.kept[name] = descriptor

    def remove(self, name: str) -> None:
        del self.kept[name]


def test_what_is_held_or_handed_on_is_in_the_store(descriptors):
    a, b, c, d, *_ = descriptors
    store = Store()
    estate = Estate(store)
    estate.hand_on(["IPv4", "vifs"], (a, b))
    estate.hold(7, (c,))
    held = next(name for name, descriptor in store.kept.items() if descriptor == c)
    assert store.kept == {"IPv4": a, "vifs": b, held: c}
    estate.begin_succession()
    assert held in store.kept
    estate.hold(7, (d,))
    assert len(store.kept) == 4
    estate.end_succession()
    assert held not in store.kept
    estate.close()
    assert sorted(store.kept.values()) == sorted((a, b, d))
    assert not any(map(is_open, (a, b, c, d)))


def test_the_store_is_told_of_what_is_new_only(descriptors, tmp_path):
    a, *_ = descriptors
    store = Store()
    estate = Estate(store)
    estate.hand_on(["IPv4", "IPv6"], (a, os.dup(a)))
    other = os.open(tmp_path, os.O_RDONLY)
    estate.hand_on(["IPv4", "vifs"], (os.dup(a), other))
    assert store.kept == {"IPv4": a, "vifs": other}
    estate.close()


def test_what_the_smcrouted_before_has_left(descriptors):
    a, b, *_ = descriptors
    store = Store()
    before = Estate(store)
    before.hand_on(["IPv4"], (a,))
    before.hold(7, (b,))
    estate = Estate(store, dict(store.kept))
    assert estate.arguments() == [f"--inherit=IPv4={a}"]
    estate.hold(7, (descriptors[2],))
    estate.end_succession()
    assert sorted(store.kept.values()) == [a, descriptors[2]]
    assert not is_open(b)
    estate.renounce()
    assert store.kept == {}
    assert not is_open(a)
