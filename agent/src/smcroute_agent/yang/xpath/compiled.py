"""XPath expressions compiled to Python closures over items.

An expression is compiled once for its names' meanings; each part of it knows its type
(XPath 1.0 has no untyped expressions but variables, which YANG has not), so that
comparisons and conversions are chosen beforehand.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from ..schema import Schema
from .ast import Binary, Call, Expr, Literal, Negative, Number, Path
from .context import Context, Evaluate, Resolve
from .functions import FUNCTIONS, Scope
from .item import Item
from .lexer import XPathError
from .parser import parse
from .paths import Names, compile_path, leaf_text, only_child
from .values import Value, compare, to_boolean, to_number, to_string


class Expression:
    """A compiled expression."""

    __slots__ = ("_evaluate", "kind", "text", "tree")

    def __init__(self, text: str, tree: Expr, kind: str, evaluate: Evaluate) -> None:
        self.text = text
        self.tree = tree
        self.kind = kind
        """nodes, string, number or boolean."""
        self._evaluate = evaluate

    def value(self, item: Item) -> Value:
        """The value with an item as context node and as current()."""
        return self._evaluate(Context(item, 1, 1, item))

    def boolean(self, item: Item) -> bool:
        """boolean() of the value."""
        return to_boolean(self._evaluate(Context(item, 1, 1, item)))

    def nodes(self, item: Item) -> list[Item]:
        """The node-set; XPathError when the expression gives none."""
        value = self._evaluate(Context(item, 1, 1, item))
        if not isinstance(value, list):
            raise XPathError(f"{self.text!r} gives no node-set")
        return value


def compile_expression(schema: Schema, text: str, resolve: Resolve) -> Expression:
    """Compile an expression; raises XPathError when it is wrong."""
    tree = parse(text)
    names = Names(schema, resolve)
    kind, evaluate = _Compiler(names).expression(tree)
    return Expression(text, tree, kind, evaluate)


def module_resolver(schema: Schema) -> Resolve:
    """For compiled schemas, where a prefix is a module's name."""

    def resolve(prefix: str) -> str | None:
        module = schema.modules.get(prefix)
        return module.namespace if module is not None else None

    return resolve


def schema_expression(schema: Schema, text: str) -> Expression:
    """A must, when or leafref path of the schema, compiled once."""
    found = schema.expressions.get(text)
    if not isinstance(found, Expression):
        found = compile_expression(schema, text, module_resolver(schema))
        schema.expressions[text] = found
    return found


def select(schema: Schema, path: str, item: Item) -> list[Item]:
    """The nodes of a path in a value or type: modules' names for prefixes."""
    return compile_expression(schema, path, module_resolver(schema)).nodes(item)


