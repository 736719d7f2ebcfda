"""The functions that YANG adds to XPath (RFC 7950, section 10)."""

from __future__ import annotations

import math
import re

from .. import regex, regex_cost, types
from .context import Context, Evaluate
from .deref import dereferenced
from .function import Function, Scope, nodes_of, of_context, on_nodes
from .item import Item, Tree
from .values import Value, first, to_string


def _re_match(scope: Scope, arguments: list[Evaluate]) -> Evaluate:
    """re-match() (RFC 7950, section 10.2.1): the pattern as a whole."""

    last: dict[str, re.Pattern[str]] = {}

    def of_client(pattern: str, tree: Tree) -> re.Pattern[str]:
        """Compiled for this expression alone, which mostly has the one pattern."""
        if pattern not in last:
            tree.spend(regex_cost.compilation(pattern))
            last.clear()
            last[pattern] = regex.compiled_once(pattern)
        return last[pattern]

    def evaluate(context: Context) -> Value:
        text, pattern = (to_string(argument(context)) for argument in arguments)
        tree = context.item.tree
        try:
            if not tree.limited:
                return regex.compiled(pattern).fullmatch(text) is not None
            tree.spend(regex_cost.steps(pattern, text))
            return of_client(pattern, tree).fullmatch(text) is not None
        except regex.UnsupportedPatternError:
            return False

    return evaluate


def _type_of(item: Item) -> tuple[types.Type | None, str]:
    """The type of a leaf's value, through unions and leafrefs, and the value."""
    kind, value = item.schema.type, item.string()
    return (None if kind is None else types.actual(kind, value)), value


def _derived(scope: Scope, arguments: list[Evaluate], or_self: bool) -> Evaluate:
    """derived-from() and derived-from-or-self() (RFC 7950, section 10.4)."""

    def evaluate(context: Context) -> Value:
        name = to_string(arguments[1](context))
        prefix, colon, local = name.rpartition(":")
        module = scope.module(prefix) if colon else context.current.schema.module.name
        base = f"{module}:{local}"
        for item in nodes_of(arguments[0], context):
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
        node = first(nodes_of(arguments[0], context))
        if node is None:
            return False
        kind, value = _type_of(node)
        return isinstance(kind, types.Bits) and to_string(arguments[1](context)) in value.split()

    return evaluate


def _deref(scope: Scope, arguments: list[Evaluate]) -> Evaluate:
    """deref() (RFC 7950, section 10.3.1)."""

    def evaluate(context: Context) -> Value:
        node = first(nodes_of(arguments[0], context))
        return dereferenced(scope.select, node) if node is not None else []

    return evaluate


YANG: dict[str, Function] = {
    "current": of_context("nodes", lambda context: [context.current]),
    "re-match": Function("boolean", 2, 2, (), _re_match),
    "deref": Function("nodes", 1, 1, (0,), _deref),
    "derived-from": Function(
        "boolean", 2, 2, (0,), lambda scope, arguments: _derived(scope, arguments, False)
    ),
    "derived-from-or-self": Function(
        "boolean", 2, 2, (0,), lambda scope, arguments: _derived(scope, arguments, True)
    ),
    "enum-value": on_nodes("number", _enum_value),
    "bit-is-set": Function("boolean", 2, 2, (0,), _bit_is_set),
}
"""By name."""
