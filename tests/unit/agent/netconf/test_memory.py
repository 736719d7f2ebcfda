"""What was parsed is not kept longer than it is needed, whatever becomes of the request."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import pytest
from lxml import etree

from smcroute_agent.nacm.guard import Subject
from smcroute_agent.netconf import memory
from smcroute_agent.netconf.memory import IN_WORK, RECEIVED, SUBSCRIPTION, Memory, Share
from smcroute_agent.yang.data import Container
from smcroute_agent.yang.xpath.item import Item
from tests.unit.agent.netconf.agent import SMC, Agent, edit, smcroute
from tests.unit.agent.netconf.wire import HELLO_1_1, Wire, chunk, rpc

PATIENCE = 10.0
"""Seconds."""


def elements() -> int:
    return sum(isinstance(found, etree._Element) for found in gc.get_objects())


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(edit(smcroute("<phyint><name>eth0</name></phyint>")), id="done"),
        pytest.param(edit(smcroute("<nothing/>")), id="wrong data"),
        pytest.param(edit(smcroute("<mroute/>")), id="no key"),
        pytest.param("<nothing/>", id="no operation"),
        pytest.param("<get><filter><a/></filter></get>", id="filter"),
    ],
)
def test_a_message_is_gone_when_it_is_answered(operation: str) -> None:
    """Without the garbage collector, which may come much later."""

    async def main() -> None:
        before = elements()
        agent = Agent(Path("/nowhere"), None)
        wire = Wire()
        session = agent.server.open(wire, Subject("root", recovery=True))
        session.received(HELLO_1_1)
        while session.busy:
            await asyncio.sleep(0)
        session.received(chunk(rpc(operation)))
        while session.busy:
            await asyncio.sleep(0)
        assert b"<rpc-reply" in wire.octets
        # The thread that parsed it may be about to let go of it.
        async with asyncio.timeout(PATIENCE):
            while elements() != before:
                await asyncio.sleep(0)

    gc.collect()
    gc.disable()
    try:
        asyncio.run(main())
    finally:
        gc.enable()


XPATH = (
    f"<get-config><source><running/></source>"
    f"<filter type='xpath' xmlns:s='{SMC}' select='//s:phyint[s:name=\"eth0\"]'/></get-config>"
)
REPORT_ALL = (
    "<get-config><source><running/></source><with-defaults"
    " xmlns='urn:ietf:params:xml:ns:yang:ietf-netconf-with-defaults'>report-all</with-defaults>"
    "</get-config>"
)


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(edit(smcroute("<phyint><name>eth0</name></phyint>")), id="edit"),
        pytest.param(edit(smcroute("<mroute/>")), id="refused edit"),
        pytest.param("<validate><source><running/></source></validate>", id="validate"),
        pytest.param("<commit/>", id="commit"),
        pytest.param(XPATH, id="xpath"),
        pytest.param(REPORT_ALL, id="report-all"),
    ],
)
def test_no_tree_waits_for_the_garbage_collector(operation: str) -> None:
    async def main() -> None:
        agent = Agent(Path("/nowhere"), None)
        wire = Wire()
        session = agent.server.open(wire, Subject("root", recovery=True))
        for message in (
            HELLO_1_1,
            chunk(rpc(edit(smcroute("<phyint><name>eth1</name></phyint>"), target="<candidate/>"))),
            chunk(rpc(operation)),
            chunk(rpc(operation)),
        ):
            session.received(message)
            while session.busy:
                await asyncio.sleep(0)
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        gc.set_debug(0)
        assert not [found for found in gc.garbage if isinstance(found, Container | Item)]

    gc.collect()
    gc.disable()
    try:
        asyncio.run(main())
    finally:
        gc.garbage.clear()
        gc.enable()


class Holder:
    """Somebody with a share."""

    def __init__(self, shares: Memory, owner: str = "") -> None:
        self.share = Share(shares, owner or str(id(self)), self.end)
        self.ended = False

    def end(self) -> None:
        self.ended = True
        self.share.close()


def test_the_largest_shares_go_until_there_is_enough() -> None:
    shares = Memory(100)
    holders = [Holder(shares) for _ in range(4)]
    for holder, octets in zip(holders, (60, 40, 5, 90), strict=True):
        holder.share.hold(IN_WORK, octets)
    assert [holder.ended for holder in holders] == [True, False, False, True]
    assert shares.used == 45


def test_who_has_many_small_shares_makes_way_for_who_has_a_large_one() -> None:
    shares = Memory(100)
    many = [Holder(shares, "hoarder") for _ in range(6)]
    for number, holder in enumerate(many):
        holder.share.hold(IN_WORK, 9 + number)
    other = Holder(shares, "other")
    other.share.hold(IN_WORK, 45)
    assert not other.ended
    assert [holder.ended for holder in many] == [False] * 5 + [True]


def test_the_parts_of_a_share_count_together_and_none_after_its_end() -> None:
    shares = Memory(100)
    holder = Holder(shares)
    for part, octets in ((RECEIVED, 50), (IN_WORK, 10), (SUBSCRIPTION, 20), (IN_WORK, 15)):
        holder.share.hold(part, octets)
    assert (shares.used, holder.share.part(IN_WORK)) == (85, 15)
    holder.share.hold(SUBSCRIPTION, 36)
    assert holder.ended
    holder.share.hold(RECEIVED, 1)
    assert shares.used == 0


def test_what_a_large_message_took_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    given_back: list[None] = []
    monkeypatch.setattr(memory, "give_back", lambda: given_back.append(None))
    monkeypatch.setattr(memory, "DELAY", 0)

    async def main() -> None:
        shares = Memory(1 << 30)
        holder = Holder(shares)
        for octets in (memory.LARGE, 0, memory.LARGE + 1, 10):
            holder.share.hold(IN_WORK, octets)
        await asyncio.sleep(0.001)

    asyncio.run(main())
    assert len(given_back) == 1
