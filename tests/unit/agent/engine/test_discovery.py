"""Messages of RFC 4286 to the octet, and when they are sent."""

from __future__ import annotations

import pytest

from smcroute_agent.engine.addresses import IPV4, IPV6
from smcroute_agent.engine.discovery import Discovery
from smcroute_agent.engine.interfaces import IFF_MULTICAST, IFF_RUNNING, IFF_UP
from smcroute_agent.engine.kernel.discovery import (
    advertisement,
    checksum,
    is_solicitation,
    termination,
)
from smcroute_agent.engine.kernel.netlink import LinkState
from smcroute_agent.errors import EngineError
from tests.unit.agent.engine.kernels import Bench

UP = IFF_MULTICAST | IFF_UP | IFF_RUNNING
ROUTE = ["mroute", "eth0", "10.0.0.1", "225.1.1.1", ["eth1"]]
ROUTE6 = ["mroute", "eth0", "2001:db8::1", "ff0e::1", ["eth1"]]
PHYINT = ["phyint", "eth1", None, True, None]
ADVERTISEMENT, TERMINATION = 0x30, 0x32


def test_messages_to_the_octet():
    assert advertisement(IPV4, 20).hex(" ") == "30 14 cf eb 00 00 00 00"
    assert advertisement(IPV4, 180).hex(" ") == "30 b4 cf 4b 00 00 00 00"
    assert termination(IPV4).hex(" ") == "32 00 cd ff"
    # The kernel fills in the checksum of ICMPv6.
    assert advertisement(IPV6, 20).hex(" ") == "97 14 00 00 00 00 00 00"
    assert termination(IPV6).hex(" ") == "99 00 00 00"


def test_checksum_of_rfc_1071():
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0x220D
    assert checksum(b"\x01") == 0xFEFF


GOOD = bytes.fromhex(
    "46c000200000400001020000 0a000002 e0000002 94040000 3100ceff".replace(" ", "")
)


@pytest.mark.parametrize(
    ("offset", "octet"),
    [(8, 2), (19, 1), (24, 0x30), (27, 0xFE), (0, 0x4F)],
    ids=["ttl", "group", "type", "checksum", "header"],
)
def test_solicitation(offset, octet):
    assert is_solicitation(GOOD)
    bad = bytearray(GOOD)
    bad[offset] = octet
    assert not is_solicitation(bytes(bad))
    assert not any(is_solicitation(GOOD[:length]) for length in range(len(GOOD)))


class Ear:
    """A socket that notes what is sent and hears what it is told."""

    def __init__(self):
        self.sent: list[tuple[int, int]] = []
        self.listening: set[int] = set()
        self.heard: list[int | None] = []
        self.refuses = False

    def listen(self, ifindex, name):
        if self.refuses:
            raise EngineError(f"no join on {name}")
        self.listening.add(ifindex)

    def ignore(self, ifindex):
        self.listening.remove(ifindex)

    def send(self, ifindex, message):
        self.sent.append((ifindex, message[0]))

    def receive(self):
        if not self.heard:
            raise BlockingIOError
        return self.heard.pop(0)


class Stage:
    """A discovery on the bench's router, with a clock in the test's hand."""

    def __init__(self, bench: Bench, interval: int = 100):
        self.bench = bench
        self.now = 1000.0
        self.luck = 0.5
        self.ears = {IPV4: Ear(), IPV6: Ear()}
        self.discovery = Discovery(
            bench.router, self.ears, interval, clock=lambda: self.now, random=lambda: self.luck
        )
        bench.links([LinkState(i, f"eth{i - 2}", UP) for i in range(2, 6)])

    def apply(self, *args, **kwargs):
        self.bench.apply(*args, **kwargs)
        self.discovery.update()

    def links(self, *args, **kwargs):
        self.bench.links(*args, **kwargs)
        self.discovery.update()

    def times(self, until: float) -> list[float]:
        """When IPv4 messages are sent until a moment, from now on."""
        start, found = self.now, []
        while self.discovery.due is not None and self.discovery.due <= start + until:
            self.now = self.discovery.due
            before = len(self.ears[IPV4].sent)
            self.discovery.step()
            found += [self.now - start] * (len(self.ears[IPV4].sent) - before)
        self.now = start + until
        return found


@pytest.fixture
def stage(bench):
    return Stage(bench)


