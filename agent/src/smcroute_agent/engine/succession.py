"""What one engine leaves to the next, so that its death does not stop a packet.

The kernel drops VIFs and entries with the last descriptor of a multicast routing socket.
smcrouted keeps a duplicate of each; an engine that takes the place of one that died is given
them, and finds the VIFs and entries in the kernel as they were.  Until the agent has told it
the rules it only keeps what there is: the kernel goes on forwarding, upcalls wait in the
sockets' buffers, and events of links in the netlink socket's.

Which interface has which VIF, the kernel does not tell for every table: it stands in memory
that outlives the process (VifTable.record, memfd_create(2)).
"""

from __future__ import annotations

import contextlib
import logging
import mmap
import os
import socket
from collections.abc import Iterator, Mapping

from ..channel import Channel, ChannelClosed, ChannelFull, Message
from ..errors import EngineError
from ..log import NOTICE
from .addresses import FAMILIES, Family
from .cache import Entry
from .forwarding import Forwarding, in_steps
from .kernel.mroute import MAX_VIFS, MulticastRouting
from .kernel.netlink import KernelEntry
from .protocol import STATIC
from .router import Router
from .vifs import RECORD_SIZE, recorded

log = logging.getLogger("engine")

RECORD = "vifs"
"""The name of the memory among what is left; the sockets have their family's."""


class VifMemory:
    """The VIFs' record of each family, in memory that a descriptor stands for."""

    def __init__(self, descriptor: int | None = None) -> None:
        if descriptor is None:
            descriptor = os.memfd_create(RECORD)
            os.ftruncate(descriptor, RECORD_SIZE * len(FAMILIES))
        os.set_inheritable(descriptor, False)
        self.descriptor = descriptor
        self._map = memoryview(mmap.mmap(descriptor, RECORD_SIZE * len(FAMILIES)))

    def of(self, family: Family) -> memoryview:
        start = RECORD_SIZE * FAMILIES.index(family)
        return self._map[start : start + RECORD_SIZE]


Estate = tuple[list[str], tuple[int, ...]]
"""What is to be left to the next engine: names, and their descriptors."""


def estate(kernels: Mapping[Family, MulticastRouting], memory: VifMemory) -> Estate:
    """What an engine leaves."""
    left = {family.name: kernel.fileno() for family, kernel in kernels.items()}
    left[RECORD] = memory.descriptor
    return list(left), tuple(left.values())


class MembershipCustody:
    """Lets smcrouted hold the sockets with group memberships.

    The next engine joins anew, on sockets of its own; as those of the one before are closed
    only then, the kernel tells nobody that the groups were left.
    """

    def __init__(self, control: Channel) -> None:
        self._control = control

    def opened(self, sock: socket.socket) -> None:
        self._tell({"hold": sock.fileno()}, (sock.fileno(),))

    def closing(self, sock: socket.socket) -> None:
        self._tell({"release": sock.fileno()})

    def _tell(self, message: Message, descriptors: tuple[int, ...] = ()) -> None:
        # Not held, it is left like any other socket when the engine dies.
        with contextlib.suppress(ChannelClosed, ChannelFull):
            self._control.send(message, descriptors)


class Inheritance:
    """VIFs and entries that an engine before this one has left in the kernel."""

    def __init__(self, router: Router, memory: VifMemory) -> None:
        """Take them over, and keep the record from now on.  Call when the links are known."""
        self._router = router
        self._settled = not any(kernel.inherited for kernel in router.kernels.values())
        for family, kernel in router.kernels.items():
            record = memory.of(family)
            before = recorded(record) if kernel.inherited else {}
            record[:] = bytes(RECORD_SIZE)
            router.forwarding[family].vifs.record = record
            if kernel.inherited:
                lost = self._take_vifs(family, kernel, before)
                self._take_entries(family, kernel, rewrite=lost)

    @property
    def settled(self) -> bool:
        """Whether the rules are known, and everything is as they say."""
        return self._settled

    def _take_vifs(self, family: Family, kernel: MulticastRouting, before: dict[int, int]) -> bool:
        """Take over the VIFs; whether one has been lost with its interface."""
        lost = False
        vifs = self._router.forwarding[family].vifs
        for number in range(MAX_VIFS):
            ifindex = before.get(number)
            if not kernel.has_vif(number):
                lost = lost or ifindex is not None
            elif ifindex is None:
                # The engine died between the kernel's answer and the record: nothing uses it.
                kernel.delete_vif(number)
            else:
                vifs.take(ifindex, number)
        return lost

    def _take_entries(self, family: Family, kernel: MulticastRouting, *, rewrite: bool) -> None:
        """Take over the entries.

        rewrite: they may refer to a VIF that is lost, which a dump does not show; before its
        number becomes another interface's, that has to end.
        """
        forwarding = self._router.forwarding[family]
        # All are read first: the kernel goes on with a dump by position (mr_table_dump), and
        # would leave out one entry for each that is taken out before its end.
        found = [entry for entries in kernel.dump() for entry in entries]
        count = sum(_take_entry(forwarding, kernel, entry, rewrite=rewrite) for entry in found)
        numbers = len(forwarding.vifs.held())
        log.log(NOTICE, "%s: %d VIFs and %d entries taken over", family.name, numbers, count)

    def settle(self) -> Iterator[None]:
        """Make what was taken over what the rules ask for, in steps.

        Call after the first change of rules; the entries that it concerns are right already.
        """
        if self._settled:
            return
        for forwarding in self._router.forwarding.values():
            for entries in forwarding.entries.scan():
                for some in in_steps(entries):
                    for entry in some:
                        if forwarding.entries.find(entry.source, entry.group) is entry:
                            self._settle(forwarding, entry)
                    yield
        self._settled = True

    def _settle(self, forwarding: Forwarding, entry: Entry) -> None:
        try:
            forwarding.settle(entry)
        except EngineError as error:
            self._router.counters.count("kernel_refusals")
            log.error("%s", error)
            forwarding.give_up(entry.source, entry.group, str(error))


def _take_entry(
    forwarding: Forwarding, kernel: MulticastRouting, found: KernelEntry, *, rewrite: bool
) -> bool:
    """Take over an entry, or end it when its packets can come in no more."""
    vif = forwarding.vifs.number(found.in_ifindex)
    if vif is None:
        kernel.delete_entry(found.source, found.group)
        return False
    legs = bytearray(MAX_VIFS)
    for ifindex, threshold in found.legs:
        number = forwarding.vifs.number(ifindex)
        if number is not None:
            legs[number] = threshold
    if rewrite:
        kernel.write_entry(found.source, found.group, vif, bytes(legs))
    forwarding.adopt(Entry(found.source, found.group, vif, bytes(legs), STATIC, found.in_ifindex))
    return True
