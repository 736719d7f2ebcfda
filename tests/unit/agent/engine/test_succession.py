"""An engine that dies anywhere, and the next one that finds the kernel as it was left."""

from __future__ import annotations

import os

import pytest

from smcroute_agent.engine.addresses import FAMILIES, IPV4, text
from smcroute_agent.engine.interfaces import IFF_MULTICAST
from smcroute_agent.engine.kernel.netlink import LinkState
from smcroute_agent.engine.succession import Inheritance, VifMemory
from smcroute_agent.engine.vifs import RECORD_SIZE, recorded
from tests.unit.agent.engine.kernels import Bench, FakeRouting, run

S, G = "10.0.0.1", "225.1.1.1"
BEFORE = [
    ["mroute", "eth0", S, G, ["eth1", "eth2"]],
    ["mroute", "eth1", S, "225.1.1.2", ["eth0"]],
    ["mroute", "eth0", "*", "226.0.0.0/8", ["eth2"]],
    ["mroute", "eth0", "2001:db8::1", "ff0e::1", ["eth1", "eth3"]],
    ["phyint", "eth2", None, None, 5],
]
AFTER = [
    ["mroute", "eth0", S, G, ["eth3"]],
    ["mroute", "eth2", S, "225.1.1.3", ["eth3"]],
    ["mroute", "eth0", "*", "226.0.0.0/8", ["eth3", "eth4"]],
    ["mroute", "eth0", "2001:db8::1", "ff0e::1", ["eth3"]],
]


class Killed(BaseException):
    """The process is no more."""


class Death:
    """Comes before or after the nth call of the kernel; until then it counts."""

    def __init__(self) -> None:
        self.calls = 0
        self.at: int | None = None

    def around(self, call, *args):
        for _ in range(2):
            if self.calls == self.at:
                raise Killed
            self.calls += 1
            if call is not None:
                call(*args)
                call = None


class MortalRouting(FakeRouting):
    """A kernel whose engine can die with every call."""

    death: Death

    def add_vif(self, *args):
        self.death.around(super().add_vif, *args)

    def delete_vif(self, *args):
        self.death.around(super().delete_vif, *args)

    def write_entry(self, *args):
        self.death.around(super().write_entry, *args)

    def delete_entry(self, *args):
        self.death.around(super().delete_entry, *args)


class World:
    """A kernel, and engines one after the other."""

    def __init__(self) -> None:
        self.memory = VifMemory()
        self.death = Death()
        self.bench = Bench(interfaces=5)
        kernels = {family: MortalRouting(family, self.bench.refusing) for family in FAMILIES}
        for kernel in kernels.values():
            kernel.death = self.death
        self.bench.start(kernels)
        self.inheritance = Inheritance(self.bench.router, self.memory)

    def next_engine(self) -> None:
        """The one before is dead; its kernel and its memory are there."""
        self.death.at = None
        for kernel in self.bench.kernels.values():
            kernel.inherited = True
        self.bench.start(self.bench.kernels)
        self.inheritance = Inheritance(self.bench.router, self.memory)

    def apply(self, rules: list[list]) -> None:
        """What the agent does with a new engine."""
        self.bench.apply(rules, replace_all=True)
        run(self.inheritance.settle())
        assert self.inheritance.settled

    def table(self):
        return {family: self.bench.table(family) for family in FAMILIES}


def expected(rules: list[list]):
    """The table of an engine that never died, without traffic."""
    bench = Bench(interfaces=5)
    bench.apply(rules)
    return {family: bench.table(family) for family in FAMILIES}


def deaths() -> int:
    """In how many places the change from BEFORE to AFTER can be interrupted."""
    world = World()
    world.apply(BEFORE)
    start = world.death.calls
    world.apply(AFTER)
    return world.death.calls - start


