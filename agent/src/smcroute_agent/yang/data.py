"""Data trees: instances of the schema.

Trees are immutable by convention and share structure: whoever changes one makes new nodes
along the path of the change and keeps the rest.  Values are canonical strings (types).
The content of an anydata or anyxml node is held as the text of its XML.
"""

from __future__ import annotations

import weakref
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping

from .overlay import Overlay, copied, settled
from .schema import Schema, SchemaNode

Key = tuple[str, ...]
"""The values of a list entry's keys in their order; for a list without keys (config
false) the position, from 1, as one string."""

MAX_HISTORY = 4
"""Trees before that a list remembers its difference from."""


class Leaf:
    """A leaf (or anydata, anyxml) and its value."""

    __slots__ = ("schema", "value")

    def __init__(self, schema: SchemaNode, value: str) -> None:
        self.schema = schema
        self.value = value

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Leaf) and self.value == other.value and self.schema is other.schema
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<leaf {self.schema.name}={self.value!r}>"


class LeafList:
    """The values of a leaf-list, in order.

    A dict in configuration, where values are unique; a tuple in state data with duplicates.
    """

    __slots__ = ("schema", "values")

    def __init__(self, schema: SchemaNode, values: Iterable[str]) -> None:
        self.schema = schema
        self.values: Collection[str] = _values(schema, values)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, LeafList) or self.schema is not other.schema:
            return False
        if self.schema.ordered_by_user or not isinstance(self.values, dict):
            return list(self.values) == list(other.values)
        return self.values == other.values

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<leaf-list {self.schema.name}={list(self.values)!r}>"


def _values(schema: SchemaNode, values: Iterable[str]) -> Collection[str]:
    if isinstance(values, dict):
        return values
    listed = tuple(values)
    unique = dict.fromkeys(listed)
    return unique if not schema.repeats or len(unique) == len(listed) else listed


class Container:
    """A container, a list entry, the root, or the input or output of an RPC.

    children: by qname, in no particular order.  An instance never has an empty non-presence
    container, list or leaf-list among them.
    """

    __slots__ = ("children", "schema", "xml")

    def __init__(self, schema: SchemaNode, children: dict[str, Node]) -> None:
        self.schema = schema
        self.children = children
        self.xml: str | None = None
        """What serialize.py rendered (list entries only)."""

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Container)
            and self.schema is other.schema
            and self.children == other.children
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{self.schema.kind} {self.schema.name or '/'} {list(self.children.values())!r}>"

    def get(self, name: str) -> Node | None:
        """A child by its local name."""
        try:
            return self.children.get(self.schema.child(name).qname)
        except KeyError:
            return None

    def value(self, name: str) -> str | None:
        """The value of a child leaf by its local name, None when it is not there."""
        node = self.get(name)
        return node.value if isinstance(node, Leaf) else None


class ListNode:
    """A list: its entries by key, in order (the client's for ordered-by user)."""

    __slots__ = ("__weakref__", "_history", "entries", "schema")

    def __init__(self, schema: SchemaNode, entries: MutableMapping[Key, Container]) -> None:
        self.schema = schema
        self.entries = entries
        self._history: tuple[tuple[weakref.ref[ListNode], dict[Key, None]], ...] = ()

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, ListNode) or self.schema is not other.schema:
            return False
        if self.schema.ordered_by_user and list(self.entries) != list(other.entries):
            return False
        return self.entries == other.entries

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<list {self.schema.name} {list(self.entries.values())!r}>"

    def changed(self, entries: MutableMapping[Key, Container], touched: Iterable[Key]) -> ListNode:
        """A successor that differs from this list at most in the entries `touched`.

        entries: made of what `to_change` gave.  The successor remembers this list weakly, so
        that `differing` follows the change.
        """
        new = ListNode(self.schema, settled(entries))
        keys = dict.fromkeys(touched)
        kept = [(weakref.ref(self), keys)]
        for reference, before in self._history[: MAX_HISTORY - 1]:
            if reference() is not None:
                kept.append((reference, before | keys))
        new._history = tuple(kept)
        return new

    def to_change(self) -> MutableMapping[Key, Container]:
        """The entries, to be changed for a successor; the cost follows the change."""
        return copied(self.entries)

    def differing(self, before: ListNode) -> Iterable[Key]:
        """The keys of the entries that are not the same object in `before`, in a fixed order."""
        for later, earlier in ((self, before), (before, self)):
            for reference, touched in later._history:
                if reference() is earlier:
                    return [
                        key
                        for key in touched
                        if self.entries.get(key) is not before.entries.get(key)
                    ]
        ours, theirs = self.entries, before.entries
        if isinstance(ours, Overlay) and isinstance(theirs, Overlay):
            candidates = ours.may_differ(theirs)
            if candidates is not None:
                return [key for key in candidates if ours.get(key) is not theirs.get(key)]
        keys = [key for key, entry in ours.items() if theirs.get(key) is not entry]
        keys += [key for key in theirs if key not in ours]
        return keys


