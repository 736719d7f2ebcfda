"""datastore/: locks and the candidate (RFC 6241, sections 7.5 and 8.3)."""

from __future__ import annotations

import asyncio

import pytest

from smcroute_agent.datastore.datastores import Datastores
from smcroute_agent.datastore.names import (
    CANDIDATE,
    RUNNING,
    STARTUP,
    TEST_ONLY,
)
from smcroute_agent.errors import Error
from tests.unit.agent.datastore.setting import Setting, adding, groups, run, settle, tree


@pytest.mark.parametrize("locked", [RUNNING, CANDIDATE])
def test_a_commit_needs_both_datastores_free_of_others_locks(locked: str) -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.lock(locked, 5)
        with pytest.raises(Error) as caught:
            await datastores.commits.commit(6)
        assert caught.value.tag == "in-use"
        await datastores.commits.commit(5)

    run(test)


def test_a_locked_candidate_is_not_changed_by_others() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.lock(CANDIDATE, 5)
        for work in (
            lambda: datastores.edit(6, adding("225.1.1.1"), target=CANDIDATE),
            lambda: datastores.copy(tree("225.1.1.1"), CANDIDATE, 6),
            lambda: datastores.discard(6),
        ):
            with pytest.raises(Error) as caught:
                await work()
            assert caught.value.tag == "in-use"
        assert not await datastores.edit(6, adding("225.1.1.1"), target=CANDIDATE, test=TEST_ONLY)
        assert await datastores.edit(5, adding("225.1.1.1"), target=CANDIDATE)
        await datastores.edit(0, adding("225.2.2.2"))

    run(test)


def test_a_modified_candidate_cannot_be_locked_by_anybody() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.edit(5, adding("225.1.1.1"), target=CANDIDATE)
        for session_id in (5, 6):
            with pytest.raises(Error, match="modified") as caught:
                await datastores.lock(CANDIDATE, session_id)
            assert (caught.value.error_type, caught.value.tag) == ("protocol", "in-use")
        await datastores.commits.commit(5)
        await datastores.lock(CANDIDATE, 6)

    run(test)


def test_a_candidate_that_is_running_again_is_not_modified() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.edit(5, adding("225.1.1.1"), target=CANDIDATE)
        await datastores.edit(5, lambda _: tree(), target=CANDIDATE)
        await datastores.lock(CANDIDATE, 6)
        assert datastores.candidate is datastores.running

    run(test)


@pytest.mark.parametrize("ended", [True, False])
def test_what_is_not_committed_goes_with_the_lock(ended: bool) -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.lock(CANDIDATE, 5)
        await datastores.edit(5, adding("225.1.1.1"), target=CANDIDATE)
        datastores.release(6)
        assert groups(datastores.candidate) == ["225.1.1.1"]
        if ended:
            datastores.release(5)
        else:
            await datastores.unlock(CANDIDATE, 5)
        assert datastores.candidate is datastores.running
        await datastores.lock(CANDIDATE, 6)

    run(test)


def test_changes_without_a_lock_stay_when_their_session_ends() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.edit(5, adding("225.1.1.1"), target=CANDIDATE)
        datastores.release(5)
        assert groups(datastores.candidate) == ["225.1.1.1"]
        await datastores.commits.commit(6)
        assert groups(datastores.running) == ["225.1.1.1"]

    run(test)


def test_a_copy_under_way_leaves_nothing_in_the_candidate_of_a_lost_lock() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        setting.saved.append(tree("225.1.1.1"))
        load = setting.load
        reading, go = asyncio.Event(), asyncio.Event()

        async def slow_load() -> object:
            reading.set()
            await go.wait()
            return await load()

        setting.load = slow_load  # type: ignore[assignment, method-assign]
        await datastores.lock(CANDIDATE, 5)
        copy = asyncio.create_task(datastores.copy(STARTUP, CANDIDATE, 5))
        await reading.wait()
        datastores.release(5)
        go.set()
        await copy
        await settle()
        assert datastores.candidate is datastores.running

    run(test)


def test_a_commit_under_way_is_finished_when_its_session_ends() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.lock(CANDIDATE, 5)
        await datastores.edit(5, adding("225.1.1.1"), target=CANDIDATE)
        setting.go.clear()
        commit = asyncio.create_task(datastores.commits.commit(5))
        await settle()
        commit.cancel()
        datastores.release(5)
        setting.go.set()
        await datastores.settle()
        assert groups(datastores.running) == ["225.1.1.1"]
        assert datastores.candidate is datastores.running

    run(test)
