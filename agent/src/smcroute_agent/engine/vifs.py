"""Numbers for interfaces: the VIFs of one family, taken when needed, given back when not."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from .kernel.mroute import MAX_VIFS

_IFINDEX = struct.Struct("=I")

RECORD_SIZE = MAX_VIFS * _IFINDEX.size


class VifTable:
    """Which interface (by index) has which VIF.

    A VIF that is about to be given back is `leaving`: it is still in the kernel and its number is
    taken, but nothing new may refer to it.

    record: RECORD_SIZE octets that are kept up to date: for each number the index of its holder,
    or 0.  A VIF stands in it only while the kernel has it, unless the kernel drops it by itself.
    """

    def __init__(self) -> None:
        self.record: memoryview | bytearray = bytearray(RECORD_SIZE)
        self._numbers: dict[int, int] = {}
        self._holders: dict[int, int] = {}
        self.leaving: frozenset[int] = frozenset()
        self.refused: dict[int, str] = {}
        """Interfaces that need a VIF and have none, by index, with the reason."""

    def number(self, ifindex: int) -> int | None:
        """The VIF of an interface that may be referred to."""
        return None if ifindex in self.leaving else self._numbers.get(ifindex)

    def holder(self, vif: int) -> int | None:
        """The index of the interface whose VIF it is, if it may be referred to."""
        ifindex = self._holders.get(vif)
        return None if ifindex in self.leaving else ifindex

    def held(self) -> dict[int, int]:
        """All VIFs by interface index, leaving ones too."""
        return dict(self._numbers)

    def free(self) -> int:
        """How many are left."""
        return MAX_VIFS - len(self._numbers)

    def choose(self, ifindex: int, preferred: dict[int, int]) -> int:
        """The number for a new VIF: what the interface had before, else the lowest free one."""
        wish = preferred.get(ifindex)
        if wish is not None and wish not in self._holders:
            return wish
        return next(number for number in range(MAX_VIFS) if number not in self._holders)

    def take(self, ifindex: int, number: int) -> None:
        """Note that the kernel has made a VIF."""
        self._numbers[ifindex] = number
        self._holders[number] = ifindex
        _IFINDEX.pack_into(self.record, number * _IFINDEX.size, ifindex)

    def give(self, ifindex: int) -> None:
        """Note that the kernel has dropped a VIF."""
        number = self._numbers.pop(ifindex)
        del self._holders[number]
        self.leaving -= {ifindex}
        _IFINDEX.pack_into(self.record, number * _IFINDEX.size, 0)

    def set_leaving(self, ifindexes: Iterable[int]) -> None:
        """Say which VIFs are about to be given back."""
        self.leaving = frozenset(ifindexes)


def recorded(record: memoryview | bytearray) -> dict[int, int]:
    """The VIFs of a record: number to interface index."""
    numbers = enumerate(_IFINDEX.iter_unpack(record))
    return {number: ifindex for number, (ifindex,) in numbers if ifindex}
