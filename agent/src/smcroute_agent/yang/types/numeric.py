"""The numeric types: integers (RFC 7950, section 9.2) and decimal64 (section 9.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..value_problem import ValueProblem
from .base import WHITESPACE, Resolve, Restriction, Type, quoted, restrictions

INTEGERS = {
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
}
"""The built-in ranges (RFC 7950, section 9.2)."""

_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)

MAX_DIGITS = 40
"""Longer numbers are out of every range; they are not even converted."""


class Integer(Type):
    """int8 to uint64, in decimal (other bases are for defaults in modules: compiler/types.py)."""

    def __init__(self, base: str, spec: Mapping[str, Any]) -> None:
        self.base = base
        super().__init__(spec)
        self.limits = Restriction([INTEGERS[base]], None, None)
        self.ranges = restrictions(spec, "ranges")

    def check(self, text: str, resolve: Resolve | None) -> str:
        text = text.strip(WHITESPACE)
        if _INTEGER.fullmatch(text) is None:
            raise ValueProblem(f"{quoted(text)} is not an integer")
        if len(text) > MAX_DIGITS:
            raise ValueProblem(f"{quoted(text)} is out of range")
        value = int(text)
        for restriction in (*self.ranges, self.limits):
            if not restriction.allows(value):
                raise ValueProblem(
                    restriction.message
                    or f"{value} is out of range: the value is from {restriction.text()}",
                    app_tag=restriction.app_tag,
                    default=restriction.message is None,
                )
        return str(value)


_DECIMAL = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)


class Decimal64(Type):
    """decimal64; bounds are held as integers scaled by 10**fraction_digits."""

    base = "decimal64"

    def __init__(self, spec: Mapping[str, Any]) -> None:
        super().__init__(spec)
        self.fraction_digits: int = spec["fraction-digits"]
        self.ranges = restrictions(spec, "ranges")

    def check(self, text: str, resolve: Resolve | None) -> str:
        text = text.strip(WHITESPACE)
        match = _DECIMAL.fullmatch(text)
        if match is None:
            raise ValueProblem(f"{quoted(text)} is not a decimal number")
        sign, whole, fraction = match[1], match[2], (match[3] or "").rstrip("0")
        if len(fraction) > self.fraction_digits:
            raise ValueProblem(
                f"{quoted(text)} has more than {self.fraction_digits} fraction digits"
            )
        if len(whole.lstrip("0")) > 19:
            raise ValueProblem(f"{quoted(text)} is out of range")
        scaled = int(whole + fraction.ljust(self.fraction_digits, "0"))
        if sign == "-":
            scaled = -scaled
        if not -(2**63) <= scaled < 2**63:
            raise ValueProblem(f"{quoted(text)} is out of range")
        for restriction in self.ranges:
            if not restriction.allows(scaled):
                parts = " or ".join(
                    self.text(low) if low == high else f"{self.text(low)} to {self.text(high)}"
                    for low, high in restriction.bounds
                )
                raise ValueProblem(
                    restriction.message or f"{quoted(text)} is out of range: it is from {parts}",
                    app_tag=restriction.app_tag,
                    default=restriction.message is None,
                )
        return self.text(scaled)

    def text(self, scaled: int) -> str:
        """The canonical form of a scaled number."""
        digits = str(abs(scaled)).rjust(self.fraction_digits + 1, "0")
        whole, fraction = digits[: -self.fraction_digits], digits[-self.fraction_digits :]
        return f"{'-' if scaled < 0 else ''}{whole}.{fraction.rstrip('0') or '0'}"
