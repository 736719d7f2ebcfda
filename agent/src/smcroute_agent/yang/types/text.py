"""string and binary (RFC 7950, sections 9.4 and 9.8)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from .. import regex
from ..value_problem import ValueProblem
from .base import Resolve, Type, quoted, restrictions


class Pattern:
    """A pattern statement; its expression is compiled when it is first needed.

    of: the typedef (or leaf) that brings it.
    """

    __slots__ = ("app_tag", "invert", "message", "of", "text")

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.text: str = spec["pattern"]
        self.invert: bool = spec.get("invert", False)
        self.message: str | None = spec.get("message")
        self.app_tag: str | None = spec.get("app-tag")
        self.of: str = spec["of"]

    def allows(self, value: str) -> bool:
        """Whether the value as a whole matches (or does not: invert-match)."""
        return (regex.compiled(self.text).fullmatch(value) is None) is self.invert


def _patterns(spec: Mapping[str, Any]) -> tuple[Pattern, ...]:
    return tuple(Pattern(item) for item in spec.get("patterns", ()))


class String(Type):
    """string with lengths (characters) and patterns."""

    base = "string"

    def __init__(self, spec: Mapping[str, Any]) -> None:
        super().__init__(spec)
        self.lengths = restrictions(spec, "lengths")
        self.patterns = _patterns(spec)
        self._checks: list[tuple[Callable[[str], object], bool, Pattern]] | None = None

    def check(self, text: str, resolve: Resolve | None) -> str:
        for restriction in self.lengths:
            if not restriction.allows(len(text)):
                raise ValueProblem(
                    restriction.message
                    or f"{quoted(text)} has {len(text)} characters: from {restriction.text()}"
                    " are allowed",
                    app_tag=restriction.app_tag,
                    default=restriction.message is None,
                )
        checks = self._checks
        if checks is None:
            checks = self._checks = [
                (regex.compiled(pattern.text).fullmatch, pattern.invert, pattern)
                for pattern in self.patterns
            ]
        for match, invert, pattern in checks:
            if (match(text) is None) is not invert:
                raise self._mismatch(text, pattern)
        return text

    def _mismatch(self, text: str, first: Pattern) -> ValueProblem:
        """The first failing pattern for which the model has a message, else the first."""
        for pattern in self.patterns:
            if pattern.message and not pattern.allows(text):
                return ValueProblem(pattern.message, app_tag=pattern.app_tag, default=False)
        return ValueProblem(f"{quoted(text)} is not a valid {first.of}", app_tag=first.app_tag)


class Binary(Type):
    """binary: base64 (RFC 4648, section 4); lengths count octets."""

    base = "binary"

    def __init__(self, spec: Mapping[str, Any]) -> None:
        super().__init__(spec)
        self.lengths = restrictions(spec, "lengths")

    def check(self, text: str, resolve: Resolve | None) -> str:
        try:
            octets = base64.b64decode("".join(text.split()).encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            raise ValueProblem(f"{quoted(text)} is not base64") from None
        for restriction in self.lengths:
            if not restriction.allows(len(octets)):
                raise ValueProblem(
                    restriction.message
                    or f"the value has {len(octets)} octets: from {restriction.text()} are allowed",
                    app_tag=restriction.app_tag,
                    default=restriction.message is None,
                )
        return base64.b64encode(octets).decode("ascii")
