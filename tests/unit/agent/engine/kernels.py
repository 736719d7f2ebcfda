"""A kernel for the unit tests: it holds what it is told, refuses what it is told to refuse."""

from __future__ import annotations

import errno
from collections.abc import Iterable

from smcroute_agent.engine.addresses import FAMILIES, IPV4, parse_flow, text
from smcroute_agent.engine.interfaces import IFF_MULTICAST
from smcroute_agent.engine.kernel.mroute import NOCACHE, WRONGVIF
from smcroute_agent.engine.kernel.netlink import EventsLost, KernelEntry, LinkEvent, LinkState
from smcroute_agent.engine.kernel.refusals import JOIN, explain
from smcroute_agent.engine.links import LinkChanges
from smcroute_agent.engine.protocol import VifCounters
from smcroute_agent.engine.rehearsal import Rehearsal
from smcroute_agent.engine.router import Router
from smcroute_agent.engine.transaction import Stage, Transaction

DATAGRAM = 2
"""Entries that one datagram of a dump holds."""


class Refusing:
    """Counts calls and refuses the chosen ones with an errno."""

    def __init__(self) -> None:
        self.calls = 0
        self.refuse_at: int | None = None
        self.errno = errno.ENOMEM

    def call(self) -> None:
        self.calls += 1
        if self.refuse_at is not None and self.calls >= self.refuse_at:
            self.refuse_at = None
            raise OSError(self.errno, "refused by the test")


class FakeRouting:
    """VIFs and entries of one family, as ipmr.c keeps them."""

    def __init__(self, family, refusing: Refusing) -> None:
        self.family = family
        self.inherited = False
        self.vifs: dict[int, int] = {}
        self.entries: dict[tuple[int, int], tuple[int, bytes]] = {}
        self.counted: dict[tuple[int, int], int] = {}
        self._refusing = refusing

    def has_vif(self, vif):
        return vif in self.vifs

    def vif_counters(self, vif):
        return VifCounters(vif, 0, 0, 0) if vif in self.vifs else None

    def add_vif(self, vif, ifindex, threshold):
        self._refusing.call()
        if vif in self.vifs:
            raise OSError(errno.EADDRINUSE, "in use")
        self.vifs[vif] = ifindex

    def delete_vif(self, vif):
        if vif not in self.vifs:
            raise OSError(errno.EADDRNOTAVAIL, "none")
        for parent, legs in self.entries.values():
            assert parent != vif, "an entry comes in on a VIF that is deleted"
            assert not legs[vif], "an entry goes out on a VIF that is deleted"
        del self.vifs[vif]

    def write_entry(self, source, group, vif, legs):
        self._refusing.call()
        assert vif in self.vifs
        assert all(number in self.vifs for number, ttl in enumerate(legs) if ttl)
        self.entries[source, group] = (vif, legs)
        self.counted.setdefault((source, group), 0)

    def delete_entry(self, source, group):
        if (source, group) not in self.entries:
            raise OSError(errno.ENOENT, "none")
        del self.entries[source, group], self.counted[source, group]

    def packets(self, source, group):
        return self.counted.get((source, group), 0)

    def entry(self, source, group):
        return self._reported((source, group)) if (source, group) in self.entries else None

    def dump(self):
        """By position, and the next datagram is made ready when one is read: mr_table_dump."""
        position, ready = 0, self._datagram(0)
        while ready:
            position += DATAGRAM
            after = self._datagram(position)
            yield ready
            ready = after

    def _datagram(self, position):
        flows = list(self.entries)[position : position + DATAGRAM]
        return [self._reported(flow) for flow in flows]

    def _reported(self, flow):
        vif, legs = self.entries[flow]
        outs = tuple((self.vifs[n], ttl) for n, ttl in enumerate(legs) if ttl and n in self.vifs)
        return KernelEntry(*flow, self.vifs.get(vif, 0), outs, self.counted[flow], 0, 0)

    def table(self, names: dict[int, str]) -> dict[tuple[str, str], tuple[str, frozenset[str]]]:
        """{(source, group): (in-interface, out-interfaces)} in words."""
        return {
            (text(self.family, source), text(self.family, group)): (
                names[self.vifs[vif]],
                frozenset(names[self.vifs[number]] for number, ttl in enumerate(legs) if ttl),
            )
            for (source, group), (vif, legs) in self.entries.items()
        }


class FakeSockets:
    """Memberships without sockets."""

    def __init__(self, refusing: Refusing) -> None:
        self.joined = set()
        self.never: set[str] = set()
        """The interfaces that take no membership."""
        self._refusing = refusing

    def join(self, membership, interface):
        self.check(membership, interface)
        try:
            self._refusing.call()
        except OSError as error:
            raise explain(JOIN, error, interface=interface, sysctl="a.b", family="IPv4") from None
        assert membership not in self.joined
        self.joined.add(membership)

    def check(self, membership, interface):
        if interface in self.never:
            error = OSError(errno.ENODEV, "refused by the test")
            raise explain(JOIN, error, interface=interface, family="IPv6")

    def leave(self, membership):
        self.joined.remove(membership)


