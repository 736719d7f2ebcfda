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


def prefixes(module: Stmt) -> dict[str, str]:
    """What a module's prefixes stand for, by module name."""
    return {prefix: name for prefix, (name, _) in module.i_prefixes.items()}


def data_child(statement: Stmt, module: str, name: str) -> Stmt | None:
    """A child in the data tree: choices and cases are no steps of a path."""
    for child in statement.i_children:
        if child.keyword in ("choice", "case"):
            found = data_child(child, module, name)
            if found is not None:
                return found
        elif child.arg == name and child.main_module().arg == module:
            return child
    return None
