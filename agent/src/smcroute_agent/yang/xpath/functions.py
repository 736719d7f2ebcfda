"""The core library of XPath 1.0 (section 4) and YANG's functions (RFC 7950, section 10)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from .. import regex, regex_cost, types
from ..schema import Schema
from ..value_problem import ValueProblem
from .context import Context, Evaluate
from .deref import Select, dereferenced
from .item import Item
from .values import (
    Value,
    first,
    number_of_string,
    to_boolean,
    to_number,
    to_string,
)


class Scope(NamedTuple):
    """What a call may need of the expression that it stands in."""

    schema: Schema
    module: Callable[[str], str | None]
    """The module that a prefix in a literal stands for."""
    select: Select


class Function(NamedTuple):
    """kind: the type of the value. least, most: numbers of arguments. nodes: the positions
    of arguments that have to be node-sets. build: makes the closure of a call."""

    kind: str
    least: int
    most: int
    nodes: tuple[int, ...]
    build: Callable[[Scope, list[Evaluate]], Evaluate]


def _plain(
    kind: str, count: int, function: Callable[..., Value], most: int | None = None
) -> Function:
    """A function of values, whatever their types."""

    def build(scope: Scope, arguments: list[Evaluate]) -> Evaluate:
        return lambda context: function(*[argument(context) for argument in arguments])

    return Function(kind, count, count if most is None else most, (), build)


def _on_nodes(kind: str, function: Callable[[list[Item]], Value]) -> Function:
    """A function of one node-set."""

    def build(scope: Scope, arguments: list[Evaluate]) -> Evaluate:
        return lambda context: function(_nodes(arguments[0], context))

    return Function(kind, 1, 1, (0,), build)


def _implicit(
    kind: str, function: Callable[[Value], Value], nodes: tuple[int, ...] = ()
) -> Function:
    """A function of one value, by default the context node."""

    def build(scope: Scope, arguments: list[Evaluate]) -> Evaluate:
        if arguments:
            return lambda context: function(arguments[0](context))
        return lambda context: function([context.item])

    return Function(kind, 0, 1, nodes, build)


def _of_context(kind: str, function: Callable[[Context], Value]) -> Function:
    return Function(kind, 0, 0, (), lambda scope, arguments: function)


def _nodes(argument: Evaluate, context: Context) -> list[Item]:
    value = argument(context)
    assert isinstance(value, list)
    return value


def _contains(text: Value, part: Value) -> Value:
    return to_string(part) in to_string(text)


def _starts_with(text: Value, part: Value) -> Value:
    return to_string(text).startswith(to_string(part))


def _substring_before(text: Value, part: Value) -> Value:
    before, found, _ = to_string(text).partition(to_string(part)) if part else ("", "", "")
    return before if found else ""


def _substring_after(text: Value, part: Value) -> Value:
    separator = to_string(part)
    if not separator:
        return to_string(text)
    return to_string(text).partition(separator)[2]


def _round(number: float) -> float:
    """To the nearest integer, halves up (section 4.4)."""
    if math.isnan(number) or math.isinf(number):
        return number
    return float(math.floor(number + 0.5))


def _substring(text: Value, start: Value, length: Value | None = None) -> Value:
    """Characters whose position is at least round(start) (section 4.2)."""
    string = to_string(text)
    low = _round(to_number(start))
    high = math.inf if length is None else low + _round(to_number(length))
    if math.isnan(low) or math.isnan(high):
        return ""
    begin = max(low - 1, 0)
    end = min(high - 1, len(string))
    return string[int(begin) : int(end)] if begin < end else ""


def _translate(text: Value, old: Value, new: Value) -> Value:
    source, target = to_string(old), to_string(new)
    table: dict[int, str | None] = {}
    for index, character in enumerate(source):
        table.setdefault(ord(character), target[index] if index < len(target) else None)
    return to_string(text).translate(table)


def _normalize_space(value: Value) -> Value:
    text = to_string(value)
    for blank in "\t\r\n":
        text = text.replace(blank, " ")
    return " ".join(part for part in text.split(" ") if part)


def _floor(value: Value) -> Value:
    number = to_number(value)
    return number if math.isnan(number) or math.isinf(number) else float(math.floor(number))


def _ceiling(value: Value) -> Value:
    number = to_number(value)
    return number if math.isnan(number) or math.isinf(number) else float(math.ceil(number))


def _lang(scope: Scope, arguments: list[Evaluate]) -> Evaluate:
    return lambda context: False


def _local_name(value: Value) -> Value:
    node = first(value) if isinstance(value, list) else None
    return node.schema.name if node is not None and not node.text else ""


def _namespace_uri(value: Value) -> Value:
    node = first(value) if isinstance(value, list) else None
    return node.schema.namespace if node is not None and not node.text else ""


def _name(value: Value) -> Value:
    node = first(value) if isinstance(value, list) else None
    return node.schema.step[1:] if node is not None and not node.text else ""


def _re_match(scope: Scope, arguments: list[Evaluate]) -> Evaluate:
    """re-match() (RFC 7950, section 10.2.1): the pattern as a whole."""

    def evaluate(context: Context) -> Value:
        text, pattern = (to_string(argument(context)) for argument in arguments)
        tree = context.item.tree
        if tree.limited:
            tree.spend(regex_cost.steps(pattern, text))
        try:
            return regex.compiled(pattern).fullmatch(text) is not None
        except regex.UnsupportedPatternError:
            return False

    return evaluate


def _type_of(item: Item) -> tuple[types.Type | None, str]:
    """The type of a leaf's value, through unions and leafrefs, and the value."""
    kind, value = item.schema.type, item.string()
    while True:
        if isinstance(kind, types.LeafRef):
            kind = kind.target
        elif isinstance(kind, types.Union):
            try:
                kind = kind.match(value)[1]
            except ValueProblem:
                return None, value
        else:
            return kind, value


