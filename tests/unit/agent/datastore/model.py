"""The rules of the datastores, to compare them with.

RFC 6241, sections 7 and 8.3 to 8.5, written down once more with sets of groups in the place of
trees, and without time: a deadline passes when a step says so.
"""

from __future__ import annotations

from smcroute_agent.datastore.names import CANDIDATE, RUNNING, STARTUP

OK = "ok"
State = frozenset[str]


class Model:
    """What should be; each method answers "ok" or the error-tag."""

    def __init__(self) -> None:
        self.running: State = frozenset()
        self.own: State | None = None
        self.startup: State = frozenset()
        self.locks: dict[str, int] = {}
        self.before: State | None = None
        self.owner: int | None = None
        self.token: str | None = None

    @property
    def candidate(self) -> State:
        return self.running if self.own is None else self.own

    def free(self, name: str, session: int) -> bool:
        return self.locks.get(name, session) == session

    def ours(self, session: int) -> bool:
        return self.before is None or self.owner == session

    def edit(self, name: str, session: int, wanted: State) -> str:
        if not self.free(name, session) or (name == RUNNING and not self.ours(session)):
            return "in-use"
        if name == RUNNING:
            self.running = wanted
        elif wanted != self.candidate:
            self.own = wanted
        return OK

    def copy(self, source: str, target: str, session: int) -> str:
        if source == target:
            return "invalid-value"
        if not self.free(target, session):
            return "in-use"
        wanted = {RUNNING: self.running, CANDIDATE: self.candidate, STARTUP: self.startup}[source]
        if target == RUNNING:
            if not self.ours(session):
                return "in-use"
            if source == CANDIDATE:
                self.own = None
            self.running = wanted
        elif target == STARTUP:
            if source == RUNNING and self.before is not None:
                return "in-use"
            self.startup = wanted
        else:
            self.own = wanted if wanted != self.running else None
        return OK

    def may_end(self, session: int, given: str | None) -> str:
        """Whether a commit or cancel-commit may touch what is pending."""
        if given is not None:
            fits = self.before is not None and given == self.token
            return OK if fits else "invalid-value"
        if self.before is not None and (self.owner != session or self.token is not None):
            return "in-use"
        return OK

    def commit(self, session: int, trial: bool, new: str | None, given: str | None) -> str:
        if not (self.free(CANDIDATE, session) and self.free(RUNNING, session)):
            return "in-use"
        answer = self.may_end(session, given)
        if answer != OK:
            return answer
        if trial:
            if self.before is None:
                self.before, self.token = self.running, None
            self.owner = session
            self.token = new if new is not None else self.token
        else:
            self.before = self.owner = self.token = None
        self.running, self.own = self.candidate, None
        return OK

    def cancel(self, session: int, given: str | None) -> str:
        if self.before is None and given is None:
            return "operation-failed"
        answer = self.may_end(session, given)
        if answer == OK and not self.free(RUNNING, session):
            return "in-use"
        if answer == OK:
            self.roll_back()
        return answer

    def roll_back(self) -> None:
        assert self.before is not None
        self.running = self.before
        self.before = self.owner = self.token = None

    def discard(self, session: int) -> str:
        if not self.free(CANDIDATE, session):
            return "in-use"
        self.own = None
        return OK

    def lock(self, name: str, session: int) -> str:
        if name in self.locks or (name == RUNNING and not self.ours(session)):
            return "lock-denied"
        if name == CANDIDATE:
            if self.candidate != self.running:
                return "in-use"
            self.own = None
        self.locks[name] = session
        return OK

    def unlock(self, name: str, session: int) -> str:
        if self.locks.get(name) != session:
            return "operation-failed"
        del self.locks[name]
        if name == CANDIDATE:
            self.own = None
        return OK

    def end(self, session: int) -> None:
        for name in [name for name, holder in self.locks.items() if holder == session]:
            self.unlock(name, session)
        if self.before is not None and self.owner == session:
            self.owner = None
            if self.token is None:
                self.roll_back()
