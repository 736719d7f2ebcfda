"""The part of the compiler that turns type statements into specifications of the types."""

from __future__ import annotations

import json
from typing import Any

from .. import regex
from ..types import INTEGERS
from ..xpath import names as xpath_names
from .statements import Stmt, data_child, left_out, prefixes

Spec = dict[str, Any]

BOUNDS = {
    "range": "ranges",
    "length": "lengths",
}


def xpath(statement: Stmt, expression: Stmt) -> Spec:
    """An XPath expression of a statement with the modules' names for prefixes."""
    modules = prefixes(expression.i_orig_module)
    own = statement.main_module().arg
    context = expression.i_orig_module.i_ctx

    def is_identity(module: str, name: str) -> bool:
        found = context.get_module(module)
        return found is not None and name in found.i_identities

    text = xpath_names.qualify(expression.arg, own, modules, is_identity)
    item: Spec = {"xpath": text}
    source = " ".join(expression.arg.split())
    if source != text:
        item["source"] = source
    return item


class TypeTable:
    """Type specifications, each once; the built-in types at the ends of typedef chains."""

    def __init__(self) -> None:
        self.specs: list[Spec] = []
        self._indices: dict[str, int] = {}

    def index(self, leaf: Stmt, type_statement: Stmt) -> int:
        """The position of the specification for a leaf's (or union member's) type."""
        spec = self.specification(leaf, type_statement)
        text = json.dumps(spec, sort_keys=True)
        if text not in self._indices:
            self._indices[text] = len(self.specs)
            self.specs.append(spec)
        return self._indices[text]

    def specification(self, leaf: Stmt, outer: Stmt) -> Spec:
        """What the types need: from the built-in type outwards to the leaf's own statement."""
        chain = [outer]
        typedefs: list[Stmt] = []
        while chain[-1].i_typedef is not None:
            typedefs.append(chain[-1].i_typedef)
            chain.append(typedefs[-1].search_one("type"))
        base = chain[-1].arg
        spec: Spec = {"base": base}
        if typedefs:
            spec["typedefs"] = [f"{item.main_module().arg}:{item.arg}" for item in typedefs]
        owners = [leaf.arg if not typedefs else typedefs[0].arg, *(t.arg for t in typedefs)]
        for statement, owner in reversed(list(zip(chain, owners, strict=True))):
            self._restrict(spec, statement, owner)
        if "fraction-digits" in spec:
            _scale(spec)
        builtin = chain[-1]
        if base == "union":
            spec["members"] = [self.index(leaf, member) for member in builtin.search("type")]
        elif base == "identityref":
            spec["identities"] = [
                f"{item.i_identity.main_module().arg}:{item.i_identity.arg}"
                for item in builtin.search("base")
            ]
        elif base == "leafref":
            target = _leafref_target(leaf, builtin.search_one("path"))
            spec["path"] = xpath(leaf, builtin.search_one("path"))["xpath"]
            spec["target"] = self.index(target, target.search_one("type"))
        return spec

    def _restrict(self, spec: Spec, statement: Stmt, owner: str) -> None:
        """Add the restrictions of one type statement."""
        for keyword, name in BOUNDS.items():
            found = statement.search_one(keyword)
            if found is not None:
                previous = spec.get(name, [{}])[-1].get("parts")
                parts = _parts(found.arg, spec, keyword, previous)
                spec.setdefault(name, []).append({"parts": parts, **_error(found)})
        for pattern in statement.search("pattern"):
            regex.translate(pattern.arg)
            item: Spec = {"pattern": pattern.arg, "of": owner}
            modifier = pattern.search_one("modifier")
            if modifier is not None and modifier.arg == "invert-match":
                item["invert"] = True
            spec.setdefault("patterns", []).append({**item, **_error(pattern)})
        digits = statement.search_one("fraction-digits")
        if digits is not None:
            spec["fraction-digits"] = int(digits.arg)
        require = statement.search_one("require-instance")
        if require is not None:
            spec["require-instance"] = require.arg == "true"
        for keyword, name, number in (("enum", "enums", "value"), ("bit", "bits", "position")):
            if statement.search(keyword):
                spec[name] = _numbered(statement, keyword, number, spec.get(name))

    def defaults(self, leaf: Stmt) -> list[str]:
        """The defaults of a leaf or leaf-list, or those of its typedefs."""
        found = leaf.search("default")
        type_statement = leaf.search_one("type")
        minimum = leaf.search_one("min-elements")
        if leaf.search_one("mandatory", "true") or (minimum is not None and int(minimum.arg) > 0):
            found = found or []
            type_statement = None
        while not found and type_statement is not None and type_statement.i_typedef is not None:
            found = type_statement.i_typedef.search("default")
            type_statement = type_statement.i_typedef.search_one("type")
        return [self._default(leaf, item) for item in found]

    def _default(self, leaf: Stmt, default: Stmt) -> str:
        """A default's text; a name with a prefix gets the module's name for it."""
        spec = self.specification(leaf, leaf.search_one("type"))
        while spec["base"] == "leafref":
            spec = self.specs[spec["target"]]
        if spec["base"] in INTEGERS:
            return str(_integer(default.arg))
        if spec["base"] != "identityref":
            return str(default.arg)
        prefix, _, name = default.arg.rpartition(":")
        module = default.i_orig_module
        return f"{prefixes(module)[prefix] if prefix else leaf.main_module().arg}:{name}"

    def units(self, leaf: Stmt) -> str | None:
        """The units of a leaf, or those of its typedefs."""
        found = leaf.search_one("units")
        type_statement = leaf.search_one("type")
        while found is None and type_statement.i_typedef is not None:
            found = type_statement.i_typedef.search_one("units")
            type_statement = type_statement.i_typedef.search_one("type")
        return str(found.arg) if found is not None else None


