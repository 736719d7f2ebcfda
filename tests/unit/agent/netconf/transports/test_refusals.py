"""netconf/transports/stream.py: a flood of refused connections does not fill the log."""

from __future__ import annotations

import logging
import time

import pytest

from smcroute_agent.netconf.transports.stream import Refusals


def test_one_line_an_interval(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    refusals = Refusals()
    with caplog.at_level(logging.WARNING):
        for _ in range(100):
            refusals.add("refused")
        now += Refusals.INTERVAL
        refusals.add("again")
    assert [record.getMessage() for record in caplog.records] == [
        "refused",
        "again (99 more since the last such line)",
    ]
