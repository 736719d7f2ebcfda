"""datastore/: confirmed commits that outlive their session, or their process (section 8.4)."""

from __future__ import annotations

import pytest

from smcroute_agent.datastore import confirmed
from smcroute_agent.datastore.confirmed import Confirmation
from smcroute_agent.datastore.datastores import Datastores
from smcroute_agent.datastore.names import RUNNING
from smcroute_agent.errors import EngineError
from tests.unit.agent.datastore.confirming import (
    NEW,
    NEWER,
    OLD,
    TOKEN,
    commit,
    confirmed_test,
    events,
    refused,
    successor,
    until,
)
from tests.unit.agent.datastore.setting import Setting, adding, groups, settle, tree


def test_a_persistent_one_survives_its_session_and_is_confirmed_by_any() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        datastores.release(5)
        await settle()
        for session_id in (5, 6):
            error = await refused("in-use", datastores.commits.commit(session_id))
            assert "persist-id" in str(error)
            await refused("in-use", datastores.commits.cancel(session_id))
        error = await refused("lock-denied", datastores.lock(RUNNING, 5))
        assert error.info == (("session-id", "0"),)
        for wrong in ("", "iq,D4668"):
            await refused("invalid-value", datastores.commits.commit(6, persist_id=wrong))
            await refused("invalid-value", datastores.commits.cancel(6, persist_id=wrong))
        assert groups(datastores.running) == [OLD, NEW]
        await datastores.commits.commit(6, persist_id=TOKEN)
        assert datastores.pending is None
        assert groups(datastores.running) == [OLD, NEW]
        await refused("invalid-value", datastores.commits.commit(6, persist_id=TOKEN))

    confirmed_test(test, persist=TOKEN)


def test_a_persistent_one_is_cancelled_by_any_session_with_the_token() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await refused("in-use", datastores.commits.cancel(5))
        await datastores.commits.cancel(6, persist_id=TOKEN)
        assert groups(datastores.running) == [OLD]

    confirmed_test(test, persist=TOKEN)


def test_the_token_in_a_follow_up() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await commit(datastores, 6, NEWER, persist_id=TOKEN)
        datastores.release(6)
        await settle()
        await datastores.commits.commit(
            7, confirmation=Confirmation(persist="other"), persist_id=TOKEN
        )
        await refused("invalid-value", datastores.commits.commit(7, persist_id=TOKEN))
        await datastores.commits.cancel(8, persist_id="other")
        assert groups(datastores.running) == [OLD]

    confirmed_test(test, persist=TOKEN)


def test_a_token_where_there_is_none() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await refused("invalid-value", datastores.commits.commit(5, persist_id=TOKEN))
        await datastores.commits.commit(5, confirmation=Confirmation(persist=TOKEN))
        datastores.release(5)
        await settle()
        await datastores.commits.commit(6, persist_id=TOKEN)
        assert groups(datastores.running) == [OLD, NEW]

    confirmed_test(test)


def test_the_next_process_rolls_back_what_was_bound_to_a_session() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.adopt(tree(OLD, NEW))
        assert setting.applied == [([OLD, NEW], [OLD])]
        assert (datastores.pending, setting.memory.record) == (None, None)

    successor(test)


def test_the_next_process_waits_for_the_confirmation_of_a_persistent_one() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.adopt(tree(OLD, NEW))
        # A session of this process is not that of the other with the same number.
        await refused("in-use", datastores.edit(1, adding(NEWER)))
        await datastores.commits.commit(1, persist_id=TOKEN)
        assert groups(datastores.running) == [OLD, NEW]
        assert setting.memory.record is None

    successor(test, persist=TOKEN)


def test_the_next_process_rolls_back_a_persistent_one_at_its_deadline() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.adopt(tree(OLD, NEW))
        await until(lambda: groups(datastores.running) == [OLD])
        await until(lambda: datastores.pending is None)
        assert events(setting) == ["timeout"]

    successor(test, persist=TOKEN, timeout=0.02)


def test_the_next_process_goes_on_trying(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        setting.refuse = EngineError("not yet")
        await datastores.adopt(tree(OLD, NEW))
        assert groups(datastores.running) == [OLD, NEW]
        setting.refuse = None
        await until(lambda: groups(datastores.running) == [OLD])

    monkeypatch.setattr(confirmed, "ROLLBACK_RETRY", 0.001)
    successor(test)


def test_a_system_that_starts_has_nothing_to_roll_back() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.begin(tree(NEWER))
        assert setting.memory.record is None
        assert groups(datastores.running) == [NEWER]
        assert datastores.pending is None

    successor(test)
