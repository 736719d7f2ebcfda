"""edit-config: operations on a tree (RFC 6241, section 7.2; RFC 7950, sections 7.5 to 7.9)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from . import problems
from .data import (
    Container,
    Key,
    Leaf,
    LeafList,
    ListNode,
    Node,
    entry_step,
    is_empty,
    value_step,
)
from .insert import Directive, directive_of, place
from .parse import Element, Reader, attributed, partial_step, read_leaf, refuse_text
from .schema import Case, Schema, SchemaNode
from .types import WHITESPACE
from .whens import settle

DEFAULT_OPERATIONS = ("merge", "replace", "none")

REMOVING = frozenset(("delete", "remove"))

_PLAIN = Directive()


def edit(
    schema: Schema,
    tree: Container,
    config: Element | Iterable[Element],
    default_operation: str = "merge",
) -> Container:
    """The tree after an edit; the given one stays as it is, and what is equal is shared.

    config: the <config> element, or the elements in it.  The same tree comes back when
    nothing changes.  Raises DataError.
    """
    if default_operation not in DEFAULT_OPERATIONS:
        raise ValueError(f"no default operation {default_operation!r}")
    editor = _Editor(schema)
    elements = list(config)
    operation = default_operation
    for element in elements:
        editor.mark(element)
    if isinstance(config, etree._Element):
        refuse_text(schema.root, config.text)
        if len(config.attrib):
            operation = directive_of(config, schema.root).operation or operation
    if operation in REMOVING:
        raise problems.bad_attribute(
            config, "operation", "the configuration as a whole cannot be deleted"
        )
    if operation == "replace":
        new = Container(schema.root, editor.children(schema.root, {}, elements, operation))
        return settle(schema, tree, shared(tree, new))
    children = editor.children(schema.root, tree.children, elements, operation)
    if children is tree.children:
        return tree
    return settle(schema, tree, Container(schema.root, children))


class _Editor:
    """One edit.  `operation` is the one in force: the nearest above, or the default."""

    def __init__(self, schema: Schema) -> None:
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
        level = _Level(before)
        for element in elements:
            tail = element.tail
            if tail is not None and tail.strip(WHITESPACE):
                raise problems.stray_text(parent, tail)
            node = parent.children.get(element.tag)
            if node is None:
                self.reader.unknown(parent, element)
                continue
            if not node.config:
                raise problems.state_data(node)
            directive = directive_of(element, node) if element in self.marked else _PLAIN
            effective = directive.operation or operation
            if node.case is not None and effective not in REMOVING and effective != "none":
                level.choose(node.case, node)
            if node.is_key and parent.kind == "list":
                self.key(node, level, element, directive)
            elif node.kind == "list":
                self.entry(node, level, element, effective, directive)
            elif node.kind == "leaf-list":
                self.value(node, level, element, effective, directive)
            else:
                self.single(node, level, element, effective)
        return level.result()

    def key(self, node: SchemaNode, level: _Level, element: Element, directive: Directive) -> None:
        """A key leaf of an entry that exists: it has been read, only its operation matters."""
        level.once(node, node.step)
        if directive.operation in REMOVING:
            raise problems.within(
                problems.bad_attribute(
                    element, "operation", "a key cannot be deleted; delete the entry"
                ),
                node.step,
            )
        if directive.operation == "create" and node.qname in level.before:
            raise problems.data_exists(node, node.step)
        if node.qname not in level.before:
            level.after[node.qname] = read_leaf(self.namespaces, node, element)

    def single(self, node: SchemaNode, level: _Level, element: Element, operation: str) -> None:
        """A container, leaf, anydata or anyxml."""
        level.once(node, node.step)
        present = level.before.get(node.qname)
        if operation in REMOVING:
            if present is None and operation == "delete":
                raise problems.data_missing(node, node.step, operation)
            self.structure(node, element)
            level.after.pop(node.qname, None)
            return
        if operation == "create" and present is not None:
            raise problems.data_exists(node, node.step)
        if operation == "none" and present is None and (node.kind != "container" or node.presence):
            raise problems.data_missing(node, node.step, operation)
        if node.kind != "container":
            if operation != "none":
                leaf = read_leaf(self.namespaces, node, element)
                level.after[node.qname] = present if present == leaf and present else leaf
            return
        try:
            refuse_text(node, element.text)
            new = self.container(node, present, element, operation)
        except problems.DataError as error:
            raise problems.within(error, node.step) from None
        if is_empty(new):
            level.after.pop(node.qname, None)
        else:
            level.after[node.qname] = new

    def container(
        self, node: SchemaNode, present: Node | None, element: Element, operation: str
    ) -> Container:
        """A container or entry after the edit."""
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
        level: _Level,
        element: Element,
        operation: str,
        directive: Directive,
    ) -> None:
        if (
            node.qname not in level.before
            and element not in self.marked
            and operation not in REMOVING
            and operation != "none"
        ):
            key, new = self.reader.read_entry(node, element)
            level.add(node, key, new)
            return
        key = self.read_key(node, element)
        step = entry_step(node, key) if directive.insert else ""
        entries = level.entries(node)
        level.touch(node, key)
        present = level.entry_before(node, key)
        if operation in REMOVING:
            if present is None and operation == "delete":
                raise problems.data_missing(node, entry_step(node, key), operation)
            self.structure(node, element)
            entries.pop(key, None)
            return
        if present is not None and operation == "create":
            raise problems.data_exists(node, entry_step(node, key))
        if present is None and operation == "none":
            raise problems.data_missing(node, entry_step(node, key), operation)
        try:
            refuse_text(node, element.text)
            if present is None and element not in self.marked:
                new = Container(node, self.reader.children(node, element))
            else:
                new = self.container(node, present, element, operation)
        except problems.DataError as error:
            raise problems.within(error, entry_step(node, key)) from None
        entries[key] = new
        if directive.insert and operation != "none":
            level.lists[node.qname] = place(
                self.namespaces, element, node, entries, key, directive, step
            )

    def read_key(self, node: SchemaNode, element: Element) -> Key:
        values: list[str] = []
        for name in node.keys:
            child = element.find(name)
            if child is None:
                step = partial_step(self.namespaces, node, element)
                present = {item.tag for item in element}
                raise problems.within(problems.missing_key(node, present), step)
            leaf_schema = node.children[name]
            try:
                leaf = leaf_schema.interned.get(child.text)
                if leaf is None or len(child):
                    leaf = read_leaf(self.namespaces, leaf_schema, child)
            except problems.DataError as error:
                step = partial_step(self.namespaces, node, element)
                raise problems.within(error, step) from None
            values.append(leaf.value)
        return tuple(values)

    def value(
        self,
        node: SchemaNode,
        level: _Level,
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
            values.pop(value, None)
            return
        if present and operation == "create":
            raise problems.data_exists(node, step)
        if operation == "none":
            if not present:
                raise problems.data_missing(node, step, operation)
            return
        values[value] = None
        if directive.insert:
            level.leaf_lists[node.qname] = place(
                self.namespaces, element, node, values, value, directive, step
            )

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


class _Level:
    """The children of one node while they are edited; copies are made when needed."""

    def __init__(self, before: dict[str, Node]) -> None:
        self.before = before
        self.after = dict(before)
        self.lists: dict[str, dict[Key, Container]] = {}
        self.leaf_lists: dict[str, dict[str, None]] = {}
        self.schemas: dict[str, SchemaNode] = {}
        self.touched: dict[str, set[Key]] = {}
        self.seen: set[Any] = set()
        self.case: dict[Any, Case] = {}

    def once(self, node: SchemaNode, step: str) -> None:
        """Refuse the second occurrence of a node in one payload."""
        if step in self.seen:
            raise problems.duplicate(node, step)
        self.seen.add(step)

    def choose(self, case: Case, node: SchemaNode) -> None:
        """The data of a case replaces that of the other cases (RFC 7950, section 7.9)."""
        inner: Case | None = case
        while inner is not None:
            choice = inner.choice
            chosen = self.case.get(choice)
            if chosen is None:
                self.case[choice] = inner
                for other in choice.cases.values():
                    if other is not inner:
                        self.drop(other)
            elif chosen is not inner:
                problems.refuse_two_cases(chosen, inner, node)
            inner = choice.case

    def drop(self, case: Case) -> None:
        for node in case.nodes:
            self.after.pop(node.qname, None)
            self.lists.pop(node.qname, None)
            self.leaf_lists.pop(node.qname, None)
        for choice in case.choices:
            for inner in choice.cases.values():
                self.drop(inner)

    def entries(self, node: SchemaNode) -> dict[Key, Container]:
        """The entries of a list, to be changed."""
        found = self.lists.get(node.qname)
        if found is None:
            present = self.after.get(node.qname)
            found = dict(present.entries) if isinstance(present, ListNode) else {}
            self.lists[node.qname] = found
            self.touched.setdefault(node.qname, set())
            self.schemas[node.qname] = node
        return found

    def touch(self, node: SchemaNode, key: Key) -> None:
        """Remember that an entry is edited; refuse the second time in one payload."""
        touched = self.touched[node.qname]
        if key in touched:
            raise problems.duplicate(node, entry_step(node, key))
        touched.add(key)

    def add(self, node: SchemaNode, key: Key, entry: Container) -> None:
        """Put in an entry of a list that there was not before."""
        entries = self.entries(node)
        self.touch(node, key)
        entries[key] = entry

    def entry_before(self, node: SchemaNode, key: Key) -> Container | None:
        present = self.before.get(node.qname)
        return present.entries.get(key) if isinstance(present, ListNode) else None

    def values(self, node: SchemaNode) -> dict[str, None]:
        """The values of a leaf-list, to be changed."""
        found = self.leaf_lists.get(node.qname)
        if found is None:
            present = self.after.get(node.qname)
            found = dict.fromkeys(present.values) if isinstance(present, LeafList) else {}
            self.leaf_lists[node.qname] = found
            self.schemas[node.qname] = node
        return found

    def value_before(self, node: SchemaNode, value: str) -> bool:
        present = self.before.get(node.qname)
        return isinstance(present, LeafList) and value in present.values

    def result(self) -> dict[str, Node]:
        """The children; `before` itself when all of them are the same objects."""
        for name, entries in self.lists.items():
            self.put(name, self._list(name, entries))
        for name, values in self.leaf_lists.items():
            present = self.before.get(name)
            new = LeafList(self.schemas[name], values)
            same = isinstance(present, LeafList) and list(present.values) == list(values)
            self.put(name, present if same and present else new)
        after, before = self.after, self.before
        if len(after) == len(before) and all(
            before.get(name) is node for name, node in after.items()
        ):
            return before
        return after

    def _list(self, name: str, entries: dict[Key, Container]) -> ListNode:
        present = self.before.get(name)
        if not isinstance(present, ListNode):
            return ListNode(self.schemas[name], entries)
        touched = self.touched[name]
        old = present.entries
        if all(entries.get(key) is old.get(key) for key in touched) and (
            not present.schema.ordered_by_user or list(old) == list(entries)
        ):
            return present
        return present.changed(entries, touched)

    def put(self, name: str, node: Node) -> None:
        if is_empty(node):
            self.after.pop(name, None)
        else:
            self.after[name] = node


def shared(before: Container, after: Container) -> Container:
    """`after` with the equal parts of `before` in it; `before` itself when all is equal.

    So what did not change keeps its rendered XML, and a difference is found quickly.
    """
    if before is after:
        return before
    old, new = before.children, after.children
    children: dict[str, Node] = {}
    same = len(old) == len(new)
    for name, node in new.items():
        present = old.get(name)
        chosen = _shared_node(present, node) if present is not None else node
        same = same and chosen is present
        children[name] = chosen
    return before if same else Container(after.schema, children)


def _shared_node(present: Node, node: Node) -> Node:
    if present is node:
        return node
    if isinstance(node, Container) and isinstance(present, Container):
        return shared(present, node)
    if isinstance(node, ListNode) and isinstance(present, ListNode):
        entries = {
            key: shared(present.entries[key], entry) if key in present.entries else entry
            for key, entry in node.entries.items()
        }
        same = len(entries) == len(present.entries) and all(
            present.entries.get(key) is entry for key, entry in entries.items()
        )
        if same and (not node.schema.ordered_by_user or list(entries) == list(present.entries)):
            return present
        return ListNode(node.schema, entries)
    if isinstance(node, Leaf | LeafList) and node == present:
        return present
    return node
