"""What all types have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..value_problem import ValueProblem
from . import canonical

Resolve = Callable[[str], str | None]
"""A prefix ("" for none) to the name of the module whose namespace it stands for."""

WHITESPACE = " \t\r\n"

Bounds = Sequence[tuple[Any, Any]]


class Restriction:
    """A range or length statement of one typedef in the chain."""

    __slots__ = ("app_tag", "bounds", "message")

    def __init__(self, bounds: Bounds, message: str | None, app_tag: str | None) -> None:
        self.bounds = bounds
        self.message = message
        self.app_tag = app_tag

    def allows(self, value: Any) -> bool:
        """Whether the value lies within one of the parts."""
        return any(low <= value <= high for low, high in self.bounds)

    def text(self) -> str:
        """The parts as one would say them."""
        return " or ".join(
            str(low) if low == high else f"{low} to {high}" for low, high in self.bounds
        )


class Type:
    """A type: its built-in base, the typedefs that it went through, its restrictions.

    name: the typedef, or the built-in type, that the leaf names ("inet:port-number"
    without its prefix). typedefs: "module:name" of each typedef, the outermost first.
    """

    base = ""
    contextual = False
    """Whether the meaning of the text depends on namespace declarations."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.typedefs: tuple[str, ...] = tuple(spec.get("typedefs", ()))
        self.name: str = self.typedefs[0].partition(":")[2] if self.typedefs else self.base
        self._canonical = next(
            (canonical.TYPEDEFS[name] for name in self.typedefs if name in canonical.TYPEDEFS), None
        )

    def parse(self, text: str, resolve: Resolve | None = None) -> str:
        """The canonical form of a value; raises ValueProblem when it is none of the type."""
        value = self.check(text, resolve)
        if self._canonical is not None:
            try:
                return self._canonical(value)
            except ValueError as error:
                raise ValueProblem(str(error)) from None
        return value

    def check(self, text: str, resolve: Resolve | None) -> str:
        """The canonical form by the base type's rules."""
        raise NotImplementedError

    def resembles(self, text: str) -> bool | None:
        """Whether a wrong text looks as if this type was meant; None where one cannot tell."""
        for name in self.typedefs:
            if name in canonical.SHAPES:
                return canonical.SHAPES[name].fullmatch(text) is not None
        return None


def restrictions(spec: Mapping[str, Any], name: str) -> tuple[Restriction, ...]:
    return tuple(
        Restriction(
            [(low, high) for low, high in item["parts"]], item.get("message"), item.get("app-tag")
        )
        for item in spec.get(name, ())
    )


def quoted(text: str) -> str:
    """A client's text for a message: quoted, and cut when it is long."""
    return repr(text) if len(text) <= 64 else f"{text[:60]!r}..."
