"""What an expression is evaluated in."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .item import Item
from .values import Value


class Context(NamedTuple):
    """The context of XPath, section 1, and current() (RFC 7950, section 10.1)."""

    item: Item
    position: int
    size: int
    current: Item


Evaluate = Callable[[Context], Value]
"""A compiled expression."""

Resolve = Callable[[str], str | None]
"""A prefix ("" for none) to its namespace, None where it is not declared."""
