"""datastore/: transactions, copies and listeners, with the packaged schema."""

from __future__ import annotations

import asyncio
import logging

import pytest

from smcroute_agent.datastore.datastores import Datastores
from smcroute_agent.datastore.events import Change
from smcroute_agent.errors import DataError, EngineError, Error
from smcroute_agent.yang.parse import parse
from tests.unit.agent.datastore.setting import (
    SCHEMA,
    Setting,
    adding,
    config,
    groups,
    run,
    settle,
    tree,
)


def test_an_edit_is_validated_applied_and_told() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        assert await datastores.edit(3, adding("225.1.1.1"), user="alice")
        assert setting.applied == [([], ["225.1.1.1"])]
        assert groups(datastores.running) == ["225.1.1.1"]
        (change,) = setting.changes
        assert (change.datastore, change.session_id, change.user) == ("running", 3, "alice")
        (difference,) = change.changes
        assert difference.key[2] == "225.1.1.1"
        assert difference.before is None

    run(test)


def test_no_difference_is_not_applied() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.edit(0, adding("225.1.1.1"))
        assert not await datastores.edit(0, adding("225.1.1.1"))
        assert not await datastores.edit(0, lambda _: tree("225.1.1.1"))
        assert len(setting.applied) == len(setting.changes) == 1

    run(test)


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        pytest.param(EngineError("no"), EngineError, id="engine"),
        pytest.param(RuntimeError("bug"), RuntimeError, id="bug"),
    ],
)
def test_what_cannot_be_applied_leaves_running(spoil: Exception, error: type[Exception]) -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.edit(0, adding("225.1.1.1"))
        setting.refuse = spoil
        with pytest.raises(error):
            await datastores.edit(0, adding("225.2.2.2"))
        setting.refuse = None
        assert groups(datastores.running) == ["225.1.1.1"]
        assert len(setting.changes) == 1
        assert await datastores.edit(0, adding("225.2.2.2"))

    run(test)


def test_what_is_not_valid_is_not_applied() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        with pytest.raises(DataError) as caught:
            await datastores.edit(0, adding("225.1.1.1", source="2001:db8::1"))
        assert caught.value.app_tag == "address-family"
        with pytest.raises(DataError):
            await datastores.edit(0, adding("225.1.1.1", source="nonsense"))
        assert setting.applied == []
        assert groups(datastores.running) == []

    run(test)


def test_edits_take_turns() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        setting.go.clear()
        edits = [
            asyncio.create_task(datastores.edit(n, adding(f"225.1.1.{n}"))) for n in range(1, 6)
        ]
        await settle()
        setting.go.set()
        await asyncio.gather(*edits)
        assert [len(after) for _, after in setting.applied] == [1, 2, 3, 4, 5]
        assert all(a[1] == b[0] for a, b in zip(setting.applied, setting.applied[1:]))  # noqa: B905

    run(test)


def test_who_is_cancelled_while_waiting_has_done_nothing() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        setting.go.clear()
        first = asyncio.create_task(datastores.edit(1, adding("225.1.1.1")))
        await settle()
        second = asyncio.create_task(datastores.edit(2, adding("225.2.2.2")))
        await settle()
        second.cancel()
        await settle()
        setting.go.set()
        assert await first
        await datastores.settle()
        assert groups(datastores.running) == ["225.1.1.1"]

    run(test)


def test_who_is_cancelled_while_applying_has_done_it() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        setting.go.clear()
        first = asyncio.create_task(datastores.edit(1, adding("225.1.1.1")))
        await settle()
        first.cancel()
        await settle()
        assert first.cancelled()
        assert groups(datastores.running) == []
        waiting = asyncio.create_task(datastores.settle())
        await settle()
        assert not waiting.done()
        setting.go.set()
        await waiting
        assert groups(datastores.running) == ["225.1.1.1"]

    run(test)


def test_copies() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.edit(0, adding("225.1.1.1"))
        await datastores.copy("running", "startup", 4, user="bob")
        assert setting.saved == [datastores.running]
        assert setting.changes[-1].datastore == "startup"
        assert setting.changes[-1].user == "bob"
        await datastores.copy(tree("225.2.2.2"), "running")
        assert groups(datastores.running) == ["225.2.2.2"]
        await datastores.copy("startup", "running")
        assert groups(datastores.running) == ["225.1.1.1"]
        await datastores.copy(tree("225.3.3.3"), "startup")
        assert groups(await datastores.read("startup")) == ["225.3.3.3"]
        await datastores.delete("startup")
        assert groups(await datastores.read("startup")) == []

    run(test)