class _Compiler:
    """Turns a syntax tree into (type, closure)."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._known: dict[int, tuple[str, Evaluate]] = {}

    def expression(self, tree: Expr) -> tuple[str, Evaluate]:
        if isinstance(tree, Literal):
            text = tree.value
            return "string", lambda context: text
        if isinstance(tree, Number):
            number = tree.value
            return "number", lambda context: number
        if isinstance(tree, Negative):
            _, operand = self.expression(tree.operand)
            return "number", lambda context: -to_number(operand(context))
        if isinstance(tree, Binary):
            return self.binary(tree)
        if isinstance(tree, Call):
            return self.call(tree)
        return "nodes", self.path(tree)

    def path(self, tree: Path) -> Evaluate:
        return compile_path(tree, self.names, self.once)

    def once(self, tree: Expr) -> tuple[str, Evaluate]:
        """As expression(), for who asks twice at each level, as paths do for their predicates."""
        found = self._known.get(id(tree))
        if found is None:
            found = self._known[id(tree)] = self.expression(tree)
        return found

    def text(self, tree: Expr) -> Evaluate:
        """The string-value of an expression, when nothing else of it is wanted."""
        _, evaluate = self.expression(tree)
        qname = only_child(tree, self.names)
        if qname is None:
            return lambda context: to_string(evaluate(context))

        def text(context: Context) -> Value:
            found = leaf_text(context.item, qname)
            return to_string(evaluate(context)) if found is None else found

        return text

    def binary(self, tree: Binary) -> tuple[str, Evaluate]:
        left_kind, left = self.expression(tree.left)
        right_kind, right = self.expression(tree.right)
        operator = tree.operator
        if operator == "or":
            return (
                "boolean",
                lambda context: to_boolean(left(context)) or to_boolean(right(context)),
            )
        if operator == "and":
            return (
                "boolean",
                lambda context: to_boolean(left(context)) and to_boolean(right(context)),
            )
        if operator == "|":
            if left_kind != "nodes" or right_kind != "nodes":
                raise XPathError("'|' joins node-sets only")
            return "nodes", _union(left, right)
        if operator == "=" and left_kind == "nodes" and right_kind == "string":
            return "boolean", _equals(only_child(tree.left, self.names), left, right)
        if operator in ("=", "!=", "<", "<=", ">", ">="):
            return "boolean", _comparison(operator, left_kind, left, right_kind, right)
        function = _ARITHMETIC[operator]
        return "number", lambda context: function(
            to_number(left(context)), to_number(right(context))
        )

    def call(self, tree: Call) -> tuple[str, Evaluate]:
        function = FUNCTIONS.get(tree.name)
        if function is None:
            raise XPathError(f"there is no function {tree.name}()")
        if not function.least <= len(tree.arguments) <= function.most:
            raise XPathError(f"{tree.name}() has a wrong number of arguments")
        compiled = [
            ("string", self.text(argument)) if function.texts else self.expression(argument)
            for argument in tree.arguments
        ]
        for index in function.nodes:
            if index < len(compiled) and compiled[index][0] != "nodes":
                raise XPathError(f"{tree.name}() needs a node-set")
        schema = self.names.schema
        scope = Scope(schema, self.names.module, lambda path, item: select(schema, path, item))
        evaluate = function.build(scope, [evaluate for _, evaluate in compiled])
        return function.kind, evaluate


def _union(left: Evaluate, right: Evaluate) -> Evaluate:
    def evaluate(context: Context) -> Value:
        found: dict[object, Item] = {}
        for value in (left(context), right(context)):
            assert isinstance(value, list)
            for item in value:
                found.setdefault(item.identity(), item)
        return list(found.values())

    return evaluate


def _equals(qname: str | None, left: Evaluate, right: Evaluate) -> Evaluate:
    """A node-set and a string; qname: of the only child that the node-set is of, if it is so."""

    def evaluate(context: Context) -> Value:
        found = leaf_text(context.item, qname) if qname is not None else None
        if found is not None:
            return found == right(context)
        nodes, text = left(context), right(context)
        assert isinstance(nodes, list)
        return any(node.string() == text for node in nodes)

    return evaluate


def _comparison(
    operator: str, left_kind: str, left: Evaluate, right_kind: str, right: Evaluate
) -> Evaluate:
    if operator in ("=", "!=") and {left_kind, right_kind} in ({"string"}, {"boolean"}):
        wanted = operator == "="
        return lambda context: (left(context) == right(context)) is wanted
    return lambda context: compare(operator, left(context), right(context))


def _divide(left: float, right: float) -> float:
    """IEEE 754 division."""
    if right:
        return left / right
    if not left or left != left or right != right:
        return float("nan")
    negative = (str(left)[0] == "-") != (str(right)[0] == "-")
    return float("-inf") if negative else float("inf")


def _remainder(left: float, right: float) -> float:
    """The remainder with the sign of the dividend (XPath, section 3.5)."""
    if not right or left != left or right != right or left in (float("inf"), float("-inf")):
        return float("nan")
    if right in (float("inf"), float("-inf")):
        return left
    return math.fmod(left, right)


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "div": _divide,
    "mod": _remainder,
}