Node = Leaf | LeafList | Container | ListNode


def empty(schema: Schema) -> Container:
    """A root without data."""
    return Container(schema.root, {})


def quote(value: str) -> str:
    """A value as an XPath literal."""
    if "'" not in value:
        return f"'{value}'"
    if '"' not in value:
        return f'"{value}"'
    parts = value.split("'")
    return "concat('" + "', \"'\", '".join(parts) + "')"


def entry_step(schema: SchemaNode, key: Key) -> str:
    """The step of an instance path for a list entry: "/smc:phyint[smc:name='eth0']"."""
    if not schema.keys:
        return f"{schema.step}[{key[0]}]"
    return schema.step + "".join(
        f"[{schema.children[name].step[1:]}={quote(value)}]"
        for name, value in zip(schema.keys, key, strict=False)
    )


def value_step(schema: SchemaNode, value: str) -> str:
    """The step of an instance path for a leaf-list's value."""
    return f"{schema.step}[.={quote(value)}]"


def key_of(entry: Container) -> Key:
    """The key of an entry of a list with keys; KeyError when one is missing."""
    children = entry.children
    return tuple([_leaf_value(children[name]) for name in entry.schema.keys])


def _leaf_value(node: Node) -> str:
    assert isinstance(node, Leaf)
    return node.value


def lookup(node: Node | None, *path: str | Key) -> Node | None:
    """The node below `node` along local names and entry keys, None when there is none.

    lookup(root, "smcroute", "mroute", ("eth0", "*", "225.1.2.3"), "source")
    """
    for step in path:
        if isinstance(step, tuple):
            node = node.entries.get(step) if isinstance(node, ListNode) else None
        else:
            node = node.get(step) if isinstance(node, Container) else None
        if node is None:
            return None
    return node


def leaf_values(entry: Container) -> dict[str, str]:
    """The leaves of a container or entry: local name to value."""
    return {
        node.schema.name: node.value for node in entry.children.values() if isinstance(node, Leaf)
    }


def having(
    entries: Mapping[Key, Container], child: str, value: str
) -> Iterator[tuple[Key, Container]]:
    """The entries in which a leaf, or one of a leaf-list, has a value; child: its qname."""
    for key, entry in entries.items():
        node = entry.children.get(child)
        if isinstance(node, Leaf):
            if node.value == value:
                yield key, entry
        elif isinstance(node, LeafList) and value in node.values:
            yield key, entry


def entries(node: Node | None) -> Iterator[Container]:
    """The entries of a list, none when there is no list."""
    if isinstance(node, ListNode):
        yield from node.entries.values()


def is_empty(node: Node) -> bool:
    """Whether a node says nothing, so that it need not be in the tree."""
    if isinstance(node, Container):
        return not node.children and node.schema.kind == "container" and not node.schema.presence
    if isinstance(node, ListNode):
        return not node.entries
    return isinstance(node, LeafList) and not node.values


def replaced(parent: Container, changes: Mapping[str, Node | None]) -> Container:
    """A copy of `parent` with some children replaced, or removed (None or empty)."""
    children = dict(parent.children)
    for name, node in changes.items():
        if node is None or is_empty(node):
            children.pop(name, None)
        else:
            children[name] = node
    return Container(parent.schema, children)