def test_a_copy_of_what_is_not_valid() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        bad = parse(SCHEMA, config("225.1.1.1", source="2001:db8::1"))
        for target in ("running", "startup"):
            with pytest.raises(DataError):
                await datastores.copy(bad, target)
        assert setting.saved == []
        assert setting.applied == []

    run(test)


def test_startup_that_cannot_be_saved() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        setting.refuse = Error("disk full")
        with pytest.raises(Error, match="disk full"):
            await datastores.copy("running", "startup")
        assert setting.changes == []

    run(test)


@pytest.mark.parametrize("name", ["running", "startup"])
def test_a_copy_to_itself(name: str) -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        with pytest.raises(Error) as caught:
            await datastores.copy(name, name)
        assert caught.value.tag == "invalid-value"

    run(test)


def test_running_cannot_be_deleted() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        with pytest.raises(Error) as caught:
            await datastores.delete("running")
        assert caught.value.tag == "invalid-value"

    run(test)


def test_adopted_running_is_not_applied() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.adopt(tree("225.1.1.1"))
        assert groups(datastores.running) == ["225.1.1.1"]
        assert setting.applied == []
        await datastores.edit(0, adding("225.2.2.2"))
        assert setting.applied == [(["225.1.1.1"], ["225.1.1.1", "225.2.2.2"])]

    run(test)


def test_a_listener_that_fails_does_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        def fail(change: Change) -> None:
            raise RuntimeError("listener")

        datastores.listeners.insert(0, fail)
        assert await datastores.edit(0, adding("225.1.1.1"))
        assert len(setting.changes) == 1

    with caplog.at_level(logging.ERROR):
        run(test)
    assert "listener" in caplog.text


def test_another_session_has_the_lock() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.lock("running", 5)
        await datastores.lock("startup", 6)
        for work in (
            lambda: datastores.edit(0, adding("225.1.1.1")),
            lambda: datastores.edit(6, adding("225.1.1.1")),
            lambda: datastores.copy("startup", "running", 6),
            lambda: datastores.copy("running", "startup", 5),
            lambda: datastores.delete("startup", 5),
        ):
            with pytest.raises(Error) as caught:
                await work()
            assert caught.value.tag == "in-use"
        assert setting.applied == []
        assert setting.saved == []
        await datastores.edit(5, adding("225.1.1.1"))
        await datastores.copy("running", "startup", 6)
        datastores.release(5)
        await datastores.edit(0, adding("225.2.2.2"))

    run(test)


def test_a_lock_waits_for_the_edit_under_way_and_stops_those_behind_it() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        setting.go.clear()
        first = asyncio.create_task(datastores.edit(1, adding("225.1.1.1")))
        await settle()
        lock = asyncio.create_task(datastores.lock("running", 2))
        await settle()
        second = asyncio.create_task(datastores.edit(1, adding("225.2.2.2")))
        await settle()
        assert not lock.done()
        setting.go.set()
        await first
        await lock
        with pytest.raises(Error, match="locked by session 2"):
            await second
        assert groups(datastores.running) == ["225.1.1.1"]

    run(test)


def test_who_is_cancelled_while_waiting_for_a_lock_does_not_get_it() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        setting.go.clear()
        first = asyncio.create_task(datastores.edit(1, adding("225.1.1.1")))
        await settle()
        lock = asyncio.create_task(datastores.lock("running", 2))
        await settle()
        lock.cancel()
        setting.go.set()
        await first
        await settle()
        assert datastores.locks.held == {}

    run(test)


def test_what_is_counted() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        assert datastores.counters() == {"edits": 0, "errors": 0}
        for _ in range(2):  # the second one changes nothing
            await datastores.edit(1, adding("225.1.1.1"))
        await datastores.edit(1, adding("225.1.1.2"), target="candidate")
        await datastores.commits.commit(1)
        with pytest.raises(Error):
            await datastores.delete("running", 1)
        await datastores.lock("running", 2)
        for target in ("running", "candidate"):
            await datastores.edit(2, adding("225.1.1.3"), target=target)
        for work in (datastores.edit(1, adding("225.1.1.4")), datastores.commits.commit(1)):
            with pytest.raises(Error, match="locked"):
                await work
        assert datastores.counters() == {"edits": 3, "errors": 2}

    run(test)
