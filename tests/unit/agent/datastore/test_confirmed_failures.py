"""datastore/: a confirmation that fails leaves what it was to confirm, and who may undo it."""

from __future__ import annotations

import asyncio
import logging

import pytest

from smcroute_agent.datastore import confirmed
from smcroute_agent.datastore.datastores import Datastores
from smcroute_agent.errors import EngineError
from tests.unit.agent.datastore.confirming import (
    NEW,
    NEWER,
    OLD,
    FullMemory,
    commit,
    confirmed_test,
    until,
)
from tests.unit.agent.datastore.setting import Setting, adding, groups, settle


def test_what_cannot_be_kept_again_is_rolled_back_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    memory = FullMemory()

    async def main() -> None:
        setting = Setting(memory)
        datastores = setting.datastores
        await datastores.edit(5, adding(OLD))
        await commit(datastores, 5, NEW)
        setting.go.clear()
        setting.refuse = EngineError("no")
        confirmation = asyncio.create_task(commit(datastores, 5, NEWER, confirmation=None))
        await settle()
        memory.full = True
        setting.go.set()
        with pytest.raises(EngineError):
            await confirmation
        setting.refuse = None
        memory.full = False
        assert datastores.pending is not None
        assert "no room" in caplog.text
        datastores.release(5)
        await until(lambda: datastores.pending is None)
        assert groups(datastores.running) == [OLD]

    with caplog.at_level(logging.ERROR):
        asyncio.run(main())


def test_the_end_of_the_session_in_the_middle_of_a_confirmation_that_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody has to wait for the deadline."""

    async def test(setting: Setting, datastores: Datastores) -> None:
        setting.go.clear()
        setting.refuse = EngineError("no")
        confirmation = asyncio.create_task(commit(datastores, 5, NEWER, confirmation=None))
        await settle()
        datastores.release(5)
        setting.go.set()
        await settle()
        setting.refuse = None
        with pytest.raises(EngineError):
            await confirmation
        await until(lambda: datastores.pending is None)
        assert groups(datastores.running) == [OLD]

    monkeypatch.setattr(confirmed, "ROLLBACK_RETRY", 0.001)
    confirmed_test(test)
