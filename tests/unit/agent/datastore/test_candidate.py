"""datastore/: the candidate, commit and validate (RFC 6241, sections 8.3 and 8.6)."""

from __future__ import annotations

import pytest

from smcroute_agent.datastore.datastores import Datastores
from smcroute_agent.datastore.names import (
    CANDIDATE,
    RUNNING,
    SET,
    STARTUP,
    TEST_ONLY,
    TEST_THEN_SET,
)
from smcroute_agent.errors import DataError, EngineError, Error
from smcroute_agent.yang.data import Container
from tests.unit.agent.datastore.setting import Setting, adding, groups, run, tree

BAD = adding("225.9.9.9", source="2001:db8::1")
"""An edit whose result is well-formed and not valid: the families differ."""


def test_the_candidate_follows_running_until_it_is_modified() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.edit(1, adding("225.1.1.1"))
        assert datastores.candidate is datastores.running
        assert await datastores.edit(1, adding("225.2.2.2"), target=CANDIDATE)
        await datastores.edit(0, adding("225.3.3.3"))
        assert groups(datastores.candidate) == ["225.1.1.1", "225.2.2.2"]
        assert groups(await datastores.read(CANDIDATE)) == ["225.1.1.1", "225.2.2.2"]
        assert groups(datastores.running) == ["225.1.1.1", "225.3.3.3"]
        await datastores.discard(1)
        assert datastores.candidate is datastores.running

    run(test)


def test_a_commit_makes_running_what_the_candidate_is() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.edit(1, adding("225.1.1.1"), target=CANDIDATE)
        assert setting.applied == []
        assert setting.changes == []
        await datastores.edit(0, adding("225.2.2.2"))
        await datastores.commits.commit(1, user="alice")
        assert groups(datastores.running) == ["225.1.1.1"]
        assert setting.applied[-1] == (["225.2.2.2"], ["225.1.1.1"])
        assert (setting.changes[-1].session_id, setting.changes[-1].user) == (1, "alice")
        await datastores.edit(0, adding("225.3.3.3"))
        assert datastores.candidate is datastores.running
        await datastores.commits.commit(1)
        assert len(setting.applied) == 3

    run(test)


@pytest.mark.parametrize("refusal", [EngineError("no"), RuntimeError("bug")])
def test_a_commit_that_is_refused_leaves_both(refusal: Exception) -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.edit(1, adding("225.1.1.1"), target=CANDIDATE)
        setting.refuse = refusal
        with pytest.raises(type(refusal)):
            await datastores.commits.commit(1)
        setting.refuse = None
        assert groups(datastores.running) == []
        assert groups(datastores.candidate) == ["225.1.1.1"]
        await datastores.commits.commit(1)
        assert groups(datastores.running) == ["225.1.1.1"]

    run(test)


def test_the_candidate_is_validated_by_validate_and_commit() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        assert await datastores.edit(1, BAD, target=CANDIDATE)
        for work in (lambda: datastores.validate(CANDIDATE), lambda: datastores.commits.commit(1)):
            with pytest.raises(DataError) as caught:
                await work()
            assert caught.value.app_tag == "address-family"
        assert setting.applied == []
        await datastores.discard(1)
        await datastores.validate(CANDIDATE)

    run(test)


@pytest.mark.parametrize("target", [RUNNING, CANDIDATE])
def test_test_options(target: str) -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        for option in (TEST_THEN_SET, TEST_ONLY):
            with pytest.raises(DataError):
                await datastores.edit(1, BAD, target=target, test=option)
            with pytest.raises(DataError):
                await datastores.edit(1, adding("nonsense"), target=target, test=option)
        assert not await datastores.edit(1, adding("225.1.1.1"), target=target, test=TEST_ONLY)
        assert groups(await datastores.read(target)) == []
        assert setting.applied == []
        for option in (TEST_THEN_SET, SET):
            group = f"225.1.1.{len(option)}"
            assert await datastores.edit(1, adding(group), target=target, test=option)
            assert group in groups(await datastores.read(target))

    run(test)


def test_what_a_test_asks_where_the_change_would_be_applied() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        asked = []

        async def rehearse(before: Container, after: Container, *, pending: bool = False) -> list:
            asked.append((groups(before), groups(after)))
            raise EngineError("no room")

        await datastores.edit(1, adding("225.1.1.1"))
        datastores.edits.rehearse = rehearse
        works = [
            lambda target=target, option=option: datastores.edit(
                1, adding("225.1.1.2"), target=target, test=option
            )
            for target, option in (
                (RUNNING, TEST_ONLY),
                (CANDIDATE, TEST_ONLY),
                (CANDIDATE, TEST_THEN_SET),
            )
        ]
        works.append(lambda: datastores.validate(tree("225.1.1.1", "225.1.1.2")))
        for work in works:
            with pytest.raises(EngineError):
                await work()
        assert groups(datastores.candidate) == groups(datastores.running) == ["225.1.1.1"]
        assert await datastores.edit(1, adding("225.1.1.2"), target=CANDIDATE, test=SET)
        with pytest.raises(EngineError):
            await datastores.validate(CANDIDATE)
        assert asked == [(["225.1.1.1"], ["225.1.1.1", "225.1.1.2"])] * 5
        with pytest.raises(DataError):
            await datastores.edit(1, BAD, test=TEST_ONLY)
        assert len(asked) == 5
        # What is only tested is no edit that failed, but one candidate that was to be set is.
        assert datastores.counters()["errors"] == 1

    run(test)


def test_set_does_not_put_into_running_what_is_not_valid() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        with pytest.raises(DataError):
            await datastores.edit(1, BAD, test=SET)
        assert await datastores.edit(1, BAD, target=CANDIDATE, test=SET)

    run(test)


def test_validate_every_source() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        bad = BAD(tree())
        await datastores.validate(tree("225.1.1.1"))
        for source in (RUNNING, CANDIDATE, STARTUP):
            await datastores.validate(source)
        setting.saved.append(bad)
        for wrong in (bad, STARTUP):
            with pytest.raises(DataError):
                await datastores.validate(wrong)
        await datastores.adopt(bad)
        with pytest.raises(DataError):
            await datastores.validate(RUNNING)

    run(test)


def test_copies_to_and_from_the_candidate() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.copy(tree("225.1.1.1"), CANDIDATE, 1)
        assert groups(datastores.candidate) == ["225.1.1.1"]
        await datastores.copy(CANDIDATE, STARTUP, 1)
        assert groups(setting.saved[-1]) == ["225.1.1.1"]
        assert groups(datastores.running) == []
        await datastores.copy(RUNNING, CANDIDATE, 1)
        assert datastores.candidate is datastores.running
        await datastores.copy(STARTUP, CANDIDATE, 1)
        await datastores.copy(CANDIDATE, RUNNING, 1)
        assert groups(datastores.running) == ["225.1.1.1"]
        await datastores.edit(0, adding("225.2.2.2"))
        assert datastores.candidate is datastores.running
        with pytest.raises(Error) as caught:
            await datastores.copy(CANDIDATE, CANDIDATE)
        assert caught.value.tag == "invalid-value"
        with pytest.raises(Error, match="cannot be deleted"):
            await datastores.delete(CANDIDATE)

    run(test)


def test_what_is_not_valid_is_copied_to_the_candidate_only() -> None:
    async def test(setting: Setting, datastores: Datastores) -> None:
        await datastores.copy(BAD(tree()), CANDIDATE)
        for target in (RUNNING, STARTUP):
            with pytest.raises(DataError):
                await datastores.copy(CANDIDATE, target)
        assert setting.saved == setting.applied == []

    run(test)
