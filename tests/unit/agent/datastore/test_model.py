"""Any order of operations by two sessions and a local program, against a model of the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from smcroute_agent.datastore.confirmed import Confirmation
from smcroute_agent.datastore.names import CANDIDATE, DATASTORES, RUNNING, STARTUP
from smcroute_agent.datastore.pending import Pending
from smcroute_agent.errors import EngineError, Error
from tests.unit.agent.datastore.model import OK, Model, State
from tests.unit.agent.datastore.setting import SCHEMA, Setting, groups, tree

SESSIONS = (1, 2)
who = st.sampled_from(SESSIONS)
anybody = st.sampled_from((0, *SESSIONS))
content = st.frozensets(st.sampled_from(["225.1.1.1", "225.2.2.2"]))
token = st.sampled_from([None, None, None, "a", "b"])
datastore = st.sampled_from(DATASTORES)


class Machine(RuleBasedStateMachine):
    """The datastores and the model, step by step."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.model = Model()
        self.setting = self.runner.run(self.made())
        self.real = self.setting.datastores

    async def made(self) -> Setting:
        return Setting()

    def teardown(self) -> None:
        self.runner.close()

    def check(self, expected: str, work: Awaitable[object]) -> None:
        async def answer() -> str:
            try:
                await work
            except Error as error:
                return error.tag
            return OK

        assert self.runner.run(answer()) == expected

    @rule(name=st.sampled_from([RUNNING, CANDIDATE]), session=anybody, wanted=content)
    def edit(self, name: str, session: int, wanted: State) -> None:
        work = self.real.edit(session, lambda _: tree(*sorted(wanted)), target=name)
        self.check(self.model.edit(name, session, wanted), work)

    @rule(source=datastore, into=datastore, session=anybody)
    def copy(self, source: str, into: str, session: int) -> None:
        self.check(self.model.copy(source, into, session), self.real.copy(source, into, session))

    @rule(session=who, trial=st.booleans(), new=token, given=token)
    def commit(self, session: int, trial: bool, new: str | None, given: str | None) -> None:
        confirmation = Confirmation(persist=new) if trial else None
        work = self.real.commits.commit(session, confirmation=confirmation, persist_id=given)
        self.check(self.model.commit(session, trial, new, given), work)

    @rule(session=who, given=token)
    def cancel(self, session: int, given: str | None) -> None:
        expected = self.model.cancel(session, given)
        self.check(expected, self.real.commits.cancel(session, persist_id=given))

    @rule(session=who)
    def discard(self, session: int) -> None:
        self.check(self.model.discard(session), self.real.discard(session))

    @rule(name=datastore, session=who)
    def lock(self, name: str, session: int) -> None:
        self.check(self.model.lock(name, session), self.real.lock(name, session))

    @rule(name=datastore, session=who, mine=st.booleans())
    def unlock(self, name: str, session: int, mine: bool) -> None:
        holder = self.model.locks.get(name, session) if mine else session
        self.check(self.model.unlock(name, holder), self.real.unlock(name, holder))

    @rule(session=who)
    def end(self, session: int) -> None:
        """The session ends; its number stands for a new one afterwards."""
        self.model.end(session)

        async def work() -> None:
            self.real.release(session)
            await self.rolled_back()

        self.runner.run(work())

    @rule()
    def time_passes(self) -> None:
        if self.model.before is None:
            return
        self.model.roll_back()

        async def work() -> None:
            assert self.real.pending is not None
            self.real._confirmations._overdue(self.real.pending.deadline)
            await self.rolled_back()

        self.runner.run(work())

    @rule(session=who, trial=st.booleans(), given=token)
    def refused_commit(self, session: int, trial: bool, given: str | None) -> None:
        """The engine refuses; nothing has changed then."""
        if self.model.candidate == self.model.running:
            return

        async def work() -> None:
            self.setting.refuse = EngineError("no")
            try:
                confirmation = Confirmation(persist="c") if trial else None
                await self.real.commits.commit(session, confirmation=confirmation, persist_id=given)
            except Error:
                return
            finally:
                self.setting.refuse = None
            raise AssertionError("a commit that the engine refused")

        self.runner.run(work())

    @rule()
    def agent_is_replaced(self) -> None:
        """A new process adopts what the old one left, whose sessions and candidate are gone."""
        for session in SESSIONS:
            self.model.end(session)
        self.model.own = None
        self.setting = self.runner.run(self.successor())
        self.real = self.setting.datastores

    async def successor(self) -> Setting:
        old = self.setting
        timer = old.datastores._confirmations._timer
        if timer is not None:
            timer.cancel()
        new = Setting(old.memory)
        new.saved = old.saved
        await new.datastores.adopt(old.datastores.running)
        return new

    async def rolled_back(self) -> None:
        tasks = self.real._confirmations._tasks
        if tasks:
            await asyncio.wait(tasks, timeout=10)

    @invariant()
    def both_agree(self) -> None:
        real, model = self.real, self.model
        assert frozenset(groups(real.running)) == model.running
        assert frozenset(groups(real.candidate)) == model.candidate
        assert frozenset(groups(self.runner.run(real.read(STARTUP)))) == model.startup
        held = {name: lock.session_id for name, lock in real.locks.held.items()}
        assert held == model.locks

    @invariant()
    def what_is_pending_is_kept(self) -> None:
        pending, record = self.real.pending, self.setting.memory.record
        if self.model.before is None:
            assert (pending, record) == (None, None)
            return
        assert pending is not None
        assert (pending.session_id, pending.persist) == (self.model.owner, self.model.token)
        kept = Pending.decode(SCHEMA, record)
        assert frozenset(groups(kept.before)) == self.model.before
        assert kept.persist == self.model.token
        assert kept.deadline == pending.deadline

    @invariant()
    def the_engine_has_what_is_running(self) -> None:
        if self.setting.applied:
            assert frozenset(self.setting.applied[-1][1]) == self.model.running


TestAnyOrder = Machine.TestCase
TestAnyOrder.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
