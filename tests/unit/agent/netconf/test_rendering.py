"""Long replies are written beside the event loop, with the same octets."""

from __future__ import annotations

import asyncio
import threading

import pytest

from smcroute_agent.netconf.operations import rendering
from smcroute_agent.netconf.operations.rendering import LARGE, entries, rendered
from smcroute_agent.yang.data import Container
from smcroute_agent.yang.serialize import to_xml
from tests.unit.agent.datastore.setting import tree


@pytest.mark.parametrize(
    ("count", "in_main_thread"), [(0, True), (LARGE - 1, True), (LARGE, False)]
)
def test_where_a_reply_is_written(
    monkeypatch: pytest.MonkeyPatch, count: int, in_main_thread: bool
) -> None:
    threads = []

    def writing(of: Container) -> bytes:
        threads.append(threading.current_thread())
        return to_xml(of)

    monkeypatch.setattr(rendering, "to_xml", writing)
    shown = tree(*(f"225.{number // 250}.{number % 250}.1" for number in range(count)))
    assert entries(shown) == count
    assert asyncio.run(rendered(shown)) == to_xml(shown)
    assert [thread is threading.main_thread() for thread in threads] == [in_main_thread]
