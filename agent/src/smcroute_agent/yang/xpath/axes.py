"""The axes of XPath (section 2.2), each in its own order: the reverse ones nearest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..data import Leaf
from ..schema import SchemaNode
from .item import Item

Pick = Callable[[Item], list[Item]]
"""The children of one name, or those of them that matter."""


def named_below(item: Item, qname: str, pick: Pick) -> Iterator[Item]:
    """The descendants of one name, in document order; only where the schema has them."""
    for name, child in item.schema.children.items():
        deeper = qname in names_below(child)
        if name == qname and not deeper:
            yield from pick(item)
        elif deeper:
            for inner in item.named(name):
                if name == qname:
                    yield inner
                yield from named_below(inner, qname, pick)


def names_below(schema: SchemaNode) -> frozenset[str]:
    """The qualified names of all schema nodes below one."""
    found: frozenset[str] | None = schema.derived.get("qnames-below")
    if found is None:
        found = frozenset(schema.children).union(*map(names_below, schema.children.values()))
        schema.derived["qnames-below"] = found
    return found


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
