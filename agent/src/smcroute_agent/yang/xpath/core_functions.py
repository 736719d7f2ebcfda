"""The core library of XPath 1.0 (section 4)."""

from __future__ import annotations

import math

from .context import Evaluate
from .function import Function, Scope, implicit, of_context, on_nodes, plain
from .values import Value, first, number_of_string, to_boolean, to_number, to_string


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
    whole = math.floor(number)
    return float(whole + (number - whole >= 0.5))


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


def _concat(*values: Value) -> Value:
    return "".join(to_string(value) for value in values)


CORE: dict[str, Function] = {
    "last": of_context("number", lambda context: float(context.size)),
    "position": of_context("number", lambda context: float(context.position)),
    "count": on_nodes("number", lambda nodes: float(len(nodes))),
    "id": plain("nodes", 1, lambda value: []),
    "local-name": implicit("string", _local_name, (0,)),
    "namespace-uri": implicit("string", _namespace_uri, (0,)),
    "name": implicit("string", _name, (0,)),
    "string": implicit("string", to_string),
    "concat": plain("string", 2, _concat, 1000),
    "starts-with": plain("boolean", 2, _starts_with, texts=True),
    "contains": plain("boolean", 2, _contains, texts=True),
    "substring-before": plain("string", 2, _substring_before, texts=True),
    "substring-after": plain("string", 2, _substring_after, texts=True),
    "substring": plain("string", 2, _substring, 3),
    "string-length": implicit("number", lambda value: float(len(to_string(value)))),
    "normalize-space": implicit("string", _normalize_space),
    "translate": plain("string", 3, _translate),
    "boolean": plain("boolean", 1, to_boolean),
    "not": plain("boolean", 1, lambda value: not to_boolean(value)),
    "true": of_context("boolean", lambda context: True),
    "false": of_context("boolean", lambda context: False),
    "lang": Function("boolean", 1, 1, (), _lang),
    "number": implicit("number", to_number),
    "sum": on_nodes(
        "number", lambda nodes: sum((number_of_string(node.string()) for node in nodes), 0.0)
    ),
    "floor": plain("number", 1, _floor),
    "ceiling": plain("number", 1, _ceiling),
    "round": plain("number", 1, lambda value: _round(to_number(value))),
}
"""By name.  lang() is false and id() empty: data has no xml:lang and no DTD."""
