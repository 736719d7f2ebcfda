"""How long a pattern that a client made up can take: Python's `re` tries every way to match."""

from __future__ import annotations

import functools
import re

ALWAYS = 1 << 62
"""More steps than anybody would wait for."""


_CLASS = re.compile(r"\\[pPwWiIcC]")
_CLASS_COST = 4096
"""Steps in which one of these is compiled: it is hundreds of ranges of characters."""


def compilation(pattern: str) -> int:
    """What it takes to compile a pattern, in steps."""
    return len(pattern) + _CLASS_COST * len(_CLASS.findall(pattern))


def steps(pattern: str, text: str) -> int:
    """An upper bound of the ways to match a text, in steps; ALWAYS where there may be no end.

    Each quantifier and each alternative multiplies the ways, at the most by the length of
    the text; where they stand inside of what is repeated, the ways grow without bound.
    """
    exponent = _exponent(pattern)
    length = max(len(text), 2)
    if exponent is None or exponent * length.bit_length() > 60:
        return ALWAYS
    return int(length**exponent)


@functools.lru_cache(maxsize=256)
def _exponent(pattern: str) -> int | None:
    """How many choices a pattern has in a row; None where a choice is repeated."""
    choices = 0
    groups = [False]
    last_has_choice = False
    position = 0
    while position < len(pattern):
        character = pattern[position]
        position += 1
        if character in "?*+{":
            if character == "{":
                position = pattern.find("}", position) + 1 or len(pattern)
            if last_has_choice and character != "?":
                return None
            choices += 1
            groups[-1] = True
        elif character == "(":
            groups.append(False)
        elif character == ")" and len(groups) > 1:
            last_has_choice = groups.pop()
            groups[-1] = groups[-1] or last_has_choice
            continue
        elif character == "|":
            choices += 1
            groups[-1] = True
        elif character == "\\":
            position = _after_escape(pattern, position)
        elif character == "[":
            position = _after_class(pattern, position)
        last_has_choice = False
    return choices


def _after_escape(pattern: str, position: int) -> int:
    if pattern[position : position + 2] in ("p{", "P{"):
        return pattern.find("}", position) + 1 or len(pattern)
    return position + 1


def _after_class(pattern: str, position: int) -> int:
    depth = 1
    while position < len(pattern) and depth:
        character = pattern[position]
        position += 1
        if character == "\\":
            position += 1
        elif character in "[]":
            depth += 1 if character == "[" else -1
    return position
