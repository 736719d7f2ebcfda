"""Files and a router that live in memory, for the tests of compat/."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence

from smcroute_agent.compat import conf, tables
from smcroute_agent.compat.commands import Edit
from smcroute_agent.errors import DataError, Error, SystemProblem
from smcroute_agent.rules import Mgroup, Mroute, Rule, RuleKey, rule_key

MAIN = "/etc/smcroute.conf"


class MemoryFiles:
    """Files by path; those in `read_only` cannot be replaced."""

    def __init__(self, main: bytes | None = None, **others: bytes) -> None:
        self.content = {f"/etc/smcroute.d/{name}.conf": text for name, text in others.items()}
        if main is not None:
            self.content[MAIN] = main
        self.read_only: set[str] = set()
        self.unreadable: set[str] = set()
        self.replaced: list[str] = []

    def read(self, path: str) -> bytes:
        if path in self.unreadable:
            raise SystemProblem("cannot read it", path=path, remedy="become root")
        if path not in self.content:
            raise FileNotFoundError(path)
        return self.content[path]

    def glob(self, pattern: str) -> list[str]:
        return sorted(path for path in self.content if fnmatch.fnmatch(path, pattern))

    def replace(self, contents: Mapping[str, bytes]) -> None:
        for path in contents:
            if path in self.read_only:
                raise SystemProblem("cannot write it: the disk is full", path=path)
        self.content.update(contents)
        self.replaced += contents

    def parse(self) -> conf.Document:
        return conf.parse(self, MAIN)


def parse(main: bytes | str, **others: bytes) -> conf.Document:
    """The document of a main file and its /etc/smcroute.d/*.conf."""
    return MemoryFiles(main if isinstance(main, bytes) else main.encode(), **others).parse()


class MemoryRouter:
    """Holds rules; single routes stand in its kernel, and its groups are all joined."""

    def __init__(self, *rules: Rule) -> None:
        self.rules: dict[RuleKey, Rule] = {rule_key(rule): rule for rule in rules}
        self.calls: list[str] = []
        self.refuse: Error | None = None
        self.known: list[tables.InterfaceRow] = []
        self.waiting: list[tables.PendingRow] = []

    async def edit(self, edit: Edit) -> None:
        before = dict(self.rules)
        self._do(edit)
        if self.refuse is not None:
            self.rules = before
            raise self.refuse
        self.calls.append("edit")

    async def edit_together(self, edits: Sequence[Edit]) -> list[Error | None]:
        before, outcomes = dict(self.rules), []
        for edit in edits:
            try:
                self._do(edit)
            except DataError as error:
                outcomes.append(error)
            else:
                outcomes.append(None)
        if self.refuse is not None:
            self.rules = before
            raise self.refuse
        self.calls.append(f"{len(edits)} edits")
        return outcomes

    def _do(self, edit: Edit) -> None:
        change = edit(self.rules.get)
        for key in change.remove:
            del self.rules[key]
        for rule in change.add:
            self.rules[rule_key(rule)] = rule

    async def flush(self) -> None:
        self.calls.append("flush")

    async def reload(self) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.calls.append("reload")

    def check_kill(self) -> None:
        pass

    async def kill(self) -> None:
        self.calls.append("kill")

    async def interfaces(self) -> list[tables.InterfaceRow]:
        return self.known

    async def groups(self) -> tables.Groups:
        rows = [
            tables.GroupRow(rule.source, rule.group, rule.interface)
            for rule in self.rules.values()
            if isinstance(rule, Mgroup)
        ]
        return tables.Groups(rows, rows)

    async def routes(self) -> tables.Routes:
        rows = [
            tables.RouteRow(rule.source, rule.group, rule.interface, rule.out_interfaces)
            for rule in self.rules.values()
            if isinstance(rule, Mroute)
        ]
        static = [row for row in rows if row.source != "*" and "/" not in row.source + row.group]
        return tables.Routes(
            [row for row in rows if row not in static],
            static,
            static,
            [row.name for row in self.known],
        )

    async def pending(self) -> list[tables.PendingRow]:
        return self.waiting
