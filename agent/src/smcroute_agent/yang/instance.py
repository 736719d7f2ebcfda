"""Values whose text depends on prefixes: instance-identifiers and identity names.

Inside, a prefix is a module's name; in XML each leaf declares the prefixes that it uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple, Protocol

from .types import Resolve, quoted
from .value_problem import ValueProblem


class Declared(Protocol):
    """What a module declares of itself."""

    @property
    def prefix(self) -> str: ...

    @property
    def namespace(self) -> str: ...


USER = "$USER"
"""In a node-instance-identifier, the name of the user who asks."""

_NAME = r"[A-Za-z_][\w.-]*"
_LITERAL = r"\"[^\"]*\"|'[^']*'"
_PIECE = re.compile(
    rf"(?P<step>/(?P<prefix>{_NAME}):(?P<name>{_NAME}))"
    rf"|\[\s*(?:(?P<key_prefix>{_NAME}):(?P<key>{_NAME})|(?P<self>\.))\s*=\s*(?P<value>{_LITERAL}|[$]USER)\s*\]"
    r"|\[\s*(?P<position>[1-9][0-9]*)\s*\]",
    re.ASCII,
)


def normalise(
    modules: Collection[str], text: str, resolve: Resolve | None, *, many: bool = False
) -> str:
    """An instance-identifier with modules' names for prefixes (RFC 7950, section 9.13).

    modules: the names of all that there are.  many: it may stand for many nodes, as RFC 8341's
    node-instance-identifier: "/" is for all, and a key may be equal to the variable USER; a
    position is refused, because a rule would be about other entries with each edit.
    """
    if many and text == "/":
        return text
    parts: list[str] = []
    position = 0
    while position < len(text):
        match = _PIECE.match(text, position)
        if (
            match is None
            or (not parts and not match["step"])
            or (match["position"] if many else match["value"] == USER)
        ):
            raise ValueProblem(f"{quoted(text)} is not an instance-identifier")
        parts.append(_piece(modules, match, text, resolve))
        position = match.end()
    if not parts:
        raise ValueProblem("an instance-identifier is not empty")
    return "".join(parts)


def _piece(
    modules: Collection[str], match: re.Match[str], text: str, resolve: Resolve | None
) -> str:
    def module(prefix: str) -> str:
        name = resolve(prefix) if resolve else prefix
        if name is None or name not in modules:
            raise ValueProblem(f"the prefix {prefix!r} in {quoted(text)} stands for no module")
        return name

    if match["step"]:
        return f"/{module(match['prefix'])}:{match['name']}"
    if match["position"]:
        return f"[{match['position']}]"
    if match["value"] == USER:
        return f"[{module(match['key_prefix'])}:{match['key']}={USER}]"
    inside = match["value"][1:-1]
    value = f"'{inside}'" if "'" not in inside else f'"{inside}"'
    if match["self"]:
        return f"[.={value}]"
    return f"[{module(match['key_prefix'])}:{match['key']}={value}]"


class Step(NamedTuple):
    """A step of a canonical identifier; keys: names without their module, and values."""

    module: str
    name: str
    keys: dict[str, str]


def steps(canonical: str) -> list[Step]:
    """The steps of what normalise() returned; none for "/".  A predicate that is neither of a
    key nor of a value is left out; that of a leaf-list's value has the key "."."""
    found: list[Step] = []
    for match in _PIECE.finditer(canonical):
        if match["step"]:
            found.append(Step(match["prefix"], match["name"], {}))
        elif match["value"]:
            value = match["value"] if match["value"] == USER else match["value"][1:-1]
            found[-1].keys[match["key"] or "."] = value
    return found


_PREFIX = re.compile(rf"({_LITERAL})|({_NAME}):(?={_NAME})", re.ASCII)


def with_prefixes(modules: Mapping[str, Declared], value: str) -> tuple[str, dict[str, str]]:
    """The text for XML of a value of a contextual type, and the prefixes to declare."""
    declarations: dict[str, str] = {}

    def prefixed(match: re.Match[str]) -> str:
        module = modules.get(match[2]) if match[2] else None
        if module is None:
            return match[0]
        declarations[module.prefix] = module.namespace
        return f"{module.prefix}:"

    return _PREFIX.sub(prefixed, value), declarations


_NODE = re.compile(
    rf"(?P<literal>{_LITERAL})|(?P<lead>[/\[]\s*)(?:(?P<module>{_NAME}):)?(?P<name>{_NAME})",
    re.ASCII,
)


def to_json(canonical: str) -> str:
    """An identifier as it is in JSON: a module's name only where it is another than that of the
    node above (RFC 7951, section 6.11)."""
    return _renamed(canonical, lambda module, above: "" if module == above else f"{module}:")


def from_json(text: str) -> str:
    """An identifier of JSON with the modules of all nodes."""
    return _renamed(text, lambda module, above: f"{module}:" if module else "")


def _renamed(text: str, prefix: Callable[[str, str], str]) -> str:
    """prefix: what stands before a name, from its module and that of the node above."""
    above = ""

    def named(match: re.Match[str]) -> str:
        nonlocal above
        if match["literal"]:
            return match[0]
        module = match["module"] or above
        shown = prefix(module, above)
        above = module
        return f"{match['lead']}{shown}{match['name']}"

    return _NODE.sub(named, text)
