"""datastore/locks.py: RFC 6241, sections 7.5 and 7.6."""

from __future__ import annotations

import pytest

from smcroute_agent.datastore.locks import LockTable
from smcroute_agent.errors import Error


@pytest.mark.parametrize("session_id", [1, 2])
def test_a_lock_is_held_once_also_by_its_own_session(session_id: int) -> None:
    locks = LockTable()
    locks.lock("running", 1)
    with pytest.raises(Error) as caught:
        locks.lock("running", session_id)
    error = caught.value
    assert (error.error_type, error.tag) == ("protocol", "lock-denied")
    assert error.info == (("session-id", "1"),)


def test_a_program_outside_netconf_is_session_0() -> None:
    locks = LockTable()
    locks.lock("running", 0)
    with pytest.raises(Error, match="smcroutectl") as caught:
        locks.lock("running", 1)
    assert caught.value.info == (("session-id", "0"),)


def test_datastores_are_locked_apart() -> None:
    locks = LockTable()
    locks.lock("running", 1)
    locks.lock("startup", 2)
    locks.check("startup", 2)
    with pytest.raises(Error) as caught:
        locks.check("startup", 1)
    assert (caught.value.error_type, caught.value.tag) == ("protocol", "in-use")


@pytest.mark.parametrize("holder", [None, 2])
def test_only_the_holder_unlocks(holder: int | None) -> None:
    locks = LockTable()
    if holder is not None:
        locks.lock("running", holder)
    with pytest.raises(Error) as caught:
        locks.unlock("running", 1)
    assert (caught.value.error_type, caught.value.tag) == ("protocol", "operation-failed")
    assert list(locks.held) == ([] if holder is None else ["running"])


def test_unlock_and_lock_again() -> None:
    locks = LockTable()
    locks.lock("running", 1)
    locks.unlock("running", 1)
    locks.lock("running", 2)
    assert locks.held["running"].session_id == 2
    assert locks.held["running"].time.tzinfo is not None


def test_release_gives_back_all_of_one_session() -> None:
    locks = LockTable()
    locks.lock("running", 1)
    locks.lock("startup", 1)
    locks.release(2)
    assert len(locks.held) == 2
    locks.release(1)
    assert locks.held == {}
    locks.release(1)
