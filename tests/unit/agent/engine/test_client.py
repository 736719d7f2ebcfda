"""The agent's channel without the loop: what an answer may hold, and an agent that goes."""

from __future__ import annotations

import pytest

from smcroute_agent.channel import MAX_MESSAGE, Channel
from tests.unit.agent.engine.connected import ROUTES

QUOTES = '"' * 15
"""An interface name whose JSON is twice as long."""

_REST = ":1111:2222:3333:4444:5555:{:x}:7776/127"

LOOPS = [
    ["mroute", QUOTES, "2001" + _REST.format(i), "ff1e" + _REST.format(i), [QUOTES]]
    for i in range(0x1000, 0x1000 + 1000)
]
"""Each of them deserves a warning: out is in."""


def test_warnings_that_fill_the_answer_are_counted_instead(connected):
    connected.send(LOOPS)
    connected.work()
    answer = connected.answer()
    assert answer["ok"]
    assert 100 < len(answer["warnings"]) < len(LOOPS)
    assert len(answer["warnings"]) + answer["omitted"] == len(LOOPS)
    assert len(connected.bench.router.rules) == len(LOOPS)


def test_an_answer_that_is_too_large_becomes_an_error(connected, monkeypatch):
    monkeypatch.setattr("smcroute_agent.engine.protocol.MAX_ROWS", 2 * MAX_MESSAGE)
    connected.send(LOOPS)
    connected.work()
    error = connected.answer()["error"]
    assert error["kind"] == "engine"
    assert "send it in parts" in error["message"]
    assert not connected.client.closed


@pytest.mark.parametrize("steps", range(1, 12))
def test_a_change_whose_agent_goes_is_not_applied(connected, steps):
    """Also while its difference is only being found."""
    connected.send(ROUTES)
    for _ in range(steps):
        connected.jobs.step()
    connected.client.close()
    while connected.jobs:
        connected.jobs.step()
    assert connected.bench.router.rules == {}
    assert connected.bench.router.out_interfaces == 0


def test_a_change_whose_agent_goes_after_its_end_stays(connected):
    connected.send(ROUTES)
    while connected.jobs:
        connected.jobs.step()
    connected.client.close()
    assert len(connected.bench.router.rules) == len(LOOPS)


def test_the_channel_is_closed_with_the_client(connected):
    agent: Channel = connected.agent
    connected.client.close()
    assert agent.socket.recv(1) == b""
