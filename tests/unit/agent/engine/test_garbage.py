"""Changes leave no cycles, so that what they have made need not be looked at."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from smcroute_agent.engine import garbage
from tests.unit.agent.engine.connected import ROUTES, Connected
from tests.unit.agent.engine.kernels import Bench

BAD = ["mroute", "eth0", "*", "192.0.2.1", ["eth1"]]
MISSING = ["mroute", "eth9", "*", "225.1.1.1"]


@pytest.fixture(autouse=True)
def _collector_off() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


def told(connected: Connected, **message: object) -> dict[str, object]:
    connected.agent.send({"id": 1, "do": "apply", **message})
    connected.client.on_readable()
    connected.work()
    return connected.answer()


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ({"add": ROUTES[:500]}, "ok"),
        ({"add": [BAD]}, "error"),
        ({"add": [["mroute"]]}, "error"),
        ({"remove": [MISSING]}, "error"),
        ({"add": ROUTES[:500], "rehearsal": True}, "ok"),
        ({"add": [], "remove": [], "replace_all": True, "flush": True}, "ok"),
    ],
)
def test_neither_a_change_nor_its_refusal_leaves_any(
    connected: Connected, message: dict[str, object], outcome: str
) -> None:
    told(connected, add=ROUTES[500:600])
    gc.collect()
    assert outcome in told(connected, **message)
    assert gc.collect() == 0


def test_a_refusal_of_the_kernel_leaves_none(bench: Bench) -> None:
    connected = Connected(bench)
    bench.refusing.refuse_at = bench.refusing.calls + 100
    gc.collect()
    assert "error" in told(connected, add=ROUTES[:500])
    assert gc.collect() == 0


def test_what_a_change_has_made_is_not_looked_at(connected: Connected) -> None:
    gc.freeze()
    held = gc.get_freeze_count()
    told(connected, add=ROUTES)
    assert gc.get_freeze_count() > held + len(ROUTES)
    assert gc.get_count()[0] < garbage.ENOUGH


def test_garbage_is_found_when_there_is_enough() -> None:
    class Node:
        def __init__(self) -> None:
            self.itself = self

    gc.freeze()
    for _ in range(garbage.ENOUGH):
        Node()
    assert sum(isinstance(found, Node) for found in gc.get_objects()) == garbage.ENOUGH
    garbage.collect()
    assert not any(isinstance(found, Node) for found in gc.get_objects())
