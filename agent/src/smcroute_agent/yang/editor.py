"""The operations of edit-config on the nodes of a tree (RFC 7950, sections 7.5 to 7.9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import Error
from . import problems
from .content import Element, attributed, read_leaf, refuse_text
from .data import (
    Container,
    Key,
    LeafList,
    Node,
    entry_step,
    is_empty,
    value_step,
)
from .insert import OPERATION, Directive, directive_of, place
from .level import Level
from .parse import Reader
from .schema import Schema, SchemaNode
from .sharing import shared
from .types import WHITESPACE
from .whens import settle

REMOVING = frozenset(("delete", "remove"))

_PLAIN = Directive()


class Editor:
    """One edit, given up at the first mistake.

    `operation` is the one in force: the nearest above, or the default.
    """

    careful = False
    """Whether each change is asked about, by `allow`, before it is made."""

    failed: Sequence[Error] = ()
    """The mistakes in spite of which the edit goes on."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.root = schema.root
        self.namespaces = schema.namespaces
        self.reader = Reader(schema, False)
        self.marked: set[Element] = set()
        """The elements with attributes in or below them."""

    def mark(self, top: Element) -> None:
        for element in attributed(self.root, top):
            above = element
            while above not in self.marked:
                self.marked.add(above)
                if above is top:
                    break
                above = above.getparent()

    def children(
        self,
        parent: SchemaNode,
        before: dict[str, Node],
        elements: Iterable[Element],
        operation: str,
    ) -> dict[str, Node]:
        """The children of a node after the edit; `before` itself when nothing changes."""
        level = Level(before)
        for element in elements:
            tail = element.tail
            if tail is not None and tail.strip(WHITESPACE):
                raise problems.stray_text(parent, tail)
            self.child(parent, level, element, operation)
        return level.result()

    def child(self, parent: SchemaNode, level: Level, element: Element, operation: str) -> None:
        """One child; nothing of it is in the level when DataError is raised."""
        node = parent.children.get(element.tag)
        if node is None:
            self.reader.unknown(parent, element)
            return
        if not node.config:
            raise problems.state_data(node)
        directive = directive_of(element, node) if element in self.marked else _PLAIN
        effective = directive.operation or operation
        chosen = node.case if effective not in REMOVING and effective != "none" else None
        if chosen is not None:
            level.check_case(chosen, node)
            if self.careful:
                for other in level.excluded(chosen):
                    self.allow(other, level.before.get(other.qname), None)
        if node.is_key and parent.kind == "list":
            self.key(node, level, element, directive)
        elif node.kind == "list":
            self.entry(node, level, element, effective, directive)
        elif node.kind == "leaf-list":
            self.value(node, level, element, effective, directive)
        else:
            self.single(node, level, element, effective)
        if chosen is not None and (not self.failed or level.holds(node)):
            level.choose(chosen)

    def allow(
        self, node: SchemaNode, before: Node | None, after: Node | None, key: Key = ()
    ) -> None:
        """Raises Error when a node, or the entry of a list with a key, must not become so."""

    def allow_order(self, node: SchemaNode, level: Level, order: Iterable[Any]) -> None:
        """Raises Error when what there was before must not come in this order."""
        if self.careful:
            self.allow(node, level.before.get(node.qname), level.reordered(node, order))

    def settle(self, before: Container, after: Container) -> Container:
        """The end of the edit: what must not be there any more goes."""
        return settle(self.schema, before, after)

    def key(self, node: SchemaNode, level: Level, element: Element, directive: Directive) -> None:
        """A key leaf of an entry that exists: it has been read, only its operation matters."""
        level.once(node, node.step)
        if directive.operation in REMOVING:
            raise problems.within(
                problems.bad_attribute(
                    element, OPERATION, "a key cannot be deleted; delete the entry"
                ),
                node.step,
            )
        if directive.operation == "create" and node.qname in level.before:
            raise problems.data_exists(node, node.step)
        if node.qname not in level.before:
            level.after[node.qname] = read_leaf(self.namespaces, node, element)

    def single(self, node: SchemaNode, level: Level, element: Element, operation: str) -> None:
        """A container, leaf, anydata or anyxml."""
        level.once(node, node.step)
        present = level.before.get(node.qname)
        if operation in REMOVING:
            if present is None and operation == "delete":
                raise problems.data_missing(node, node.step, operation)
            self.structure(node, element)
            if self.careful:
                self.allow(node, present, None)
            level.after.pop(node.qname, None)
            return
        if operation == "create" and present is not None:
            raise problems.data_exists(node, node.step)
        if operation == "none" and present is None and (node.kind != "container" or node.presence):
            raise problems.data_missing(node, node.step, operation)
        if node.kind != "container":
            if operation != "none":
                leaf = read_leaf(self.namespaces, node, element)
                if self.careful:
                    self.allow(node, present, leaf)
                level.after[node.qname] = present if present == leaf and present else leaf
            return
        try:
            refuse_text(node, element.text)
            new = self.container(node, present, element, operation)
        except problems.DataError as error:
            raise problems.within(error, node.step) from None
        if self.careful:
            self.allow(node, present, new)
        if is_empty(new):
            level.after.pop(node.qname, None)
        else:
            level.after[node.qname] = new

    def container(
        self,
        node: SchemaNode,
        present: Node | None,
        element: Element,
        operation: str,
        key: Key = (),
    ) -> Container:
        """A container, or the entry with a key, after the edit."""
        old = present.children if isinstance(present, Container) else {}
        start = {} if operation == "replace" else old
        children = self.children(node, start, element, operation)
        if isinstance(present, Container):
            if children is present.children:
                return present
            new = Container(node, children)
            return shared(present, new) if operation == "replace" else new
        return Container(node, children)

    def entry(
        self,
        node: SchemaNode,
        level: Level,
        element: Element,
        operation: str,
        directive: Directive,
    ) -> None:
        if (
            node.qname not in level.before
            and element not in self.marked
            and operation not in REMOVING
            and operation != "none"
            and not self.careful
        ):
            key, new = self.reader.read_entry(node, element)
            level.add(node, key, new)
            return
        key = self.reader.read_key(node, element)
        step = entry_step(node, key) if directive.insert else ""
        entries = level.entries(node)
        level.touch(node, key)
        present = level.entry_before(node, key)
        if operation in REMOVING:
            if present is None and operation == "delete":
                raise problems.data_missing(node, entry_step(node, key), operation)
            self.structure(node, element)
            if self.careful:
                self.allow(node, present, None, key)
            entries.pop(key, None)
            return
        if present is not None and operation == "create":
            raise problems.data_exists(node, entry_step(node, key))
        if present is None and operation == "none":
            raise problems.data_missing(node, entry_step(node, key), operation)
        try:
            refuse_text(node, element.text)
            if present is None and element not in self.marked and not self.careful:
                new = Container(node, self.reader.children(node, element))
            else:
                new = self.container(node, present, element, operation, key)
        except problems.DataError as error:
            raise problems.within(error, entry_step(node, key)) from None
        if self.careful:
            self.allow(node, present, new, key)
        if directive.insert and operation != "none":
            placed = place(self.namespaces, element, node, entries, key, new, directive, step)
            self.allow_order(node, level, placed)
            level.lists[node.qname] = placed
        else:
            entries[key] = new

    def value(
        self,
        node: SchemaNode,
        level: Level,
        element: Element,
        operation: str,
        directive: Directive,
    ) -> None:
        """One value of a leaf-list."""
        value = read_leaf(self.namespaces, node, element).value
        step = value_step(node, value)
        level.once(node, step)
        values = level.values(node)
        present = level.value_before(node, value)
        if operation in REMOVING:
            if not present and operation == "delete":
                raise problems.data_missing(node, step, operation)
            if self.careful and present:
                self.allow(node, LeafList(node, (value,)), None)
            values.pop(value, None)
            return
        if present and operation == "create":
            raise problems.data_exists(node, step)
        if operation == "none":
            if not present:
                raise problems.data_missing(node, step, operation)
            return
        if self.careful and not present:
            self.allow(node, None, LeafList(node, (value,)))
        if directive.insert:
            placed = place(self.namespaces, element, node, values, value, None, directive, step)
            self.allow_order(node, level, placed)
            level.leaf_lists[node.qname] = placed
        else:
            values[value] = None

    def structure(self, parent: SchemaNode, element: Element) -> None:
        """What stands below a deleted node must be known, though it does not matter."""
        if parent.type is not None or parent.kind in ("anydata", "anyxml"):
            return
        for child in element:
            node = parent.children.get(child.tag)
            if node is None:
                self.reader.unknown(parent, child)
                continue
            if child in self.marked:
                directive_of(child, node)
            self.structure(node, child)
