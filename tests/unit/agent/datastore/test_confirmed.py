"""datastore/: confirmed commits, confirmed, extended, cancelled and rolled back (section 8.4)."""

from __future__ import annotations

import asyncio
import logging
import time

import pytest

from smcroute_agent.datastore import confirmed
from smcroute_agent.datastore.confirmed import Confirmation
from smcroute_agent.datastore.datastores import Datastores
from smcroute_agent.datastore.names import CANDIDATE, RUNNING, STARTUP
from smcroute_agent.errors import EngineError, Error
from tests.unit.agent.datastore.confirming import (
    NEW,
    NEWER,
    OLD,
    FullMemory,
    commit,
    confirmed_test,
    events,
    refused,
    until,
)
from tests.unit.agent.datastore.setting import Setting, adding, groups, run, settle


def test_a_commit_in_the_same_session_confirms() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await commit(datastores, 5, NEWER, confirmation=None)
        assert datastores.pending is None
        assert setting.memory.record is None
        datastores.release(5)
        await settle()
        assert groups(datastores.running) == [OLD, NEW, NEWER]
        assert events(setting) == ["start", "complete"]
        start = setting.events[0]
        assert (start.session_id, start.user, start.timeout) == (5, "alice", 600)

    confirmed_test(test)


def test_the_end_of_the_session_rolls_back() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        datastores.release(6)
        await settle()
        assert groups(datastores.running) == [OLD, NEW]
        datastores.release(5)
        await until(lambda: datastores.pending is None)
        assert groups(datastores.running) == [OLD]
        assert setting.applied[-1] == ([OLD, NEW], [OLD])
        assert setting.memory.record is None
        assert events(setting) == ["start", "cancel"]
        assert (setting.changes[-1].session_id, setting.changes[-1].user) == (0, None)

    confirmed_test(test)


def test_the_end_of_the_session_in_the_middle_of_its_commit_rolls_back() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        setting.go.clear()
        task = asyncio.create_task(commit(datastores, 5, NEW))
        await settle()
        task.cancel()
        datastores.release(5)
        setting.go.set()
        await until(lambda: bool(setting.applied) and datastores.pending is None)
        assert setting.applied == [([], [NEW]), ([NEW], [])]

    run(test)


def test_the_timeout_rolls_back_whatever_is_locked() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.lock(RUNNING, 5)
        assert groups(datastores.running) == [OLD, NEW]
        await until(lambda: groups(datastores.running) == [OLD])
        await until(lambda: datastores.pending is None)
        assert events(setting) == ["start", "timeout"]

    confirmed_test(test, timeout=0.05)


def test_a_follow_up_extends_the_time_and_keeps_what_is_rolled_back_to() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        first = datastores.pending
        assert first is not None
        await commit(datastores, 5, NEWER, confirmation=Confirmation(1000))
        second = datastores.pending
        assert second is not None
        assert second.deadline > first.deadline + 300
        assert events(setting) == ["start", "extend"]
        datastores.release(5)
        await until(lambda: datastores.pending is None)
        assert groups(datastores.running) == [OLD]

    confirmed_test(test)


def test_the_timer_of_an_extended_commit_is_the_new_one() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        first = datastores.pending
        assert first is not None
        await commit(datastores, 5, NEWER)
        await until(lambda: time.monotonic() > first.deadline + 0.05)
        await settle()
        assert groups(datastores.running) == [OLD, NEW, NEWER]

    confirmed_test(test, timeout=0.05)


def test_a_deadline_that_passes_while_the_follow_up_waits_does_not_count() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        first = datastores.pending
        assert first is not None
        await datastores.edit(5, adding(OLD, NEW, "225.4.4.4"), target=CANDIDATE)
        setting.go.clear()
        edit = asyncio.create_task(datastores.edit(5, adding("225.5.5.5")))
        await settle()
        follow_up = asyncio.create_task(datastores.commits.commit(5, confirmation=Confirmation()))
        await until(lambda: time.monotonic() > first.deadline + 0.05)
        setting.go.set()
        await asyncio.gather(edit, follow_up)
        await settle()
        await datastores.settle()
        assert groups(datastores.running) == [OLD, NEW, "225.4.4.4"]
        assert events(setting) == ["start", "extend"]

    confirmed_test(test, timeout=0.05)


