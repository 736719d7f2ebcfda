"""XSD regular expressions, translated."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcroute_agent.yang.regex import UnsupportedPatternError, compiled, translate

MATCHES = [
    ("a|b", ["a", "b"], ["ab", "xa", "a\n"]),
    ("a.c", ["abc"], ["a\nc", "a\rc"]),
    ("^a$", ["^a$"], ["a"]),
    (r"\d+", ["19", "٣"], ["a", ""]),
    (r"\i\c*", ["_a-1", "é"], ["1a", "-"]),
    (r"[\i-[:]][\c-[:]]*", ["a1"], ["a:b", ":"]),
    ("[a-z-[aeiou]]*", ["xyz"], ["xaz"]),
    ("[^a-c]", ["d"], ["a", "dd"]),
    (r"[\d.]+", ["1.2"], ["a"]),
    (r"[^\d.]+", ["ab"], ["1", "a.b"]),
    (r"\p{Lu}\p{Nd}", ["A1"], ["a1"]),
    (r"\P{L}+", ["1-2"], ["a"]),
    (r"[\p{N}\p{L}]+", ["aé٣Ⅷ"], ["a_", "a-b"]),
    (r"[\p{N}\p{L}-]+", ["a-1"], ["_"]),
    (r"\w+", ["ab1+"], ["a b", "a.b", "_"]),
    (r"\W", [".", " ", "_"], ["a"]),
    (r"\s", [" ", "\t"], ["\u00a0"]),
    ("(ab){2,3}", ["abab"], ["ab"]),
    ("a{2}", ["aa"], ["aaa"]),
    (r"\.\-\^\$", [".-^$"], ["x"]),
    ("[-a]", ["-", "a"], ["b"]),
    ("[a-]", ["-", "a"], ["b"]),
    ("", [""], ["a"]),
    ("()", [""], ["a"]),
    (r"\p{IsBasicLatin}*", ["abc"], ["é"]),
]

WRONG = ["(", ")", "a)", "[", "[]", "[a", "*a", "a**", "a+?", "(?:a)", r"\z", r"\p{Xx}", "a{,2}"]


@pytest.mark.parametrize(("pattern", "good", "bad"), MATCHES)
def test_means_what_xsd_says(pattern: str, good: list[str], bad: list[str]) -> None:
    for text in good:
        assert compiled(pattern).fullmatch(text), text
    for text in bad:
        assert not compiled(pattern).fullmatch(text), text


@pytest.mark.parametrize("pattern", WRONG)
def test_what_is_no_xsd_is_refused(pattern: str) -> None:
    with pytest.raises(UnsupportedPatternError, match="pattern"):
        translate(pattern)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(UnsupportedPatternError, match="deeply"):
        translate("(" * 1000 + ")" * 1000)


@given(st.characters(exclude_categories=["Cs"]))
def test_letters_and_numbers_are_exact(character: str) -> None:
    expected = unicodedata.category(character)[0] in "LN"
    assert bool(compiled(r"[\p{N}\p{L}]").fullmatch(character)) is expected


@given(st.characters(exclude_categories=["Cs"]))
def test_word_characters_are_exact(character: str) -> None:
    expected = unicodedata.category(character)[0] not in "PZC"
    assert bool(compiled(r"\w").fullmatch(character)) is expected
