"""Types whose values name something else: identityref, leafref, instance-identifier."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..value_problem import ValueProblem
from .base import WHITESPACE, Resolve, Type, quoted
from .text import String

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