class FakeMonitor:
    """Events of links; EventsLost among them stands for what the kernel dropped."""

    def __init__(self) -> None:
        self.waiting: list[list[LinkEvent] | EventsLost] = []

    def receive(self):
        if not self.waiting:
            raise BlockingIOError
        batch = self.waiting.pop(0)
        if isinstance(batch, EventsLost):
            raise batch
        return batch


class Bench:
    """A router on a kernel of our own, with interfaces eth0, eth1, …"""

    def __init__(self, interfaces: int = 4, cache_limit: int = 100) -> None:
        self.refusing = Refusing()
        self.present = {
            2 + i: LinkState(2 + i, f"eth{i}", IFF_MULTICAST) for i in range(interfaces)
        }
        self.start({family: FakeRouting(family, self.refusing) for family in FAMILIES}, cache_limit)

    def start(self, kernels, cache_limit: int = 100, **more) -> None:
        """Begin with a new router, on kernels that may hold something."""
        self.kernels = kernels
        self.sockets = FakeSockets(self.refusing)
        self.events: list[dict[str, object]] = []
        self.router = Router(self.kernels, self.sockets, cache_limit, self.events.append, **more)
        self.monitor = FakeMonitor()
        self.changes = LinkChanges(self.monitor, lambda: list(self.present.values()), self.router)
        self.changes.start()

    @property
    def names(self) -> dict[int, str]:
        return {index: link.name for index, link in self.router.interfaces.by_index.items()}

    def transaction(self, add: Iterable[list] = (), remove: Iterable[list] = (), **options):
        stage = Stage(**options)
        run(stage.take(list(remove), list(add)))
        if stage.refusal is not None:
            raise stage.refusal
        difference = run(stage.difference(self.router))
        return Transaction(self.router, *difference, strict=not stage.lenient)

    def rehearse(
        self, add: Iterable[list] = (), remove: Iterable[list] = ()
    ) -> dict[tuple[str, ...], str]:
        """Find out whether apply() would be refused; why rules to be added would wait."""
        stage = Stage()
        run(stage.take(list(remove), list(add)))
        if stage.refusal is not None:
            raise stage.refusal
        rehearsal = Rehearsal(self.router, *run(stage.difference(self.router)))
        run(rehearsal.run())
        rows = [row[1] for row in rehearsal.pending() if row is not None]
        return {tuple(key): reason for key, reason in rows}

    def apply(self, add: Iterable[list] = (), remove: Iterable[list] = (), **options) -> None:
        run(self.transaction(add, remove, **options).run())

    def links(
        self, links: Iterable[LinkState] = (), gone: Iterable[int] = (), *, lost: bool = False
    ) -> None:
        """Links go from the kernel, then others are new or changed; `lost`: nobody is told."""
        events = [LinkEvent(True, self.present.pop(index)) for index in gone]
        for kernel in self.kernels.values():
            for number in [vif for vif, index in kernel.vifs.items() if index in gone]:
                del kernel.vifs[number]
        self.present |= {link.ifindex: link for link in links}
        events += [LinkEvent(False, link) for link in links]
        self.monitor.waiting.append(EventsLost() if lost else events)
        assert self.changes.on_readable()
        run(self.changes.update())

    def packet(self, interface: str, source: str, group: str) -> None:
        """A packet comes in: the kernel asks when it has no entry, or another interface."""
        family, sources, groups = parse_flow(source, group)
        kernel = self.kernels[family]
        flow = (sources.address, groups.address)
        (index,) = [index for index, name in self.names.items() if name == interface]
        vifs = [vif for vif, held in kernel.vifs.items() if held == index]
        if not vifs:
            return
        if flow not in kernel.entries:
            self.router.traffic[family].upcall((NOCACHE, vifs[0], *flow))
        elif kernel.entries[flow][0] != vifs[0]:
            self.router.traffic[family].upcall((WRONGVIF, vifs[0], *flow))
        if flow in kernel.entries and kernel.entries[flow][0] == vifs[0]:
            kernel.counted[flow] += 1

    def table(self, family=IPV4):
        return self.kernels[family].table(self.names)

    def origins(self, family=IPV4) -> dict[tuple[str, str], str]:
        return {
            (text(family, entry.source), text(family, entry.group)): entry.origin
            for batch in self.router.forwarding[family].entries.scan()
            for entry in batch
        }

    def state(self) -> object:
        """Everything that must be as before after a refused change."""
        return (
            {key: rule.rule for key, rule in self.router.rules.items()},
            {family: dict(kernel.vifs) for family, kernel in self.kernels.items()},
            {family: dict(kernel.entries) for family, kernel in self.kernels.items()},
            set(self.sockets.joined),
            {
                family: forwarding.demand.patterns._counts
                for family, forwarding in self.router.forwarding.items()
            },
            self.router.memberships.patterns._counts,
            self.router.interfaces.by_index,
        )


def run(work):
    """Do all steps; what the work returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
