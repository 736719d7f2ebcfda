"""Reads XPath 1.0 (section 3) into its syntax tree."""

from __future__ import annotations

from typing import Any

from .ast import Binary, Call, Expr, Literal, Negative, NodeTest, Number, Path, Step
from .lexer import Token, XPathError, tokens

MAX_DEPTH = 32
"""How deep parentheses and predicates may be nested."""

MAX_HEIGHT = 300
"""How tall a syntax tree may be: 250 operators of one level in a row, say.  To compile and to
evaluate it takes some frames of Python's a level, of which there are 1000."""

LEVELS: tuple[frozenset[str], ...] = (
    frozenset(("or",)),
    frozenset(("and",)),
    frozenset(("=", "!=")),
    frozenset(("<", "<=", ">", ">=")),
    frozenset(("+", "-")),
    frozenset(("*", "div", "mod")),
)
"""Binary operators from the weakest to the strongest, all of them left-associative."""

AXES = frozenset(
    (
        *("ancestor", "ancestor-or-self", "attribute", "child", "descendant"),
        *("descendant-or-self", "following", "following-sibling", "namespace", "parent"),
        *("preceding", "preceding-sibling", "self"),
    )
)

ANY_NODE = NodeTest("node", "")
DESCENDANT_OR_SELF = Step("descendant-or-self", ANY_NODE, ())

_END = Token("end", "", -1)
_STEP_STARTS = frozenset(("name", "node-type", "axis", "@", ".", "..", "*"))


def parse(text: str) -> Expr:
    """The syntax tree of an expression; raises XPathError."""
    reader = _Parser(text)
    expression = reader.expression(0, 0)
    if reader.token.kind != "end":
        raise reader.fail()
    if _height(expression) > MAX_HEIGHT:
        raise XPathError("the expression is nested too deeply")
    return expression


def _height(tree: Expr) -> int:
    """The levels of tuples within tuples that a syntax tree is."""
    tallest = 0
    parts: list[tuple[Any, int]] = [(tree, 1)]
    while parts:
        part, height = parts.pop()
        tallest = max(tallest, height)
        parts += [(inner, height + 1) for inner in part if isinstance(inner, tuple)]
    return tallest


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.position = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position] if self.position < len(self.tokens) else _END

    def fail(self) -> XPathError:
        token = self.token
        if token.kind == "end":
            return XPathError(f"{self.text!r} ends too early")
        return XPathError(f"unexpected {token.text!r} at character {token.position + 1}")

    def accept(self, kind: str) -> Token | None:
        token = self.token
        if token.kind != kind:
            return None
        self.position += 1
        return token

    def expect(self, kind: str) -> Token:
        token = self.accept(kind)
        if token is None:
            raise self.fail()
        return token

    def expression(self, level: int, depth: int) -> Expr:
        if depth > MAX_DEPTH:
            raise XPathError("the expression is nested too deeply")
        if level == len(LEVELS):
            return self.unary(depth)
        left = self.expression(level + 1, depth)
        while self.token.kind not in ("literal", "number") and self.token.text in LEVELS[level]:
            operator = self.token.text
            if operator in ("or", "and", "div", "mod", "*") and self.token.kind != "operator":
                break
            self.position += 1
            left = Binary(operator, left, self.expression(level + 1, depth))
        return left

    def unary(self, depth: int) -> Expr:
        if self.accept("-"):
            if depth > MAX_DEPTH:
                raise XPathError("the expression is nested too deeply")
            return Negative(self.unary(depth + 1))
        left = self.path(depth)
        while self.accept("|"):
            left = Binary("|", left, self.path(depth))
        return left

    def path(self, depth: int) -> Expr:
        token = self.token
        if token.kind == "/":
            self.position += 1
            steps = self.steps(depth) if self.token.kind in _STEP_STARTS else ()
            return Path("/", (), steps)
        if token.kind == "//":
            self.position += 1
            return Path("/", (), (DESCENDANT_OR_SELF, *self.steps(depth)))
        if token.kind in _STEP_STARTS:
            return Path(None, (), self.steps(depth))
        start = self.primary(depth)
        predicates = self.predicates(depth)
        steps = ()
        if self.accept("/"):
            steps = self.steps(depth)
        elif self.accept("//"):
            steps = (DESCENDANT_OR_SELF, *self.steps(depth))
        if not predicates and not steps:
            return start
        return Path(start, predicates, steps)

    def primary(self, depth: int) -> Expr:
        if token := self.accept("literal"):
            return Literal(token.text[1:-1])
        if token := self.accept("number"):
            return Number(float(token.text))
        if self.accept("("):
            inner = self.expression(0, depth + 1)
            self.expect(")")
            return inner
        if token := self.accept("function"):
            self.expect("(")
            arguments: list[Expr] = []
            if self.token.kind != ")":
                arguments.append(self.expression(0, depth + 1))
                while self.accept(","):
                    arguments.append(self.expression(0, depth + 1))
            self.expect(")")
            return Call(token.text, tuple(arguments))
        if self.token.kind == "$":
            raise XPathError("variables are not available in YANG")
        raise self.fail()

    def steps(self, depth: int) -> tuple[Step, ...]:
        found = [self.step(depth)]
        while True:
            if self.accept("//"):
                found.append(DESCENDANT_OR_SELF)
            elif not self.accept("/"):
                return tuple(found)
            found.append(self.step(depth))

    def step(self, depth: int) -> Step:
        if self.accept("."):
            return Step("self", ANY_NODE, ())
        if self.accept(".."):
            return Step("parent", ANY_NODE, ())
        axis = "child"
        if self.accept("@"):
            axis = "attribute"
        elif token := self.accept("axis"):
            axis = token.text
            if axis not in AXES:
                raise XPathError(f"there is no axis {axis!r}")
            self.expect("::")
        return Step(axis, self.test(), self.predicates(depth))

    def test(self) -> NodeTest:
        if self.accept("*"):
            return NodeTest("name", "*")
        if token := self.accept("name"):
            return NodeTest("name", token.text)
        token = self.expect("node-type")
        self.expect("(")
        target = self.accept("literal") if token.text == "processing-instruction" else None
        self.expect(")")
        return NodeTest(token.text, target.text[1:-1] if target else "")

    def predicates(self, depth: int) -> tuple[Expr, ...]:
        found: list[Expr] = []
        while self.accept("["):
            found.append(self.expression(0, depth + 1))
            self.expect("]")
        return tuple(found)
