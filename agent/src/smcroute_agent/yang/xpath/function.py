"""How a function of XPath is described, and the shapes that most of them have."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..schema import Schema
from .context import Context, Evaluate
from .deref import Select
from .item import Item
from .values import Value


class Scope(NamedTuple):
    """What a call may need of the expression that it stands in."""

    schema: Schema
    module: Callable[[str], str | None]
    """The module that a prefix in a literal stands for."""
    select: Select


class Function(NamedTuple):
    """kind: the type of the value. least, most: numbers of arguments. nodes: the positions
    of arguments that have to be node-sets. build: makes the closure of a call. texts: only the
    string-values of the arguments matter."""

    kind: str
    least: int
    most: int
    nodes: tuple[int, ...]
    build: Callable[[Scope, list[Evaluate]], Evaluate]
    texts: bool = False


def plain(
    kind: str,
    count: int,
    function: Callable[..., Value],
    most: int | None = None,
    *,
    texts: bool = False,
) -> Function:
    """A function of values, whatever their types."""

    def build(scope: Scope, arguments: list[Evaluate]) -> Evaluate:
        return lambda context: function(*[argument(context) for argument in arguments])

    return Function(kind, count, count if most is None else most, (), build, texts)


def on_nodes(kind: str, function: Callable[[list[Item]], Value]) -> Function:
    """A function of one node-set."""

    def build(scope: Scope, arguments: list[Evaluate]) -> Evaluate:
        return lambda context: function(nodes_of(arguments[0], context))

    return Function(kind, 1, 1, (0,), build)


def implicit(
    kind: str, function: Callable[[Value], Value], nodes: tuple[int, ...] = ()
) -> Function:
    """A function of one value, by default the context node."""

    def build(scope: Scope, arguments: list[Evaluate]) -> Evaluate:
        if arguments:
            return lambda context: function(arguments[0](context))
        return lambda context: function([context.item])

    return Function(kind, 0, 1, nodes, build)


def of_context(kind: str, function: Callable[[Context], Value]) -> Function:
    return Function(kind, 0, 0, (), lambda scope, arguments: function)


def nodes_of(argument: Evaluate, context: Context) -> list[Item]:
    value = argument(context)
    assert isinstance(value, list)
    return value