def _error(statement: Stmt) -> Spec:
    found: Spec = {}
    for keyword, name in (("error-message", "message"), ("error-app-tag", "app-tag")):
        item = statement.search_one(keyword)
        if item is not None:
            found[name] = " ".join(item.arg.split())
    return found


def _integer(text: str) -> int:
    """A number in a module: decimal, hexadecimal or octal (RFC 7950, section 9.2.1)."""
    digits = text.strip().lstrip("+-")
    radix = 16 if digits[:2] in ("0x", "0X") else 8 if digits[:1] == "0" else 10
    return int(digits, radix) * (-1 if text.strip().startswith("-") else 1)


def _limits(spec: Spec, keyword: str) -> tuple[Any, Any]:
    """What min and max stand for in the built-in type."""
    if keyword == "length":
        return 0, 2**64 - 1
    if spec["base"] == "decimal64":
        return "min", "max"
    return INTEGERS[spec["base"]]


def _parts(text: str, spec: Spec, keyword: str, previous: Any) -> list[list[Any]]:
    low, high = _limits(spec, keyword)
    if previous:
        low, high = previous[0][0], previous[-1][1]

    def number(item: str) -> Any:
        item = item.strip()
        if item in ("min", "max"):
            return low if item == "min" else high
        return item if spec["base"] == "decimal64" and keyword == "range" else _integer(item)

    parts = []
    for part in text.split("|"):
        first, _, last = part.partition("..")
        parts.append([number(first), number(last or first)])
    return parts


def _scale(spec: Spec) -> None:
    """Bounds of decimal64 as integers, scaled by 10**fraction-digits."""
    digits = spec["fraction-digits"]

    def scaled(bound: Any) -> int:
        if bound == "min":
            return -(2**63)
        if bound == "max":
            return 2**63 - 1
        whole, _, fraction = bound.partition(".")
        return int(whole + fraction.ljust(digits, "0")[:digits])

    for restriction in spec.get("ranges", ()):
        restriction["parts"] = [[scaled(low), scaled(high)] for low, high in restriction["parts"]]


def _numbered(statement: Stmt, keyword: str, number: str, outer: Any) -> dict[str, int]:
    """Enums or bits with their numbers; a restricted type keeps those of its base.

    One whose feature is not supported is left out, but counted (RFC 7950, section 9.6.4.2).
    """
    found: dict[str, int] = {}
    given: list[int] = []
    for item in statement.search(keyword):
        if outer is not None:
            value = outer.get(item.arg)
        else:
            own = item.search_one(number)
            value = int(own.arg) if own is not None else max(given) + 1 if given else 0
            given.append(value)
        if value is not None and not left_out(item):
            found[item.arg] = value
    return found


def _leafref_target(leaf: Stmt, path: Stmt) -> Stmt:
    """The leaf that a path leads to, predicates left aside."""
    node = leaf
    steps = xpath_names.leafref_steps(path.arg)
    modules = {"": leaf.main_module().arg, **prefixes(path.i_orig_module)}
    if path.arg.lstrip().startswith("/"):
        node = _root_of(leaf, path, modules[steps[0].rpartition(":")[0]])
    for step in steps:
        if step == "..":
            node = node.parent
            while node.keyword in ("choice", "case"):
                node = node.parent
            continue
        prefix, _, name = step.rpartition(":")
        node = data_child(node, modules[prefix], name)
        if node is None:
            raise ValueError(f"{path.pos}: the leafref path {path.arg!r} leads nowhere")
    return node


def _root_of(leaf: Stmt, path: Stmt, module: str) -> Stmt:
    if leaf.main_module().arg == module:
        return leaf.main_module()
    context = path.i_orig_module.i_ctx
    return context.get_module(module)
