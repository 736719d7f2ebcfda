"""Location paths (XPath 1.0, section 2) over items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..data import Container, Leaf
from ..schema import Schema
from .ast import Expr, NodeTest, Path, Step
from .axes import AXES, named_below
from .context import Context, Evaluate, Resolve
from .item import Item
from .lexer import XPathError
from .lookup import Candidates, asks_for_position, by_value, equalities, size
from .values import to_boolean

CompileInner = Callable[[Expr], tuple[str, Evaluate]]

Nodes = Callable[[Item, Context], list[Item]]
"""One step: from one context node to the selected ones, in the order of the axis."""


class Names:
    """What the names in an expression mean."""

    def __init__(self, schema: Schema, resolve: Resolve) -> None:
        self.schema = schema
        self.resolve = resolve

    def namespace(self, prefix: str) -> str:
        """The namespace of a prefix; XPathError when it is not declared."""
        namespace = self.resolve(prefix)
        if namespace is None:
            raise XPathError(f"the prefix {prefix!r} is not declared")
        return namespace

    def module(self, prefix: str) -> str | None:
        """The name of the module that a prefix stands for."""
        module = self.schema.namespaces.get(self.resolve(prefix) or "")
        return module.name if module is not None else None

    def clark(self, name: str) -> str:
        """ "prefix:local" in Clark notation; without a prefix it is in no namespace."""
        prefix, colon, local = name.rpartition(":")
        namespace = self.namespace(prefix) if colon else (self.resolve("") or "")
        return f"{{{namespace}}}{local}"


def compile_path(tree: Path, names: Names, inner: CompileInner) -> Evaluate:
    """A location path or filter expression; its value is a node-set."""
    steps = [_compile_step(step, names, inner) for step in _joined(tree.steps, inner)]
    start = _start(tree, inner)
    if tree.start is None and len(steps) == 1:
        only = steps[0].nodes
        return lambda context: only(context.item, context)

    def evaluate(context: Context) -> list[Item]:
        nodes = start(context)
        for step in steps:
            if len(nodes) == 1:
                nodes = step.nodes(nodes[0], context)
            elif nodes:
                nodes = _apply(step, nodes, context)
            else:
                break
        return nodes

    return evaluate


def only_child(tree: Expr, names: Names) -> str | None:
    """The qualified name of a path that is one child step with a name, and nothing else."""
    if not isinstance(tree, Path) or tree.start is not None or len(tree.steps) != 1:
        return None
    (step,) = tree.steps
    named = step.axis == "child" and step.test.kind == "name" and step.test.name[-1] != "*"
    return names.clark(step.test.name) if named and not step.predicates else None


def leaf_text(item: Item, qname: str) -> str | None:
    """The value of a child leaf that stands in the tree; None for whatever else.

    Most conditions look at leaves beside each other: no item need be made for that.
    """
    node = item.node
    leaf = node.children.get(qname) if isinstance(node, Container) else None
    if not isinstance(leaf, Leaf):
        return None
    item.tree.spend(1)
    return leaf.value


def _joined(steps: tuple[Step, ...], inner: CompileInner) -> Iterator[Step]:
    """ "//name" as one step where that is the same: no position counts."""
    index = 0
    while index < len(steps):
        step = steps[index]
        following = steps[index + 1] if index + 1 < len(steps) else None
        if (
            step == Step("descendant-or-self", NodeTest("node", ""), ())
            and following is not None
            and following.axis == "child"
            and not _positional(following, inner)
        ):
            yield Step("descendant", following.test, following.predicates)
            index += 2
        else:
            yield step
            index += 1


def _positional(step: Step, inner: CompileInner) -> bool:
    """Whether the positions of the nodes matter to the predicates of a step."""
    return any(asks_for_position(tree) or inner(tree)[0] == "number" for tree in step.predicates)


def _apply(step: _CompiledStep, nodes: list[Item], context: Context) -> list[Item]:
    found = [item for node in nodes for item in step.nodes(node, context)]
    return unique(found) if step.repeats else found


def unique(nodes: Iterable[Item]) -> list[Item]:
    """The nodes, each once."""
    return list({node.identity(): node for node in nodes}.values())


def _start(tree: Path, inner: CompileInner) -> Callable[[Context], list[Item]]:
    if tree.start is None:
        return lambda context: [context.item]
    if isinstance(tree.start, str):
        return lambda context: [context.item.tree.root]
    kind, evaluate = inner(tree.start)
    if kind != "nodes":
        raise XPathError("a path or predicate follows an expression that is no node-set")
    predicates = [_predicate(predicate, inner) for predicate in tree.predicates]

    def nodes(context: Context) -> list[Item]:
        found = evaluate(context)
        assert isinstance(found, list)
        if predicates and len(found) > 1:
            found = sorted(found, key=Item.order)
        for predicate in predicates:
            found = predicate(found, context)
        return found

    return nodes


class _CompiledStep:
    """A step, and whether it can lead from two nodes to the same one."""

    __slots__ = ("nodes", "repeats")

    def __init__(self, nodes: Nodes, repeats: bool) -> None:
        self.nodes = nodes
        self.repeats = repeats


def _compile_step(step: Step, names: Names, inner: CompileInner) -> _CompiledStep:
    base = _base(step, names, inner)
    predicates = [_predicate(predicate, inner) for predicate in step.predicates]
    repeats = step.axis not in ("child", "self", "attribute", "namespace")
    if not predicates:
        return _CompiledStep(base, repeats)

    def nodes(item: Item, context: Context) -> list[Item]:
        found = base(item, context)
        for predicate in predicates:
            found = predicate(found, context)
        return found

    return _CompiledStep(nodes, repeats)


def _predicate(tree: Expr, inner: CompileInner) -> Callable[[list[Item], Context], list[Item]]:
    """A filter of nodes in the order of their axis (XPath, section 2.4)."""
    kind, evaluate = inner(tree)
    weight = size(tree)

    def by_position(nodes: list[Item], context: Context) -> list[Item]:
        count = len(nodes)
        context.item.tree.spend(count * weight)
        return [
            node
            for position, node in enumerate(nodes, 1)
            if evaluate(Context(node, position, count, context.current)) == position
        ]

    def by_truth(nodes: list[Item], context: Context) -> list[Item]:
        count = len(nodes)
        context.item.tree.spend(count * weight)
        return [
            node
            for position, node in enumerate(nodes, 1)
            if to_boolean(evaluate(Context(node, position, count, context.current)))
        ]

    return by_position if kind == "number" else by_truth


def _lookup(step: Step, qname: str, names: Names, inner: CompileInner) -> Candidates | None:
    """The step as a look-up, where predicates name values of children."""
    if _positional(step, inner):
        return None
    values = {names.clark(name): inner(value)[1] for name, value in equalities(step.predicates)}
    return by_value(qname, values) if values else None


def _base(step: Step, names: Names, inner: CompileInner) -> Nodes:
    """The nodes of an axis that pass the node test, or those of them that predicates on keys
    leave over."""
    test = step.test
    if step.axis in ("attribute", "namespace"):
        return lambda item, context: []
    if step.axis in ("child", "descendant") and test.kind == "name" and test.name[-1] != "*":
        qname = names.clark(test.name)
        candidates = _lookup(step, qname, names, inner)

        def children(item: Item, context: Context) -> list[Item]:
            if item.text:
                return []
            found = candidates(item, context) if candidates is not None else None
            return item.named(qname) if found is None else found

        if step.axis == "child":
            return children
        return lambda item, context: list(
            named_below(item, qname, lambda above: children(above, context))
        )
    passes = _test(test, names)
    axis = AXES[step.axis]
    return lambda item, context: [node for node in axis(item) if passes(node)]


def _test(test: NodeTest, names: Names) -> Callable[[Item], bool]:
    if test.kind == "node":
        return lambda item: True
    if test.kind == "text":
        return lambda item: item.text
    if test.kind != "name":
        return lambda item: False
    prefix, colon, local = test.name.rpartition(":")
    if local == "*":
        if not colon:
            return lambda item: not item.text and item.parent is not None
        namespace = names.namespace(prefix)
        return lambda item: (
            not item.text and item.parent is not None and item.schema.namespace == namespace
        )
    qname = names.clark(test.name)
    return lambda item: item.schema.qname == qname and not item.text
