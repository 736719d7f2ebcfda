"""edit-config: operations on a tree (RFC 6241, section 7.2; RFC 7950, sections 7.5 to 7.9)."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from . import problems
from .content import Element, attributed, read_leaf, refuse_text
from .data import (
    Container,
    Key,
    Node,
    entry_step,
    is_empty,
    value_step,
)
from .insert import OPERATION, Directive, directive_of, place
from .level import Level
from .parse import Reader, partial_step
from .schema import Schema, SchemaNode
from .sharing import shared
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
            config, OPERATION, "the configuration as a whole cannot be deleted"
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
        level = Level(before)
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
