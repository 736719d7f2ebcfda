"""What the tests of confirmed commits share: one that is pending."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from smcroute_agent.datastore.confirmed import Confirmation
from smcroute_agent.datastore.datastores import Datastores
from smcroute_agent.datastore.names import CANDIDATE
from smcroute_agent.datastore.pending import ProcessMemory
from smcroute_agent.errors import Error
from tests.unit.agent.datastore.setting import Setting, adding, groups, run

OLD, NEW, NEWER = "225.1.1.1", "225.2.2.2", "225.3.3.3"
TOKEN = "IQ,d4668"


class FullMemory(ProcessMemory):
    """A PendingStore that can refuse."""

    full = False

    async def save(self, record: bytes) -> None:
        if self.full:
            raise Error("no room")
        await super().save(record)

    async def clear(self) -> None:
        if self.full:
            raise Error("no room")
        await super().clear()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


async def commit(datastores: Datastores, session_id: int, *groups: str, **more: object) -> None:
    """Put groups into the candidate and commit it, to be confirmed unless told otherwise."""
    await datastores.edit(session_id, adding(*groups), target=CANDIDATE)
    more.setdefault("confirmation", Confirmation())
    await datastores.commits.commit(session_id, user="alice", **more)  # type: ignore[arg-type]


def confirmed_test(
    test: Callable[[Setting, Datastores], Awaitable[None]], **confirmation: object
) -> None:
    """Run a test with OLD in running and NEW there until it is confirmed, by session 5."""

    async def whole(setting: Setting, datastores: Datastores) -> None:
        await datastores.edit(5, adding(OLD))
        await commit(
            datastores,
            5,
            NEW,
            confirmation=Confirmation(**confirmation),  # type: ignore[arg-type]
        )
        assert groups(datastores.running) == [OLD, NEW]
        await test(setting, datastores)

    run(whole)


async def refused(tag: str, work: Awaitable[object]) -> Error:
    with pytest.raises(Error) as caught:
        await work
    assert (caught.value.error_type, caught.value.tag) == ("protocol", tag)
    return caught.value


def events(setting: Setting) -> list[str]:
    return [event.event for event in setting.events]


def successor(
    test: Callable[[Setting, Datastores], Awaitable[None]], **confirmation: object
) -> None:
    """Kill the process after a confirmed commit; `test` is given the datastores of the next."""
    memory = ProcessMemory()

    async def first() -> None:
        datastores = Setting(memory).datastores
        await datastores.edit(1, adding(OLD))
        wanted = Confirmation(**confirmation)  # type: ignore[arg-type]
        await commit(datastores, 1, NEW, confirmation=wanted)

    async def second() -> None:
        setting = Setting(memory)
        await test(setting, setting.datastores)

    asyncio.run(first())
    asyncio.run(second())
