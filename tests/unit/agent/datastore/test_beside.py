"""Long edits do not hold up the event loop, and are as much a transaction as short ones."""

from __future__ import annotations

import asyncio
import threading

import pytest

from smcroute_agent.datastore import edits
from smcroute_agent.datastore.beside import LARGE
from smcroute_agent.datastore.datastores import Datastores
from smcroute_agent.errors import Error
from smcroute_agent.yang.data import Container
from tests.unit.agent.datastore.setting import Setting, adding, groups, run, settle

PATIENCE = 10.0


class Slow:
    """An edit that waits until it is told to go on."""

    def __init__(self, group: str) -> None:
        self._edit = adding(group)
        self._go = threading.Event()
        self.thread: threading.Thread | None = None

    def __call__(self, tree: Container) -> Container:
        self.thread = threading.current_thread()
        assert self._go.wait(PATIENCE)
        return self._edit(tree)

    async def begun(self) -> None:
        while self.thread is None:
            await asyncio.sleep(0.001)

    def go_on(self) -> None:
        self._go.set()


@pytest.mark.parametrize("target", ["running", "candidate", "startup"])
def test_others_go_on_meanwhile(target: str) -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        slow = Slow("225.1.1.1")
        long = asyncio.create_task(datastores.edit(1, slow, target=target, size=LARGE))
        await slow.begun()
        assert slow.thread is not threading.main_thread()
        # Others read, and wait with what they want to change.
        assert groups(await datastores.read("running")) == []
        short = asyncio.create_task(datastores.edit(2, adding("225.1.1.2"), target=target))
        await settle()
        assert not short.done()
        slow.go_on()
        await long
        await short
        assert groups(await datastores.read(target)) == ["225.1.1.1", "225.1.1.2"]

    run(test)


def test_a_short_edit_is_done_at_once() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        slow = Slow("225.1.1.1")
        slow.go_on()
        await datastores.edit(1, slow, size=LARGE - 1)
        assert slow.thread is threading.main_thread()

    run(test)


def test_an_error_of_a_long_edit_is_told() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        def wrong(tree: Container) -> Container:
            raise Error("no such thing")

        with pytest.raises(Error, match="no such thing"):
            await datastores.edit(1, wrong, size=LARGE)
        await datastores.edit(1, adding("225.1.1.1"))

    run(test)


def test_nothing_is_left_in_the_candidate_of_a_session_that_ends_meanwhile() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.lock("candidate", 1)
        slow = Slow("225.1.1.1")
        long = asyncio.create_task(datastores.edit(1, slow, target="candidate", size=LARGE))
        await slow.begun()
        datastores.release(1)
        slow.go_on()
        assert not await long
        assert groups(datastores.candidate) == []

    run(test)


def test_a_long_change_is_validated() -> None:
    many = [f"225.1.{number // 250}.{number % 250}" for number in range(LARGE)]

    async def test(setting: Setting, datastores: Datastores) -> None:
        # A group of another family than its source.
        await datastores.edit(1, adding(*many, "ff1e::1"), target="candidate")
        with pytest.raises(Error, match="different address families"):
            await datastores.commits.commit(1)
        assert setting.applied == []
        await datastores.discard(1)
        await datastores.edit(1, adding(*many), target="candidate")
        await datastores.commits.commit(1)
        assert groups(datastores.running) == many

    run(test)


@pytest.mark.parametrize("work", ["validate", "edit startup", "copy to startup"])
def test_a_whole_tree_is_validated_beside_the_loop(
    monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    threads = []
    monkeypatch.setattr(edits, "validate", lambda *_: threads.append(threading.current_thread()))

    async def test(setting: Setting, datastores: Datastores) -> None:
        tree = adding("225.1.1.1")(datastores.running)
        if work == "validate":
            await datastores.validate(tree)
        elif work == "edit startup":
            await datastores.edit(1, adding("225.1.1.1"), target="startup")
        else:
            await datastores.copy(tree, "startup", 1)
        assert threads
        assert threading.main_thread() not in threads

    run(test)
