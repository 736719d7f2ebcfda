"""Datastores with an engine and a file that can refuse, for the tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from lxml import etree

from smcroute_agent.datastore.datastores import Datastores
from smcroute_agent.datastore.events import Change, CommitEvent
from smcroute_agent.datastore.pending import PendingStore, ProcessMemory
from smcroute_agent.yang.data import Container, empty, lookup
from smcroute_agent.yang.edit import edit
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.schema import packaged

SMC = "urn:mcast:params:xml:ns:yang:smcroute"
SCHEMA = packaged()


def config(*groups: str, source: str = "10.0.0.1") -> etree._Element:
    routes = "".join(
        f"<mroute><interface>eth0</interface><source>{source}</source><group>{group}</group>"
        "<out-interface>eth1</out-interface></mroute>"
        for group in groups
    )
    return etree.fromstring(f'<config><smcroute xmlns="{SMC}">{routes}</smcroute></config>')


def tree(*groups: str) -> Container:
    return parse(SCHEMA, config(*groups))


def adding(*groups: str, source: str = "10.0.0.1") -> Callable[[Container], Container]:
    return lambda before: edit(SCHEMA, before, config(*groups, source=source))


def groups(of: Container) -> list[str]:
    found = lookup(of, "smcroute", "mroute")
    return [key[2] for key in found.entries] if found else []  # type: ignore[union-attr]


class Setting:
    """The datastores, and what they did."""

    def __init__(self, pending: PendingStore | None = None) -> None:
        self.applied: list[tuple[list[str], list[str]]] = []
        self.saved: list[Container] = []
        self.changes: list[Change] = []
        self.events: list[CommitEvent] = []
        self.memory = ProcessMemory() if pending is None else pending
        self.refuse: Exception | None = None
        self.go = asyncio.Event()
        self.go.set()
        self.datastores = Datastores(SCHEMA, self.apply, self, self.memory)
        self.datastores.listeners.append(self.changes.append)
        self.datastores.commits.listeners.append(self.events.append)

    async def apply(self, before: Container, after: Container) -> None:
        await self.go.wait()
        if self.refuse:
            raise self.refuse
        self.applied.append((groups(before), groups(after)))

    async def load(self) -> Container:
        return self.saved[-1] if self.saved else empty(SCHEMA)

    async def save(self, tree: Container) -> None:
        if self.refuse:
            raise self.refuse
        self.saved.append(tree)


def run(test: Callable[[Setting, Datastores], Awaitable[None]]) -> None:
    async def main() -> None:
        setting = Setting()
        await test(setting, setting.datastores)

    asyncio.run(main())


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)
