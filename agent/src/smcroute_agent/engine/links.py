"""Links that come, go and change: from the kernel's events to the rules that they concern."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator

from ..log import NOTICE
from . import protocol
from .kernel.netlink import EventsLost, LinkMonitor, LinkState
from .reconcile import Scope, drop_lost, reconcile
from .router import Router

log = logging.getLogger("engine")


class LinkChanges:
    """What has happened to links since the router was last brought up to date.

    Events are taken from the kernel at once, so that none is lost, and folded by interface
    index, so that they need no more room than there are links.
    """

    def __init__(
        self, monitor: LinkMonitor, dump: Callable[[], list[LinkState]], router: Router
    ) -> None:
        self._monitor = monitor
        self._dump = dump
        self._router = router
        self._current: dict[int, LinkState] = {}
        self._gone: set[int] = set()
        self._resync = False
        self._unfinished: set[str] = set()
        self._reasons: dict[str, str | None] | None = None

    def start(self) -> None:
        """Learn the links that there are.  Call before anything uses an interface."""
        self._router.interfaces.replace_links(self._dump())

    def on_readable(self) -> bool:
        """Take the events that wait; True when there is work for update()."""
        while True:
            try:
                events = self._monitor.receive()
            except BlockingIOError:
                break
            except EventsLost:
                log.warning("link events were lost; reading all links anew")
                self._resync = True
                continue
            for event in events:
                if event.gone:
                    self._gone.add(event.link.ifindex)
                    self._current.pop(event.link.ifindex, None)
                else:
                    self._current[event.link.ifindex] = event.link
        return bool(self._current or self._gone or self._resync)

    def update(self) -> Iterator[None]:
        """Bring the router up to date, in steps.  After an error the next call does it all."""
        current, self._current = self._current, {}
        gone, self._gone = self._gone, set()
        resync, self._resync = self._resync, False
        names, self._unfinished = self._unfinished, set()
        before, self._reasons = self._reasons or self._reasons_now(), None
        try:
            if resync:
                names |= self._router.interfaces.replace_links(self._dump())
                gone |= self._dropped_by_kernel()
            else:
                names |= self._router.interfaces.update_links(
                    current.values(), gone - current.keys()
                )
            concerned = yield from self._follow(names, gone)
        except Exception:
            self._resync = True
            self._gone |= gone
            self._unfinished |= names
            self._reasons = before
            raise
        for name in sorted(concerned):
            self._tell(name, before)

    def _follow(self, names: set[str], gone: set[int]) -> Generator[None, None, frozenset[str]]:
        """Do what changed interfaces ask for; returns those that concern a rule."""
        interfaces = self._router.interfaces
        if gone:
            yield from drop_lost(self._router, gone)
            names |= {
                interfaces.by_index[ifindex].name
                for ifindex in gone
                if ifindex in interfaces.by_index
            }
        concerned = frozenset(name for name in names if self._router.is_concerned(name))
        if concerned or gone:
            yield from reconcile(self._router, Scope(names=concerned))
        return concerned

    def _reasons_now(self) -> dict[str, str | None]:
        by_name = self._router.interfaces.by_name
        return {name: interface.reason for name, interface in by_name.items()}

    def _dropped_by_kernel(self) -> set[int]:
        """Interfaces whose VIF has vanished: they went, and may have come again meanwhile."""
        return {
            ifindex
            for family, forwarding in self._router.forwarding.items()
            for ifindex, number in forwarding.vifs.held().items()
            if not self._router.kernels[family].has_vif(number)
        }

    def _tell(self, name: str, before: dict[str, str | None]) -> None:
        reason = self._router.interfaces.why_not(name)
        was_active = name in before and before[name] is None
        if reason is None and not was_active:
            log.log(NOTICE, "interface %s is active", name)
            self._router.emit({"event": protocol.INTERFACE_ACTIVE, "interface": name})
        elif reason is not None and was_active:
            log.log(NOTICE, "%s; its rules are pending", reason)
            self._router.emit(
                {"event": protocol.INTERFACE_PENDING, "interface": name, "reason": reason}
            )
