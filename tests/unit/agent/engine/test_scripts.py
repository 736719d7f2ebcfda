"""What is told of flows to a supervisor that runs a program for each of them."""

from __future__ import annotations

import pytest

from smcroute_agent.channel import ChannelFull, channel_pair
from smcroute_agent.engine import scripts
from smcroute_agent.engine.addresses import IPV4
from smcroute_agent.engine.kernel.mroute import NOCACHE
from smcroute_agent.engine.scripts import Scripts


class Full:
    """A channel that has no room."""

    def send(self, message: object) -> None:
        raise ChannelFull("no room")


def learn(told: Scripts, count: int) -> None:
    for number in range(count):
        told.learned(IPV4, (NOCACHE, 0, 0x0A000001, 0xE1000000 + number))


@pytest.fixture
def told(monkeypatch) -> Scripts:
    monkeypatch.setattr(scripts, "MAX_SCRIPTS", 3)
    return Scripts(wanted=True)


def test_flows_are_told_one_by_one_and_those_left_out_are_counted(told, caplog):
    learn(told, 5)
    ours, theirs = channel_pair()
    groups = []
    for _ in range(3):
        assert not caplog.messages
        told.tell(ours)
        message, _ = theirs.receive()
        groups.append(message["script"]["group"])
    assert groups == ["225.0.0.0", "225.0.0.1", "225.0.0.2"]
    assert caplog.messages == ["2 scripts are not run: too many at once"]
    ours.close()
    theirs.close()


def test_what_a_supervisor_does_not_take_is_left_out(told, caplog):
    learn(told, 5)
    told.tell(Full())
    assert len(told) == 0
    assert caplog.messages == ["5 scripts are not run: too many at once"]


def test_without_a_program_nothing_waits():
    told = Scripts(wanted=False)
    learn(told, 2)
    assert len(told) == 0
