"""union (RFC 7950, section 9.12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..value_problem import ValueProblem
from .base import Resolve, Type, quoted
from .references import LeafRef
from .words import Enumeration


class Union(Type):
    """union: the first member that accepts the value (RFC 7950, section 9.12)."""

    base = "union"

    def __init__(self, spec: Mapping[str, Any], members: Sequence[Type]) -> None:
        super().__init__(spec)
        self.members = tuple(members)
        self.contextual = any(member.contextual for member in members)

    def check(self, text: str, resolve: Resolve | None) -> str:
        return self.match(text, resolve)[0]

    def match(self, text: str, resolve: Resolve | None = None) -> tuple[str, Type]:
        """The canonical value and the member that accepted it."""
        for member in self.members:
            if isinstance(member, Enumeration) and text not in member.values:
                continue
            try:
                if isinstance(member, Union):
                    return member.match(text, resolve)
                return member.parse(text, resolve), member
            except ValueProblem:
                continue
        raise self._helpful(text, self._problems(text, resolve))

    def _problems(self, text: str, resolve: Resolve | None) -> list[tuple[Type, ValueProblem]]:
        """What each member has against a value that none accepts."""
        problems = []
        for member in self.members:
            try:
                member.parse(text, resolve)
            except ValueProblem as problem:
                problems.append((member, problem))
        return problems

    def _helpful(self, text: str, problems: Sequence[tuple[Type, ValueProblem]]) -> ValueProblem:
        """The problem of the member that the text resembles, or else of the union as a whole."""
        alike = [problem for member, problem in problems if member.resembles(text)]
        said = [problem for problem in alike if not problem.default]
        if not said and not alike:
            said = [
                problem
                for member, problem in problems
                if not problem.default and member.resembles(text) is None
            ]
        chosen = said or alike
        if not chosen:
            return ValueProblem(f"{quoted(text)} is not a valid {self.name}")
        tags = {problem.app_tag for problem in chosen}
        return ValueProblem(
            "; ".join(dict.fromkeys(problem.message for problem in chosen)),
            app_tag=chosen[0].app_tag if len(tags) == 1 else None,
            default=not said,
        )

    def resembles(self, text: str) -> bool | None:
        found = [member.resembles(text) for member in self.members]
        return True if True in found else False if False in found else None


def actual(kind: Type, value: str) -> Type | None:
    """The type that a canonical value is of, through unions and leafrefs; None when it is of no
    member."""
    while True:
        if isinstance(kind, LeafRef):
            kind = kind.target
        elif isinstance(kind, Union):
            try:
                kind = kind.match(value)[1]
            except ValueProblem:
                return None
        else:
            return kind
