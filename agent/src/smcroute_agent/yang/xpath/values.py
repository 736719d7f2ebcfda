"""The conversions and comparisons of XPath 1.0 (sections 3.4, 4.2 to 4.4)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from .item import Item

Value = list[Item] | str | float | bool

BLANKS = " \t\r\n"

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)


def first(nodes: list[Item]) -> Item | None:
    """The first node in document order."""
    if len(nodes) < 2:
        return nodes[0] if nodes else None
    return min(nodes, key=Item.order)


def string_of_nodes(nodes: list[Item]) -> str:
    """string() of a node-set."""
    node = first(nodes)
    return node.string() if node is not None else ""


def number_of_string(text: str) -> float:
    """number() of a string: NaN when it is none."""
    text = text.strip(BLANKS)
    return float(text) if _NUMBER.fullmatch(text) else math.nan


def string_of_number(number: float) -> str:
    """string() of a number: no exponent, no superfluous digits."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == int(number):
        return str(int(number))
    return format(Decimal(repr(number)), "f")


def to_string(value: Value) -> str:
    """string()."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return string_of_number(value)
    return string_of_nodes(value)


def to_number(value: Value) -> float:
    """number()."""
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, float):
        return value
    return number_of_string(to_string(value))


def to_boolean(value: Value) -> bool:
    """boolean()."""
    if isinstance(value, float) and not isinstance(value, bool):
        return bool(value) and not math.isnan(value)
    return bool(value)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: bool(left == right),
    "!=": lambda left, right: bool(left != right),
    "<": lambda left, right: bool(left < right),
    "<=": lambda left, right: bool(left <= right),
    ">": lambda left, right: bool(left > right),
    ">=": lambda left, right: bool(left >= right),
}

_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def compare(operator: str, left: Value, right: Value) -> bool:
    """The comparison of two values of any types (section 3.4)."""
    if isinstance(left, list):
        return _compare_nodes(operator, left, right)
    if isinstance(right, list):
        return _compare_nodes(_MIRRORED[operator], right, left)
    return _compare_plain(operator, left, right)


def _compare_plain(operator: str, left: Value, right: Value) -> bool:
    function = _COMPARE[operator]
    if operator in ("=", "!="):
        if isinstance(left, bool) or isinstance(right, bool):
            return function(to_boolean(left), to_boolean(right))
        if isinstance(left, float) or isinstance(right, float):
            return function(to_number(left), to_number(right))
        return function(left, right)
    return function(to_number(left), to_number(right))


def _compare_nodes(operator: str, nodes: list[Item], other: Value) -> bool:
    if isinstance(other, bool):
        return _compare_plain(operator, bool(nodes), other)
    if isinstance(other, float):
        function = _COMPARE[operator]
        return any(function(number_of_string(node.string()), other) for node in nodes)
    if isinstance(other, str):
        return any(_compare_plain(operator, node.string(), other) for node in nodes)
    lefts = {node.string() for node in nodes}
    rights = {node.string() for node in other}
    if operator == "=":
        return not lefts.isdisjoint(rights)
    if operator == "!=":
        return bool(lefts) and bool(rights) and len(lefts | rights) > 1
    return _compare_extremes(operator, _numbers(lefts), _numbers(rights))


def _numbers(texts: set[str]) -> list[float]:
    numbers = map(number_of_string, texts)
    return [number for number in numbers if not math.isnan(number)]


def _compare_extremes(operator: str, lefts: list[float], rights: list[float]) -> bool:
    """Whether any left is less (or greater) than any right: the extremes are, then."""
    if not lefts or not rights:
        return False
    if operator[0] == "<":
        return _COMPARE[operator](min(lefts), max(rights))
    return _COMPARE[operator](max(lefts), min(rights))
