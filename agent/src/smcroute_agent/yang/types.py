"""The types of YANG 1.1 (RFC 7950, section 9): text to canonical text.

Every value of a data tree is its canonical string.  A value whose text depends on
namespace declarations (identityref, instance-identifier) is held with module names for
prefixes, as in RFC 7951, "ietf-system:radius".
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import regex
from .base_type import WHITESPACE, Resolve, Type, quoted, restrictions
from .numeric_types import INTEGERS, Decimal64, Integer
from .value_problem import ValueProblem

__all__ = ["INTEGERS", "WHITESPACE", "Decimal64", "Integer", "Resolve", "Type", "quoted"]


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


_QUALIFIED = re.compile(r"(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)", re.ASCII)


class IdentityRef(Type):
    """identityref; the canonical form is "module:identity"."""

    base = "identityref"
    contextual = True

    def __init__(self, spec: Mapping[str, Any], identities: Mapping[str, frozenset[str]]) -> None:
        super().__init__(spec)
        self.bases: tuple[str, ...] = tuple(spec["identities"])
        self._identities = identities

    def check(self, text: str, resolve: Resolve | None) -> str:
        text = text.strip(WHITESPACE)
        match = _QUALIFIED.fullmatch(text)
        if match is None:
            raise ValueProblem(f"{quoted(text)} is not the name of an identity")
        prefix = match[1] or ""
        module = resolve(prefix) if resolve else (prefix or None)
        if module is None:
            raise ValueProblem(
                f"the prefix of {quoted(text)} stands for no module"
                if prefix
                else f"{quoted(text)} needs the prefix of a module"
            )
        value = f"{module}:{match[2]}"
        derived = self._identities.get(value)
        if derived is None:
            raise ValueProblem(f"there is no identity {quoted(value)}")
        if value in self.bases or not all(base in derived for base in self.bases):
            raise ValueProblem(f"{value} is not derived from {' and '.join(self.bases)}")
        return value


class LeafRef(Type):
    """leafref: a value of the target's type; that the target exists is a matter of validation."""

    base = "leafref"

    def __init__(self, spec: Mapping[str, Any], target: Type) -> None:
        super().__init__(spec)
        self.path: str = spec["path"]
        self.require_instance: bool = spec.get("require-instance", True)
        self.target = target
        self.contextual = target.contextual

    def check(self, text: str, resolve: Resolve | None) -> str:
        return self.target.parse(text, resolve)


class InstanceIdentifier(Type):
    """instance-identifier; the canonical form names every node with its module."""

    base = "instance-identifier"
    contextual = True

    def __init__(
        self, spec: Mapping[str, Any], normalise: Callable[[str, Resolve | None], str]
    ) -> None:
        super().__init__(spec)
        self.require_instance: bool = spec.get("require-instance", True)
        self._normalise = normalise

    def check(self, text: str, resolve: Resolve | None) -> str:
        return self._normalise(text.strip(WHITESPACE), resolve)


NODE_INSTANCE = "ietf-netconf-acm:node-instance-identifier"
"""The typedef, a string by its base type, whose prefixes have a meaning (RFC 8341)."""


class NodeInstanceIdentifier(String):
    """A path of an access rule, held as an instance-identifier is."""

    contextual = True

    def __init__(
        self, spec: Mapping[str, Any], normalise: Callable[[str, Resolve | None], str]
    ) -> None:
        super().__init__(spec)
        self._normalise = normalise

    def check(self, text: str, resolve: Resolve | None) -> str:
        return super().check(self._normalise(text.strip(WHITESPACE), resolve), resolve)


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


SIMPLE: dict[str, Callable[[Mapping[str, Any]], Type]] = {
    "decimal64": Decimal64,
    "string": String,
    "binary": Binary,
    "boolean": Boolean,
    "enumeration": Enumeration,
    "bits": Bits,
    "empty": Empty,
}
"""The built-in types that need nothing but their own specification."""
