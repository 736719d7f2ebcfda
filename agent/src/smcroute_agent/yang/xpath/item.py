"""Nodes of a data tree as XPath sees them: with their parent, and in document order.

The accessible tree (RFC 7950, section 6.4.1) has the defaults in use and all non-presence
containers, also where the data tree does not hold them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..data import (
    Container,
    Key,
    Leaf,
    LeafList,
    ListNode,
    entry_step,
    having,
    value_step,
)
from ..schema import Case, SchemaNode

EVERYTHING = 1 << 62
"""Work without a limit."""

GLANCES = 16
"""Entries of which one value can be compared while one node is visited."""


class TooMuchWork(Exception):
    """An evaluation has visited as many nodes as it may."""


InUse = Callable[["Item", SchemaNode], bool]
"""Whether the whens of an absent child allow it to exist."""


class Item:
    """An element of the tree (or the root, or a leaf's text) with its way up.

    node: the container, entry or leaf; for a value of a leaf-list a Leaf made for it.
    key: what tells it from siblings of the same schema node: the key of a list entry, the
    position and value of a leaf-list's value. text: it is the text node of a leaf.
    """

    __slots__ = ("key", "node", "parent", "schema", "text", "tree")

    def __init__(
        self,
        tree: Tree,
        node: Container | Leaf,
        parent: Item | None,
        key: Key = (),
        text: bool = False,
    ) -> None:
        self.tree = tree
        self.node = node
        self.schema = node.schema
        self.parent = parent
        self.key = key
        self.text = text

    def string(self) -> str:
        """The string-value (XPath, section 5)."""
        node = self.node
        if isinstance(node, Leaf):
            return node.value
        return "".join(child.string() for child in self.children())

    def identity(self) -> tuple[Any, ...]:
        """What makes two items the same node."""
        above = self.parent.identity() if self.parent is not None else None
        return (above, self.schema.qname, self.key, self.text)

    def children(self) -> Iterator[Item]:
        """The children in document order; of a leaf, its text."""
        node = self.node
        if isinstance(node, Leaf):
            if not self.text and node.value:
                yield Item(self.tree, node, self, (), True)
            return
        for name in node.schema.children:
            yield from self.named(name)

    def named(self, qname: str) -> list[Item]:
        """The children of one name."""
        container = self.node
        if isinstance(container, Leaf):
            return []
        node = container.children.get(qname)
        tree = self.tree
        tree.spend(len(node.entries) if isinstance(node, ListNode) else 1)
        if isinstance(node, Leaf | Container):
            return [Item(tree, node, self)]
        if isinstance(node, ListNode):
            return [Item(tree, entry, self, key) for key, entry in node.entries.items()]
        if isinstance(node, LeafList):
            return [
                Item(tree, Leaf(node.schema, value), self, (str(index), value))
                for index, value in enumerate(node.values)
            ]
        schema = container.schema.children.get(qname)
        return self._implied(container, schema) if schema is not None else []

    def _implied(self, container: Container, schema: SchemaNode) -> list[Item]:
        """What exists without being in the data tree."""
        tree = self.tree
        if tree.in_use is None:
            return []
        if schema.kind == "container":
            if schema.presence:
                return []
        elif not schema.defaults:
            return []
        if not default_case(container, schema) or not tree.in_use(self, schema):
            return []
        if schema.kind == "container":
            return [Item(tree, Container(schema, {}), self)]
        return [
            Item(
                tree,
                Leaf(schema, value),
                self,
                (str(index), value) if schema.kind == "leaf-list" else (),
            )
            for index, value in enumerate(schema.defaults)
        ]

    def entry(self, qname: str, key: Key) -> list[Item]:
        """The list entry with a key."""
        container = self.node
        node = container.children.get(qname) if isinstance(container, Container) else None
        if isinstance(node, ListNode):
            entry = node.entries.get(key)
            if entry is not None:
                return [Item(self.tree, entry, self, key)]
        return []

    def having(self, qname: str, child: str, value: str) -> list[Item]:
        """The list entries of which a leaf, or a value of a leaf-list, is equal to a text."""
        container, tree = self.node, self.tree
        node = container.children.get(qname) if isinstance(container, Container) else None
        if not isinstance(node, ListNode):
            return []
        tree.spend(len(node.entries) // GLANCES)
        return [Item(tree, entry, self, key) for key, entry in having(node.entries, child, value)]

    def order(self) -> tuple[tuple[int, int], ...]:
        """A value that sorts items in document order."""
        if self.parent is None:
            return ()
        above = self.parent.order()
        if self.text:
            return (*above, (0, 0))
        names = list(self.parent.schema.children)
        position = names.index(self.schema.qname)
        if not self.key:
            return (*above, (position, 0))
        if self.schema.kind == "leaf-list":
            return (*above, (position, int(self.key[0])))
        return (*above, (position, self.tree.entry_position(self)))

    def path(self) -> str:
        """The instance path, as error-path wants it."""
        above = self.parent.path() if self.parent is not None else ""
        if self.schema.kind in ("input", "output"):
            # In XML the parameters stand in the element of the operation itself.
            return above
        if self.schema.kind == "list" and self.parent is not None:
            return above + entry_step(self.schema, self.key)
        if self.schema.kind == "leaf-list" and self.key:
            return above + value_step(self.schema, self.key[1])
        return above + self.schema.step


class Tree:
    """A root with what its evaluations share.

    in_use: None leaves defaults and absent containers out (for filters).
    work: how many nodes may be visited, over all evaluations.
    """

    __slots__ = ("_positions", "_root", "in_use", "limited", "work")

    def __init__(self, root: Container, in_use: InUse | None, work: int = EVERYTHING) -> None:
        self.in_use = in_use
        self.work = work
        self.limited = work < EVERYTHING
        self._root = root
        self._positions: dict[int, dict[Key, int]] = {}

    @property
    def root(self) -> Item:
        """The root; made anew, since in a cycle with it the whole tree would become garbage."""
        return Item(self, self._root, None)

    def spend(self, work: int) -> None:
        """Account for some nodes; TooMuchWork when there have been too many."""
        self.work -= work
        if self.work < 0:
            raise TooMuchWork

    def entry_position(self, item: Item) -> int:
        """The position of an entry in its list."""
        assert item.parent is not None
        parent = item.parent.node
        assert isinstance(parent, Container)
        node = parent.children[item.schema.qname]
        assert isinstance(node, ListNode)
        positions = self._positions.get(id(node))
        if positions is None:
            positions = {key: index for index, key in enumerate(node.entries)}
            self._positions[id(node)] = positions
        return positions[item.key]


def default_case(container: Container, schema: SchemaNode) -> bool:
    """Whether an absent node may stand in for its default: no other case is in the data,
    and its own is the chosen or the default one (RFC 7950, section 7.6.1)."""
    case = schema.case
    while case is not None:
        choice = case.choice
        chosen = next(
            (other for other in choice.cases.values() if has_data(container, other)), None
        )
        if chosen is None:
            if choice.default != case.name:
                return False
        elif chosen is not case:
            return False
        case = choice.case
    return True


def has_data(container: Container, case: Case) -> bool:
    """Whether data of a case is there."""
    return any(node.qname in container.children for node in case.nodes) or any(
        has_data(container, inner) for choice in case.choices for inner in choice.cases.values()
    )