def test_three_at_once_then_one_in_every_interval(stage):
    stage.apply([ROUTE, PHYINT])
    assert stage.times(350) == [1, 2, 3, 103, 203, 303]
    assert stage.ears[IPV4].sent == [(3, ADVERTISEMENT)] * 6
    assert stage.ears[IPV6].sent == []


@pytest.mark.parametrize(("luck", "interval"), [(0.0, 97.5), (1.0, 102.5)])
def test_jitter(stage, luck, interval):
    stage.luck = luck
    stage.apply([ROUTE, PHYINT])
    times = stage.times(260)
    assert times[:3] == [6 * luck * i / 3 for i in (1, 2, 3)]
    assert times[4] - times[3] == pytest.approx(interval)


def test_neither_without_a_vif_nor_without_being_asked(stage):
    stage.apply([["phyint", "eth+", None, True, None]])
    assert stage.discovery.due is None
    stage.apply([["mroute", "eth0", "10.0.0.1", "225.1.1.1", []]])
    stage.times(10)
    assert {ifindex for ifindex, _ in stage.ears[IPV4].sent} == {2}


def test_families_follow_their_vifs(stage):
    stage.apply([ROUTE6, PHYINT])
    stage.times(10)
    assert stage.ears[IPV4].sent == []
    assert stage.ears[IPV6].sent == [(3, 151)] * 3


@pytest.mark.parametrize(
    "end",
    [
        {"remove": [["phyint", "eth1"]]},
        {"remove": [ROUTE[:4]]},
        {"add": [["phyint", "eth1", False, True, None]]},
    ],
)
def test_termination_when_it_is_switched_off(stage, end):
    stage.apply([ROUTE, PHYINT])
    stage.times(10)
    stage.apply(**end)
    assert stage.ears[IPV4].sent[-1] == (3, TERMINATION)
    assert stage.ears[IPV4].listening == set()
    assert stage.discovery.due is None


def test_no_termination_for_what_has_gone(stage):
    stage.apply([ROUTE, PHYINT])
    stage.times(10)
    stage.links(gone=[3])
    assert set(stage.ears[IPV4].sent) == {(3, ADVERTISEMENT)}
    assert stage.ears[IPV4].listening == set()
    stage.links([LinkState(30, "eth1", UP)])
    assert stage.times(10) == [1, 2, 3]
    assert stage.ears[IPV4].sent[-1] == (30, ADVERTISEMENT)


def test_link_without_carrier(stage):
    stage.apply([ROUTE, PHYINT])
    stage.times(10)
    stage.links([LinkState(3, "eth1", UP & ~IFF_RUNNING)])
    assert stage.discovery.due is None
    stage.links([LinkState(3, "eth1", UP)])
    assert stage.times(10) == [1, 2, 3]


def test_stop_ends_all(stage):
    stage.apply([ROUTE, ROUTE6, PHYINT, ["phyint", "eth0", None, True, None]])
    stage.times(10)
    stage.discovery.stop()
    assert set(stage.ears[IPV4].sent[-2:]) == {(2, TERMINATION), (3, TERMINATION)}
    assert set(stage.ears[IPV6].sent[-2:]) == {(2, 153), (3, 153)}
    assert stage.discovery.due is None


def test_solicitations(stage):
    stage.apply([ROUTE, PHYINT])
    assert stage.times(10) == [1, 2, 3]
    stage.ears[IPV4].heard = [None, 99, 3, 3, 3]
    stage.discovery.on_readable(IPV4)
    assert stage.times(5) == [1]
    stage.luck = 0.0
    for _ in range(100):
        stage.ears[IPV4].heard = [3]
        stage.discovery.on_readable(IPV4)
        stage.discovery.step()
        stage.now += 0.1
    answers = len(stage.ears[IPV4].sent) - 4
    assert answers == 5  # 10 s of asking, an answer in every 2


def test_solicitations_that_cannot_be_heard_are_no_reason_for_silence(stage):
    stage.ears[IPV4].refuses = True
    stage.apply([ROUTE, PHYINT])
    assert stage.times(10) == [1, 2, 3]
    stage.apply(remove=[["phyint", "eth1"]])
    assert stage.ears[IPV4].sent[-1] == (3, TERMINATION)


def test_interface_that_takes_no_packet(stage, monkeypatch):
    stage.apply([ROUTE, PHYINT])

    def fail(ifindex, message):
        raise OSError(100, "network is down")

    monkeypatch.setattr(stage.ears[IPV4], "send", fail)
    stage.times(10)
    monkeypatch.undo()
    assert stage.times(200) == [pytest.approx(93), pytest.approx(193)]
