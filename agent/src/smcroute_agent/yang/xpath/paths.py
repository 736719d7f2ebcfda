"""Location paths (XPath 1.0, section 2) over items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..data import Leaf
from ..schema import Schema
from .ast import Binary, Call, Expr, Literal, NodeTest, Path, Step
from .context import Context, Evaluate, Resolve
from .item import Item
from .lexer import XPathError
from .values import to_boolean, to_string

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
    steps = [_compile_step(step, names, inner) for step in _joined(tree.steps)]
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


def _joined(steps: tuple[Step, ...]) -> Iterator[Step]:
    """ "//name" as one step where that is the same: no predicates that count."""
    index = 0
    while index < len(steps):
        step = steps[index]
        following = steps[index + 1] if index + 1 < len(steps) else None
        if (
            step == Step("descendant-or-self", NodeTest("node", ""), ())
            and following is not None
            and following.axis == "child"
            and not following.predicates
        ):
            yield Step("descendant", following.test, ())
            index += 2
        else:
            yield step
            index += 1


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
    base = _base(step, names)
    predicates = [_predicate(predicate, inner) for predicate in step.predicates]
    repeats = step.axis not in ("child", "self", "attribute", "namespace")
    if not predicates:
        return _CompiledStep(base, repeats)
    shortcut = _by_key(step, names, inner)

    def nodes(item: Item, context: Context) -> list[Item]:
        found = shortcut(item, context) if shortcut is not None else None
        if found is None:
            found = base(item, context)
        for predicate in predicates:
            found = predicate(found, context)
        return found

    return _CompiledStep(nodes, repeats)


def _predicate(tree: Expr, inner: CompileInner) -> Callable[[list[Item], Context], list[Item]]:
    """A filter of nodes in the order of their axis (XPath, section 2.4)."""
    kind, evaluate = inner(tree)
    if kind == "number":

        def by_position(nodes: list[Item], context: Context) -> list[Item]:
            size = len(nodes)
            return [
                node
                for position, node in enumerate(nodes, 1)
                if evaluate(Context(node, position, size, context.current)) == position
            ]

        return by_position

    def by_truth(nodes: list[Item], context: Context) -> list[Item]:
        size = len(nodes)
        return [
            node
            for position, node in enumerate(nodes, 1)
            if to_boolean(evaluate(Context(node, position, size, context.current)))
        ]

    return by_truth


def _by_key(
    step: Step, names: Names, inner: CompileInner
) -> Callable[[Item, Context], list[Item] | None] | None:
    """list[key = value]... as a look-up: the candidates, to which the predicates still apply.

    Only where every predicate compares a child with something that does not depend on the
    node (a literal, or a path from current() or the root), so that positions do not matter.
    """
    if step.axis != "child" or step.test.kind != "name" or step.test.name.endswith("*"):
        return None
    values: dict[str, Evaluate] = {}
    for predicate in step.predicates:
        if not isinstance(predicate, Binary) or predicate.operator != "=":
            return None
        left, right = predicate.left, predicate.right
        if not _is_child(left):
            left, right = right, left
        if not _is_child(left) or not _is_fixed(right):
            return None
        assert isinstance(left, Path)
        values[names.clark(left.steps[0].test.name)] = inner(right)[1]
    qname = names.clark(step.test.name)

    def candidates(item: Item, context: Context) -> list[Item] | None:
        schema = item.schema.children.get(qname)
        if schema is None or schema.kind != "list" or not schema.keys:
            return None
        key = []
        for name in schema.keys:
            evaluate = values.get(name)
            if evaluate is None:
                return None
            value = evaluate(context)
            if isinstance(value, list):
                if len(value) != 1:
                    return None if value else []
            elif not isinstance(value, str):
                return None
            key.append(to_string(value))
        return item.entry(qname, tuple(key))

    return candidates


def _is_child(tree: Expr) -> bool:
    return (
        isinstance(tree, Path)
        and tree.start is None
        and len(tree.steps) == 1
        and tree.steps[0].axis == "child"
        and tree.steps[0].test.kind == "name"
        and not tree.steps[0].test.name.endswith("*")
        and not tree.steps[0].predicates
    )


def _is_fixed(tree: Expr) -> bool:
    if isinstance(tree, Literal):
        return True
    return isinstance(tree, Path) and (tree.start == "/" or tree.start == Call("current", ()))


def _base(step: Step, names: Names) -> Nodes:
    """The nodes of an axis that pass the node test."""
    test = step.test
    if step.axis in ("attribute", "namespace"):
        return lambda item, context: []
    if step.axis == "child" and test.kind == "name" and not test.name.endswith("*"):
        qname = names.clark(test.name)
        return lambda item, context: [] if item.text else item.named(qname)
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


def _descendants(item: Item) -> Iterator[Item]:
    for child in item.children():
        yield child
        if not isinstance(child.node, Leaf) or not child.text:
            yield from _descendants(child)


def _ancestors(item: Item) -> Iterator[Item]:
    above = item.parent
    while above is not None:
        yield above
        above = above.parent


def _siblings(item: Item) -> tuple[list[Item], int]:
    if item.parent is None:
        return [item], 0
    siblings = list(item.parent.children())
    own = item.identity()
    return siblings, next(
        index for index, sibling in enumerate(siblings) if sibling.identity() == own
    )


def _following_siblings(item: Item) -> Iterator[Item]:
    siblings, index = _siblings(item)
    yield from siblings[index + 1 :]


def _preceding_siblings(item: Item) -> Iterator[Item]:
    siblings, index = _siblings(item)
    yield from reversed(siblings[:index])


def _or_self(item: Item) -> Iterator[Item]:
    yield item
    yield from _descendants(item)


def _following(item: Item) -> Iterator[Item]:
    for node in (item, *_ancestors(item)):
        for sibling in _following_siblings(node):
            yield from _or_self(sibling)


def _preceding(item: Item) -> Iterator[Item]:
    for node in (item, *_ancestors(item)):
        for sibling in _preceding_siblings(node):
            yield from reversed(list(_or_self(sibling)))


def _self_and_ancestors(item: Item) -> Iterator[Item]:
    yield item
    yield from _ancestors(item)


AXES: dict[str, Callable[[Item], Iterable[Item]]] = {
    "child": Item.children,
    "descendant": _descendants,
    "descendant-or-self": _or_self,
    "self": lambda item: (item,),
    "parent": lambda item: (item.parent,) if item.parent is not None else (),
    "ancestor": _ancestors,
    "ancestor-or-self": _self_and_ancestors,
    "following-sibling": _following_siblings,
    "preceding-sibling": _preceding_siblings,
    "following": _following,
    "preceding": _preceding,
}
"""Each axis in its own order: the reverse ones nearest first (XPath, section 2.2)."""