def _derived(scope: Scope, arguments: list[Evaluate], or_self: bool) -> Evaluate:
    """derived-from() and derived-from-or-self() (RFC 7950, section 10.4)."""

    def evaluate(context: Context) -> Value:
        name = to_string(arguments[1](context))
        prefix, colon, local = name.rpartition(":")
        module = scope.module(prefix) if colon else context.current.schema.module.name
        base = f"{module}:{local}"
        for item in _nodes(arguments[0], context):
            kind, value = _type_of(item)
            if not isinstance(kind, types.IdentityRef):
                continue
            if value == base:
                if or_self:
                    return True
            elif base in scope.schema.identities.get(value, ()):
                return True
        return False

    return evaluate


def _enum_value(nodes: list[Item]) -> Value:
    """enum-value() (RFC 7950, section 10.5.1)."""
    node = first(nodes)
    if node is not None:
        kind, value = _type_of(node)
        if isinstance(kind, types.Enumeration) and value in kind.values:
            return float(kind.values[value])
    return math.nan


def _bit_is_set(scope: Scope, arguments: list[Evaluate]) -> Evaluate:
    """bit-is-set() (RFC 7950, section 10.6.1)."""

    def evaluate(context: Context) -> Value:
        node = first(_nodes(arguments[0], context))
        if node is None:
            return False
        kind, value = _type_of(node)
        return isinstance(kind, types.Bits) and to_string(arguments[1](context)) in value.split()

    return evaluate


def _deref(scope: Scope, arguments: list[Evaluate]) -> Evaluate:
    """deref() (RFC 7950, section 10.3.1)."""

    def evaluate(context: Context) -> Value:
        node = first(_nodes(arguments[0], context))
        return dereferenced(scope.select, node) if node is not None else []

    return evaluate


def _concat(*values: Value) -> Value:
    return "".join(to_string(value) for value in values)


FUNCTIONS: dict[str, Function] = {
    "last": _of_context("number", lambda context: float(context.size)),
    "position": _of_context("number", lambda context: float(context.position)),
    "count": _on_nodes("number", lambda nodes: float(len(nodes))),
    "id": _plain("nodes", 1, lambda value: []),
    "local-name": _implicit("string", _local_name, (0,)),
    "namespace-uri": _implicit("string", _namespace_uri, (0,)),
    "name": _implicit("string", _name, (0,)),
    "string": _implicit("string", to_string),
    "concat": _plain("string", 2, _concat, 1000),
    "starts-with": _plain("boolean", 2, _starts_with),
    "contains": _plain("boolean", 2, _contains),
    "substring-before": _plain("string", 2, _substring_before),
    "substring-after": _plain("string", 2, _substring_after),
    "substring": _plain("string", 2, _substring, 3),
    "string-length": _implicit("number", lambda value: float(len(to_string(value)))),
    "normalize-space": _implicit("string", _normalize_space),
    "translate": _plain("string", 3, _translate),
    "boolean": _plain("boolean", 1, to_boolean),
    "not": _plain("boolean", 1, lambda value: not to_boolean(value)),
    "true": _of_context("boolean", lambda context: True),
    "false": _of_context("boolean", lambda context: False),
    "lang": Function("boolean", 1, 1, (), _lang),
    "number": _implicit("number", to_number),
    "sum": _on_nodes(
        "number", lambda nodes: sum((number_of_string(node.string()) for node in nodes), 0.0)
    ),
    "floor": _plain("number", 1, _floor),
    "ceiling": _plain("number", 1, _ceiling),
    "round": _plain("number", 1, lambda value: _round(to_number(value))),
    "current": _of_context("nodes", lambda context: [context.current]),
    "re-match": Function("boolean", 2, 2, (), _re_match),
    "deref": Function("nodes", 1, 1, (0,), _deref),
    "derived-from": Function(
        "boolean", 2, 2, (0,), lambda scope, arguments: _derived(scope, arguments, False)
    ),
    "derived-from-or-self": Function(
        "boolean", 2, 2, (0,), lambda scope, arguments: _derived(scope, arguments, True)
    ),
    "enum-value": _on_nodes("number", _enum_value),
    "bit-is-set": Function("boolean", 2, 2, (0,), _bit_is_set),
}
"""By name.  lang() is false and id() empty: data has no xml:lang and no DTD."""
