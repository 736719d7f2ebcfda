"""YANG patterns are XSD regular expressions (W3C XML Schema part 2, appendix F).

They are translated to Python's `re`: anchored as a whole, without Perl's extras, with
XSD's character classes, categories and class subtraction.
"""

from __future__ import annotations

import functools
import re
import unicodedata

NAME_START = (
    ":A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff"
    "\\u200c-\\u200d\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf"
    "\\ufdf0-\\ufffd\\U00010000-\\U000effff"
)
NAME = NAME_START + "\\-.0-9\\u00b7\\u0300-\\u036f\\u203f-\\u2040"

ESCAPES = {
    "s": "[ \\t\\n\\r]",
    "S": "[^ \\t\\n\\r]",
    "d": "[\\d]",
    "D": "[\\D]",
    "i": f"[{NAME_START}]",
    "I": f"[^{NAME_START}]",
    "c": f"[{NAME}]",
    "C": f"[^{NAME}]",
    "n": "\\n",
    "r": "\\r",
    "t": "\\t",
}
"""Escapes that mean the same inside and outside of brackets; \\d is Nd in both languages."""

LITERAL_ESCAPES = "\\|.-^?*+{}()[]$"
"""What a backslash may quote; "$" is not in XSD's list but common in published modules."""

WORD = frozenset("LMNS")
"""\\w is every character but punctuation, separators and others (P, Z, C)."""


class UnsupportedPatternError(ValueError):
    """The pattern is not an XSD regular expression, or uses what is not supported."""


@functools.lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """The Python expression for an XSD one; use it with `fullmatch`."""
    return re.compile(translate(pattern))


def compiled_once(pattern: str) -> re.Pattern[str]:
    """The same for a pattern that a client made up: nothing of it is kept here or by `re`."""
    try:
        return re.compile(translate(pattern))
    finally:
        re.purge()


def translate(pattern: str) -> str:
    """The text of a Python regular expression that matches what the XSD one matches.

    Raises UnsupportedPatternError with the place and the reason.
    """
    translator = _Translator(pattern)
    translated = translator.alternatives(0)
    try:
        re.compile(translated)
    except (re.error, OverflowError) as error:
        raise UnsupportedPatternError(f"pattern {pattern!r}: {error}") from None
    return translated


@functools.cache
def _categories() -> dict[str, str]:
    """The ranges of each general category of Unicode, as the inside of brackets."""
    starts: dict[str, list[tuple[int, int]]] = {}
    begin, current = 0, unicodedata.category("\0")
    for code in range(1, 0x110001):
        category = unicodedata.category(chr(code)) if code < 0x110000 else ""
        if category != current:
            for key in (current, current[0]):
                ranges = starts.setdefault(key, [])
                if ranges and ranges[-1][1] == begin - 1:
                    ranges[-1] = (ranges[-1][0], code - 1)
                else:
                    ranges.append((begin, code - 1))
            begin, current = code, category
    return {
        key: "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)
        for key, ranges in starts.items()
    }


_CATEGORY = re.compile(r"(?:L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|Z[slp]?|S[mcko]?|C[cfon]?)\Z")

_BLOCKS = {"IsBasicLatin": (0x0, 0x7F), "IsLatin-1Supplement": (0x80, 0xFF)}
"""The blocks that YANG modules use; others are refused when a module is compiled."""


