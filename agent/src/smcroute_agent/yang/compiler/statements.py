"""The names that all of the compiler uses."""

from __future__ import annotations

from typing import Any

Stmt = Any
"""A pyang statement, with pyang's own attributes i_*."""

Document = dict[str, Any]


def left_out(statement: Stmt) -> bool:
    """Whether a statement's if-feature is false."""
    return hasattr(statement, "i_not_implemented")


class CompileError(Exception):
    """The modules are wrong or use what this library does not support."""
