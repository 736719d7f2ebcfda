"""The tokens of XPath 1.0 (section 3.7), with its rules for "*" and for operator names."""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_LENGTH = 65536
"""Longer expressions are refused before they are read."""


class XPathError(ValueError):
    """The expression is no XPath, or does not suit the types that it is used with."""


class Token(NamedTuple):
    """kind: number, literal, operator, function, node-type, axis, name, or a symbol itself."""

    kind: str
    text: str
    position: int


# A letter, "_", or whatever is above U+00BF; said so, it is compiled in a tenth of the time.
_NAME = r"[^\x00-@\[-^`\x7b-\xbf][\w.\-\u00b7]*"
_TOKEN = re.compile(
    rf"""
    (?P<blank>[ \t\r\n]+)
  | (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
  | (?P<literal>"[^"]*"|'[^']*')
  | (?P<symbol>::|//|\.\.|<=|>=|!=|[()\[\].@,/|+\-=<>*$])
  | (?P<name>{_NAME}(?::(?:{_NAME}|\*))?(?!:(?!:)))
    """,
    re.VERBOSE,
)

_FOLLOWING = re.compile(r"[ \t\r\n]*(::|\()?")

OPERATOR_NAMES = frozenset(("and", "or", "mod", "div"))
NODE_TYPES = frozenset(("comment", "text", "processing-instruction", "node"))
_OPERATORS = frozenset(("/", "//", "|", "+", "-", "=", "!=", "<", "<=", ">", ">="))
_BEFORE_OPERAND = frozenset(("@", "::", "(", "[", ",", "operator")) | _OPERATORS


def tokens(text: str) -> list[Token]:
    """The tokens of an expression; raises XPathError at what is none."""
    if len(text) > MAX_LENGTH:
        raise XPathError(f"the expression is longer than {MAX_LENGTH} characters")
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise XPathError(f"unexpected {text[position]!r} at character {position + 1}")
        kind = str(match.lastgroup)
        if kind != "blank":
            found.append(_classified(kind, match.group(), match.end(), text, found, position))
        position = match.end()
    return found


def _classified(
    kind: str, word: str, end: int, text: str, before: list[Token], position: int
) -> Token:
    operand_before = bool(before) and before[-1].kind not in _BEFORE_OPERAND
    if kind == "symbol":
        if word == "*" and operand_before:
            return Token("operator", "*", position)
        return Token(word, word, position)
    if kind != "name":
        return Token(kind, word, position)
    if operand_before and word in OPERATOR_NAMES:
        return Token("operator", word, position)
    match = _FOLLOWING.match(text, end)
    following = match[1] if match else None
    if following == "::":
        return Token("axis", word, position)
    if following == "(":
        return Token("node-type" if word in NODE_TYPES else "function", word, position)
    return Token("name", word, position)