def test_a_confirmed_commit_without_changes_can_be_extended_and_cancelled() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.commits.commit(5, confirmation=Confirmation())
        await datastores.commits.commit(5, confirmation=Confirmation())
        await datastores.commits.cancel(5)
        assert setting.applied == []
        assert events(setting) == ["start", "extend", "cancel"]

    run(test)


def test_cancel_commit() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await refused("in-use", datastores.commits.cancel(6))
        await datastores.commits.cancel(5, user="alice")
        assert groups(datastores.running) == [OLD]
        assert (setting.changes[-1].session_id, setting.changes[-1].user) == (5, "alice")
        error = await refused("operation-failed", datastores.commits.cancel(5))
        assert "no confirmed commit" in error.message

    confirmed_test(test)


def test_a_cancel_that_the_engine_refuses_leaves_it_pending() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        setting.refuse = EngineError("no")
        with pytest.raises(EngineError):
            await datastores.commits.cancel(5)
        setting.refuse = None
        assert groups(datastores.running) == [OLD, NEW]
        assert datastores.pending is not None
        await datastores.commits.cancel(5)

    confirmed_test(test)


def test_while_it_is_pending_running_is_its_sessions() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        for work in (
            datastores.edit(0, adding(NEWER)),
            datastores.edit(6, adding(NEWER)),
            datastores.copy(STARTUP, RUNNING),
            datastores.commits.commit(6),
            datastores.commits.commit(6, confirmation=Confirmation()),
            datastores.copy(RUNNING, STARTUP, 6),
            datastores.copy(RUNNING, STARTUP, 5),
        ):
            error = await refused("in-use", work)
            assert "session 5" in error.message
        error = await refused("lock-denied", datastores.lock(RUNNING, 6))
        assert error.info == (("session-id", "5"),)
        assert groups(datastores.running) == [OLD, NEW]
        assert setting.saved == []
        await datastores.edit(6, adding(NEWER), target=CANDIDATE)
        await datastores.lock(RUNNING, 5)
        await datastores.edit(5, adding(NEWER))
        await datastores.commits.cancel(5)
        assert groups(datastores.running) == [OLD]

    confirmed_test(test)


def test_a_confirmation_that_the_engine_refuses_leaves_it_pending() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        record = setting.memory.record
        setting.refuse = EngineError("no")
        with pytest.raises(EngineError):
            await commit(datastores, 5, NEWER, confirmation=None)
        setting.refuse = None
        assert setting.memory.record == record
        datastores.release(5)
        await until(lambda: datastores.pending is None)
        assert groups(datastores.running) == [OLD]

    confirmed_test(test)


def test_what_cannot_be_kept_is_not_begun_and_not_confirmed() -> None:
    memory = FullMemory()

    async def main() -> None:
        setting = Setting(memory)
        datastores = setting.datastores
        memory.full = True
        with pytest.raises(Error, match="no room"):
            await commit(datastores, 5, NEW)
        assert (setting.applied, datastores.pending) == ([], None)
        memory.full = False
        await datastores.commits.commit(5, confirmation=Confirmation())
        memory.full = True
        with pytest.raises(Error, match="no room"):
            await datastores.commits.commit(5)
        assert datastores.pending is not None

    asyncio.run(main())


def test_a_rollback_that_is_refused_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        setting.refuse = EngineError("the engine is not there")
        datastores.release(5)
        await until(lambda: caplog.text.count("the engine is not there") >= 2)
        assert groups(datastores.running) == [OLD, NEW]
        setting.refuse = None
        await until(lambda: datastores.pending is None)
        assert groups(datastores.running) == [OLD]

    monkeypatch.setattr(confirmed, "ROLLBACK_RETRY", 0.001)
    with caplog.at_level(logging.ERROR):
        confirmed_test(test)