@pytest.mark.parametrize("place", range(deaths()))
@pytest.mark.parametrize("rules", [BEFORE, AFTER], ids=["before", "after"])
def test_death_in_the_middle_of_a_change(place, rules):
    world = World()
    world.apply(BEFORE)
    world.bench.packet("eth0", S, "226.1.1.1")
    world.bench.packet("eth0", S, "230.1.1.1")
    world.death.at = world.death.calls + place
    with pytest.raises(Killed):
        world.apply(AFTER)
    world.next_engine()
    world.apply(rules)
    table = world.table()
    flows = {key: value for key, value in table[IPV4].items() if key in expected(rules)[IPV4]}
    assert flows == expected(rules)[IPV4]
    outs = {"eth2"} if rules is BEFORE else {"eth3", "eth4"}
    assert table[IPV4][S, "226.1.1.1"] == ("eth0", outs)
    assert table[IPV4][S, "230.1.1.1"] == ("eth0", set())
    origins = world.bench.origins()
    assert (origins[S, "226.1.1.1"], origins[S, "230.1.1.1"]) == ("learned", "stop")
    # What else is there was a route's once, and only stops its flow now.
    rest = table[IPV4].keys() - flows.keys() - {(S, "226.1.1.1"), (S, "230.1.1.1")}
    assert {origins[key] for key in rest} <= {"stop"}
    for family, kernel in world.bench.kernels.items():
        assert kernel.vifs == recorded(world.memory.of(family))
        held = world.bench.router.forwarding[family].vifs.held()
        assert {number: index for index, number in held.items()} == kernel.vifs
        assert len(table[family]) == len(world.bench.origins(family))


def test_nothing_is_written_when_nothing_changed():
    world = World()
    world.apply(BEFORE)
    calls = world.death.calls
    world.next_engine()
    world.apply(BEFORE)
    assert world.death.calls == calls
    assert world.table() == expected(BEFORE)
    assert set(world.bench.origins().values()) == {"static"}


def test_static_route_that_was_taken_over_leaves_nothing_to_a_template_without_traffic():
    world = World()
    world.apply(BEFORE)
    world.next_engine()
    world.apply([*BEFORE, ["mroute", "eth0", "*", G, ["eth1"]]])
    world.bench.apply(remove=[["mroute", "eth0", S, G]])
    assert (S, G) not in world.table()[IPV4]


def test_interface_that_went_meanwhile_and_another_that_takes_its_number():
    """A dump does not show that entries refer to a VIF which is no more."""
    world = World()
    world.apply(BEFORE)
    vif = next(number for number, i in world.bench.kernels[IPV4].vifs.items() if i == 4)
    for kernel in world.bench.kernels.values():
        kernel.vifs = {number: i for number, i in kernel.vifs.items() if i != 4}
    world.bench.present[9] = LinkState(9, "eth9", IFF_MULTICAST)
    del world.bench.present[4]
    world.next_engine()
    assert all(not legs[vif] for _, legs in world.bench.kernels[IPV4].entries.values())
    world.apply([*BEFORE, ["mroute", "eth9", S, "227.1.1.1", []]])
    assert world.bench.kernels[IPV4].vifs[vif] == 9
    assert world.table()[IPV4] == {
        (S, G): ("eth0", {"eth1"}),
        (S, "225.1.1.2"): ("eth1", {"eth0"}),
        (S, "227.1.1.1"): ("eth9", set()),
    }


def test_in_interface_that_went_meanwhile():
    world = World()
    world.apply(BEFORE)
    for kernel in world.bench.kernels.values():
        kernel.vifs = {number: i for number, i in kernel.vifs.items() if i != 2}
    del world.bench.present[2]
    world.next_engine()
    assert {text(IPV4, group) for _, group in world.bench.kernels[IPV4].entries} == {"225.1.1.2"}
    world.apply(BEFORE)
    assert world.table()[IPV4] == {(S, "225.1.1.2"): ("eth1", set())}


def test_in_interface_of_many_entries_went_meanwhile():
    """Taking them out must not hide others from the dump: nobody would ever end those."""
    world = World()
    flows = [(f"eth{number % 2}", f"225.1.1.{number}") for number in range(20)]
    world.apply([["mroute", interface, S, group, ["eth2"]] for interface, group in flows])
    for kernel in world.bench.kernels.values():
        kernel.vifs = {number: i for number, i in kernel.vifs.items() if i != 2}
    del world.bench.present[2]
    world.next_engine()
    world.apply([])
    assert world.table()[IPV4] == {}


def test_record_of_vifs_outlives_the_mapping():
    memory = VifMemory()
    memory.of(FAMILIES[1])[:4] = (77).to_bytes(4, "little")
    again = VifMemory(os.dup(memory.descriptor))
    assert recorded(again.of(FAMILIES[1])) == {0: 77}
    assert recorded(again.of(FAMILIES[0])) == {}
    assert len(again.of(IPV4)) == RECORD_SIZE