class _Translator:
    """A recursive-descent reader of one pattern."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0

    def fail(self, reason: str) -> UnsupportedPatternError:
        return UnsupportedPatternError(
            f"pattern {self.pattern!r}: {reason} at character {self.position + 1}"
        )

    def peek(self) -> str:
        return self.pattern[self.position : self.position + 1]

    def take(self) -> str:
        character = self.peek()
        if not character:
            raise self.fail("unexpected end")
        self.position += 1
        return character

    def alternatives(self, depth: int) -> str:
        if depth > 50:
            raise self.fail("groups are nested too deeply")
        branches = [self.branch(depth)]
        while self.peek() == "|":
            self.take()
            branches.append(self.branch(depth))
        if depth == 0 and self.peek():
            raise self.fail("unbalanced ')'")
        return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"

    def branch(self, depth: int) -> str:
        pieces = []
        while (character := self.peek()) and character not in "|)":
            pieces.append(self.atom(depth) + self.quantifier())
        return "".join(pieces)

    def atom(self, depth: int) -> str:
        character = self.take()
        if character == "(":
            if self.peek() == "?":
                raise self.fail("Perl's '(?' is not XSD")
            inner = self.alternatives(depth + 1)
            if self.peek() != ")":
                raise self.fail("missing ')'")
            self.take()
            return f"(?:{inner})"
        if character == "[":
            return self.brackets(depth)
        if character == "\\":
            return self.escape()
        if character == ".":
            return "[^\\n\\r]"
        if character in "?*+{":
            raise self.fail("a quantifier without an atom")
        return re.escape(character)

    def quantifier(self) -> str:
        character = self.peek()
        if character and character in "?*+":
            self.take()
            found = character
        elif character == "{":
            match = re.compile(r"\{(\d+)(?:(,)(\d*))?\}", re.ASCII).match(
                self.pattern, self.position
            )
            if not match:
                raise self.fail("a malformed quantity")
            self.position = match.end()
            found = match.group()
        else:
            return ""
        following = self.peek()
        if following and following in "?*+{":
            raise self.fail("a quantifier after a quantifier")
        return found

    def escape(self) -> str:
        """What follows a backslash, as an atom."""
        character = self.take()
        if character in ESCAPES:
            return ESCAPES[character]
        if character in "pP":
            return self.category(character == "P")
        if character in "wW":
            inside = "".join(_categories()[major] for major in sorted(WORD))
            return f"[{'^' if character == 'W' else ''}{inside}]"
        if character in LITERAL_ESCAPES:
            return re.escape(character)
        raise self.fail(f"an unknown escape '\\{character}'")

    def category(self, negated: bool) -> str:
        match = re.compile(r"\{([A-Za-z0-9-]+)\}").match(self.pattern, self.position)
        if not match:
            raise self.fail("a malformed category")
        name = match[1]
        if name in _BLOCKS:
            low, high = _BLOCKS[name]
            inside = f"\\U{low:08x}-\\U{high:08x}"
        elif _CATEGORY.match(name):
            inside = _categories().get(name, "")
        else:
            raise self.fail(f"an unknown category {name!r}")
        self.position = match.end()
        if not inside:
            return "[^\\s\\S]" if not negated else "[\\s\\S]"
        return f"[{'^' if negated else ''}{inside}]"

    def brackets(self, depth: int) -> str:
        """A character class: alternatives, because Python cannot nest classes."""
        if depth > 50:
            raise self.fail("classes are nested too deeply")
        negated = self.peek() == "^"
        if negated:
            self.take()
        simple: list[str] = []
        classes: list[str] = []
        subtracted = ""
        letters_and_numbers = self.letters_and_numbers()
        if letters_and_numbers:
            classes.append("[^\\W_]")
        first = True
        while True:
            character = self.take()
            if character == "]" and not first:
                break
            if character == "]" and first and not classes:
                raise self.fail("an empty class")
            if character == "]":
                break
            if character == "-" and self.peek() == "[" and not first:
                self.take()
                subtracted = self.brackets(depth + 1)
                if self.take() != "]":
                    raise self.fail("a subtraction that does not end its class")
                break
            first = False
            low = self.class_character(character)
            if len(low) > 1 and low.startswith("["):
                classes.append(low)
                continue
            if self.peek() == "-" and self.pattern[self.position + 1 : self.position + 2] not in (
                "]",
                "[",
                "",
            ):
                self.take()
                high = self.class_character(self.take())
                if len(high) > 1 and high.startswith("["):
                    raise self.fail("a range that ends in a class")
                simple.append(f"{low}-{high}")
            else:
                simple.append(low)
        if simple:
            classes.append(f"[{''.join(simple)}]")
        positive = classes[0] if len(classes) == 1 else f"(?:{'|'.join(classes)})"
        result = f"(?:(?!{positive})[\\s\\S])" if negated else positive
        if negated and len(classes) == 1 and simple:
            result = f"[^{''.join(simple)}]"
        return f"(?:(?!{subtracted}){result})" if subtracted else result

    def letters_and_numbers(self) -> bool:
        r"""Skip "\p{N}\p{L}" at the start of a class: it is Python's alphanumerics.

        ietf-inet-types has it in every zone; this spares the walk over all of Unicode.
        """
        for text in ("\\p{N}\\p{L}", "\\p{L}\\p{N}"):
            if self.pattern.startswith(text, self.position):
                self.position += len(text)
                return True
        return False

    def class_character(self, character: str) -> str:
        if character == "\\":
            return self.escape()
        if character == "[":
            raise self.fail("a bare '[' in a class")
        return re.escape(character)
