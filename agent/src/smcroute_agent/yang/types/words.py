"""Types whose values are words: boolean, enumeration, bits, empty (RFC 7950, section 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..value_problem import ValueProblem
from .base import Resolve, Type, quoted


class Boolean(Type):
    """boolean."""

    base = "boolean"

    def check(self, text: str, resolve: Resolve | None) -> str:
        if text not in ("true", "false"):
            raise ValueProblem(f"{quoted(text)} is not a boolean: it is true or false")
        return text


def _choice_of(names: Sequence[str], limit: int = 12) -> str:
    shown = ", ".join(names[:limit])
    return f"one of {shown}{', ...' if len(names) > limit else ''}" if len(names) > 1 else shown


class Enumeration(Type):
    """enumeration; values: name to the number that enum-value() gives."""

    base = "enumeration"

    def __init__(self, spec: Mapping[str, Any]) -> None:
        super().__init__(spec)
        self.values: dict[str, int] = spec["enums"]

    def check(self, text: str, resolve: Resolve | None) -> str:
        if text not in self.values:
            raise ValueProblem(
                f"{quoted(text)} is not allowed: the value is {_choice_of(list(self.values))}"
            )
        return text


class Bits(Type):
    """bits; the canonical form has the names in the order of their positions."""

    base = "bits"

    def __init__(self, spec: Mapping[str, Any]) -> None:
        super().__init__(spec)
        self.positions: dict[str, int] = spec["bits"]

    def check(self, text: str, resolve: Resolve | None) -> str:
        names = text.split()
        for name in names:
            if name not in self.positions:
                raise ValueProblem(
                    f"{quoted(name)} is no bit of {self.name}: there is"
                    f" {_choice_of(list(self.positions))}"
                )
        if len(set(names)) != len(names):
            raise ValueProblem(f"{quoted(text)} names a bit twice")
        return " ".join(sorted(names, key=self.positions.__getitem__))


class Empty(Type):
    """empty: the leaf is there or not."""

    base = "empty"

    def check(self, text: str, resolve: Resolve | None) -> str:
        if text:
            raise ValueProblem("a leaf of type empty has no content")
        return ""
