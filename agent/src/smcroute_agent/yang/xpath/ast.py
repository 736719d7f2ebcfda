"""The syntax tree of XPath 1.0."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class Literal(NamedTuple):
    """A string."""

    value: str


class Number(NamedTuple):
    """A number."""

    value: float


class NodeTest(NamedTuple):
    """kind: "name" (name is "prefix:local", "prefix:*" or "*") or a node type."""

    kind: str
    name: str


class Step(NamedTuple):
    """A step of a location path."""

    axis: str
    test: NodeTest
    predicates: tuple[Expr, ...]


class Path(NamedTuple):
    """A location path; start is None (relative), "/" or an expression (filter expression)."""

    start: Expr | str | None
    predicates: tuple[Expr, ...]
    """Predicates on the start, when that is an expression."""
    steps: tuple[Step, ...]


class Binary(NamedTuple):
    """or, and, =, !=, <, <=, >, >=, +, -, *, div, mod, |."""

    operator: str
    left: Expr
    right: Expr


class Negative(NamedTuple):
    """Unary minus."""

    operand: Expr


class Call(NamedTuple):
    """A function call."""

    name: str
    arguments: tuple[Expr, ...]


Expr: TypeAlias = "Literal | Number | Path | Binary | Negative | Call"
