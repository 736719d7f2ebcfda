"""Network interfaces: which exist, what the phyint rules say of them, which can be used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..rules import WILDCARD, Phyint, matches_interface
from .kernel.netlink import LinkState
from .matching import patterns_of

IFF_UP = 0x1
IFF_RUNNING = 0x40
IFF_MULTICAST = 0x1000
"""netdevice(7)."""

DEFAULT_THRESHOLD = 1
"""The TTL threshold where no phyint says another: every packet that may be forwarded at all."""


class Interface(NamedTuple):
    """A link with the phyint rule that counts for it.

    reason: why it cannot route.  no_groups: why no group can be joined on it; a phyint that
    takes it out of routing does not keep it from that, as for smcroute.
    """

    ifindex: int
    name: str
    reason: str | None
    threshold: int
    no_groups: str | None = None


class Interfaces:
    """The interfaces of the network namespace, derived from links and phyint rules."""

    def __init__(self) -> None:
        self._links: dict[int, LinkState] = {}
        self._phyints: dict[str, Phyint] = {}
        self.mrdisc = False
        """Whether any phyint asks for announcements."""
        self.by_index: dict[int, Interface] = {}
        self.by_name: dict[str, Interface] = {}

    def update_links(self, links: Iterable[LinkState], gone: Iterable[int]) -> set[str]:
        """Take what the kernel says; the names of which something changed."""
        for ifindex in gone:
            self._links.pop(ifindex, None)
        for link in links:
            self._links[link.ifindex] = link
        return self._derive()

    def replace_links(self, links: Iterable[LinkState]) -> set[str]:
        """Take a dump of all links; the names of which something changed."""
        self._links = {link.ifindex: link for link in links}
        return self._derive()

    def update_phyints(self, remove: Iterable[Phyint], add: Iterable[Phyint]) -> set[str]:
        """Take a change of rules; the names of interfaces of which something changed."""
        for phyint in remove:
            self._phyints.pop(phyint.name, None)
        for phyint in add:
            self._phyints[phyint.name] = phyint
        self.mrdisc = any(phyint.mrdisc for phyint in self._phyints.values())
        return self._derive()

    def with_phyints(
        self, remove: Iterable[Phyint], add: Iterable[Phyint]
    ) -> tuple[Interfaces, set[str]]:
        """What update_phyints() would make of these, and would return; these stay."""
        copy = Interfaces()
        copy._links, copy._phyints = self._links, dict(self._phyints)
        copy.by_index, copy.by_name = self.by_index, self.by_name
        return copy, copy.update_phyints(remove, add)

    def usable(self, pattern: str) -> Iterator[Interface]:
        """The interfaces that can route, of those that a name or wildcard stands for."""
        return (interface for interface in self.matching(pattern) if interface.reason is None)

    def joinable(self, pattern: str) -> Iterator[Interface]:
        """The interfaces on which groups can be joined, of those that a pattern stands for."""
        return (interface for interface in self.matching(pattern) if interface.no_groups is None)

    def matching(self, pattern: str) -> Iterator[Interface]:
        """All interfaces that a name or wildcard stands for."""
        if not pattern.endswith(WILDCARD):
            interface = self.by_name.get(pattern)
            if interface is not None:
                yield interface
            return
        for interface in self.by_index.values():
            if matches_interface(pattern, interface.name):
                yield interface

    def why_not(self, pattern: str) -> str | None:
        """Why no interface of a pattern can route, or None when one can."""
        return self._first_reason(pattern, [found.reason for found in self.matching(pattern)])

    def why_no_groups(self, pattern: str) -> str | None:
        """Why groups can be joined on no interface of a pattern, or None when they can."""
        return self._first_reason(pattern, [found.no_groups for found in self.matching(pattern)])

    @staticmethod
    def _first_reason(pattern: str, reasons: list[str | None]) -> str | None:
        if reasons:
            return None if None in reasons else reasons[0]
        if pattern.endswith(WILDCARD):
            return f"no interface matches {pattern}"
        return f"interface {pattern} does not exist"

    def phyint(self, name: str) -> Phyint | None:
        """The rule that counts for an interface: its own, else the longest wildcard."""
        for pattern in patterns_of(name):
            phyint = self._phyints.get(pattern)
            if phyint is not None:
                return phyint
        return None

    def flags(self, ifindex: int) -> int:
        """The flags of an interface: netdevice(7)."""
        return self._links[ifindex].flags

    def is_running(self, ifindex: int) -> bool:
        """Whether it is up with a carrier."""
        link = self._links.get(ifindex)
        running = IFF_UP | IFF_RUNNING
        return link is not None and link.flags & running == running

    def is_announced(self, ifindex: int) -> bool:
        """Whether it can route, is up with a carrier, and its phyint asks for mrdisc."""
        interface = self.by_index.get(ifindex)
        if interface is None or interface.reason is not None:
            return False
        phyint = self.phyint(interface.name)
        return phyint is not None and phyint.mrdisc is True and self.is_running(ifindex)

    def _derive(self) -> set[str]:
        before = self.by_index
        self.by_index = {link.ifindex: self._interface(link) for link in self._links.values()}
        self.by_name = {interface.name: interface for interface in self.by_index.values()}
        changed = set()
        for ifindex in before.keys() | self.by_index.keys():
            old, new = before.get(ifindex), self.by_index.get(ifindex)
            if old != new:
                changed |= {interface.name for interface in (old, new) if interface is not None}
        return changed

    def _interface(self, link: LinkState) -> Interface:
        phyint = self.phyint(link.name)
        threshold = DEFAULT_THRESHOLD
        if phyint is not None and phyint.ttl_threshold is not None:
            threshold = phyint.ttl_threshold
        reason = no_groups = None
        if not link.flags & IFF_MULTICAST:
            reason = no_groups = f"interface {link.name} has no MULTICAST flag"
        elif phyint is not None and phyint.enabled is False:
            reason = f"interface {link.name} is disabled by phyint {phyint.name}"
        return Interface(link.ifindex, link.name, reason, threshold, no_groups)
