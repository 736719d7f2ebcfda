"""The tree of the operational state from the engine's rows: few, or many in a thread."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from smcroute_agent.agent import operational
from smcroute_agent.agent.operational import Facts, Operational
from smcroute_agent.engine import protocol
from smcroute_agent.yang.reach import Part
from smcroute_agent.yang.schema import packaged
from smcroute_agent.yang.serialize import to_xml
from tests.unit.agent.datastore.setting import tree

SCHEMA = packaged()
SMC = "{urn:mcast:params:xml:ns:yang:smcroute}"
GROUPS = ("225.1.1.1", "225.1.1.2")
ROWS: dict[str, list[Any]] = {
    protocol.STATUSES: [
        [["mroute", "eth0", "10.0.0.1", group], "pending", "no eth0", ["odd"]] for group in GROUPS
    ],
    protocol.ENTRIES: [
        ["10.0.0.1", GROUPS[0], "eth0", "static", [["eth1", 1]], 5, 500, 0, 3600, 2]
    ],
    protocol.INTERFACES: [["eth0", 2, 0, None, None, [1, 2, 3, 4], None, 0x1043]],
    protocol.MEMBERSHIPS: [["eth0", "*", GROUPS[0]]],
}


class Engine:
    """Answers with ROWS, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[str, ...], Any]] = []

    async def read(self, *what: str, only: Any) -> dict[str, Any]:
        self.asked.append((what, only))
        return {name: ROWS.get(name, {"upcalls": 7}) for name in what}


def state(engine: Any, reach: Any = None) -> str:
    facts = Facts("x", 0, "2026-11-22T00:00:00Z")
    made = Operational(SCHEMA, engine, facts, lambda: {"edits": 3})
    return to_xml(asyncio.run(made.tree(tree(*GROUPS), reach))).decode()


@pytest.mark.parametrize("large", [1, 1000])
def test_all_rows_are_there(monkeypatch: pytest.MonkeyPatch, large: int) -> None:
    monkeypatch.setattr(operational, "LARGE", large)
    engine = Engine()
    shown = state(engine)
    # In one sweep: what belongs together is of the same moment.
    ((asked, only),) = engine.asked
    assert (set(asked), only) == (set(operational.SUBJECTS.values()), {})
    assert shown.count("<state>pending</state><reason>no eth0</reason><warning>odd</warning>") == 2
    for piece in (
        "<ipv4><in-packets>1</in-packets><in-bytes>3</in-bytes><out-packets>2</out-packets>",
        "<upcalls>7</upcalls><edits>3</edits>",
        "<packets>5</packets><bytes>500</bytes>",
        "<uptime>3600</uptime><idle>2</idle>",
        "<flags>up broadcast running multicast</flags>",
        "<membership><interface>eth0</interface>",
    ):
        assert piece in shown


def test_what_is_named_by_key_is_read_by_key() -> None:
    engine, key = Engine(), ("eth0", "10.0.0.1", GROUPS[1])
    shown = state(engine, frozenset([Part(f"{SMC}smcroute", f"{SMC}mroute", key)]))
    assert engine.asked == [
        ((protocol.STATUSES,), {protocol.STATUSES: [("mroute", *key)]}),
    ]
    assert (GROUPS[0] in shown, GROUPS[1] in shown) == (False, True)
    flow = ("10.0.0.1", GROUPS[0])
    reach = [
        Part(f"{SMC}smcroute", f"{SMC}forwarding-entry", flow),
        Part(f"{SMC}smcroute", f"{SMC}phyint"),
        Part(f"{SMC}smcroute", f"{SMC}interface", ("eth0",)),
    ]
    state(engine, frozenset(reach))
    assert engine.asked[1] == (
        (protocol.ENTRIES, protocol.INTERFACES, protocol.STATUSES),
        {
            protocol.STATUSES: [("phyint",)],
            protocol.ENTRIES: [flow],
            protocol.INTERFACES: [("eth0",)],
        },
    )
