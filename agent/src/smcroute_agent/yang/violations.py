"""The errors of constraints on whole trees (RFC 7950, section 15), made as in problems.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import DataError

if TYPE_CHECKING:
    from .schema import SchemaNode


class Violation(DataError):
    """A constraint on the tree as a whole; it may be about data that no edit has named.

    others: the paths of the nodes that are named besides.
    """

    others: tuple[str, ...] = ()


def must_violation(
    path: str, expression: str, message: str | None, app_tag: str | None
) -> Violation:
    """A must that is false (RFC 7950, section 15.4)."""
    return Violation(
        message or f"the condition {expression!r} does not hold",
        path=path or "/",
        tag="operation-failed",
        app_tag=app_tag or "must-violation",
    )


def when_violation(node: SchemaNode, path: str, expression: str) -> Violation:
    """Data whose when is false (RFC 7950, section 8.3.1)."""
    return Violation(
        f"{node.name!r} is only there when {expression!r}",
        path=path,
        tag="unknown-element",
        info=(("bad-element", node.qname),),
    )


def missing_instance(node: SchemaNode, path: str, value: str) -> Violation:
    """A reference to nothing (RFC 7950, section 15.5)."""
    return Violation(
        f"{node.name!r} refers to {value!r}, which does not exist",
        path=path,
        tag="data-missing",
        app_tag="instance-required",
    )


def missing_mandatory(node: SchemaNode, path: str, tag: str = "data-missing") -> Violation:
    """A mandatory node that is not there."""
    return Violation(
        f"{node.name!r} is mandatory",
        path=path + node.step,
        tag=tag,
        info=(("bad-element", node.qname),),
    )


def missing_choice(name: str, cases: Iterable[str], path: str) -> Violation:
    """A mandatory choice of which no case is there (RFC 7950, section 15.6)."""
    return Violation(
        f"one of {', '.join(cases)} is mandatory (the choice {name!r})",
        path=path or "/",
        tag="data-missing",
        app_tag="missing-choice",
        info=(("missing-choice", name),),
    )


def wrong_count(node: SchemaNode, path: str, count: int) -> Violation:
    """Too many or too few entries or values (RFC 7950, sections 15.2 and 15.3).

    How many there are is not said: not all of them need be for everybody to read.
    """
    many = node.max_elements is not None and count > node.max_elements
    limit = node.max_elements if many else node.min_elements
    return Violation(
        f"{node.name!r} may be there {limit} times at the most"
        if many
        else f"{node.name!r} must be there {limit} times at the least",
        path=path + node.step,
        tag="operation-failed",
        app_tag="too-many-elements" if many else "too-few-elements",
    )


def not_unique(path: str, leaves: Iterable[str], other: str) -> Violation:
    """Two entries with the same values (RFC 7950, section 15.1)."""
    paths = tuple(leaves)
    names = ", ".join(repr(item.rpartition(":")[2]) for item in paths)
    violation = Violation(
        f"{names} must be unique, but {other} has the same",
        path=path,
        tag="operation-failed",
        app_tag="data-not-unique",
        info=tuple(("non-unique", item) for item in paths),
    )
    violation.others = (*paths, other)
    return violation
