"""XML to a data tree: whole content, nothing left out, each mistake with RFC 7950's error."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from . import problems
from .content import (
    Element,
    read_leaf,
    read_value,
    refuse_attributes,
    refuse_own_attributes,
    refuse_text,
)
from .data import Container, Key, Leaf, LeafList, ListNode, Node, entry_step, is_empty, value_step
from .schema import Case, Schema, SchemaNode
from .types import WHITESPACE
from .validate import validate_message


def parse(
    schema: Schema | SchemaNode, content: Element | Iterable[Element], *, state: bool = False
) -> Container:
    """The data below an element such as <config>, or of some elements.

    schema: the schema for top-level nodes, or the node whose children the elements are.
    state: whether config false nodes may be among them.  Raises DataError.
    """
    node = schema.root if isinstance(schema, Schema) else schema
    reader = Reader(schema if isinstance(schema, Schema) else None, state)
    elements = list(content)
    for element in elements:
        refuse_attributes(node, element)
    if isinstance(content, etree._Element):
        refuse_text(node, content.text)
    return Container(node, reader.children(node, elements))


def parse_rpc(schema: Schema, element: Element) -> Container:
    """The input of an RPC from its element, complete and valid: Container of its "input"."""
    rpc = schema.rpcs.get(element.tag)
    if rpc is None:
        raise problems.unknown_rpc(schema, element)
    try:
        return parse_message(schema, input_of(rpc), element)
    except problems.DataError as error:
        error.error_type = "protocol" if error.tag == "unknown-element" else error.error_type
        raise


def parse_message(schema: Schema, node: SchemaNode, element: Element) -> Container:
    """The content of an input, output or notification from the element around it, complete and
    valid; raises DataError."""
    refuse_own_attributes(element)
    for child in element:
        refuse_attributes(node, child)
    refuse_text(node, element.text)
    given = Container(node, Reader(schema, True).children(node, list(element)))
    validate_message(schema, given)
    return given


def input_of(rpc: SchemaNode) -> SchemaNode:
    """The node that holds the parameters of an RPC or action."""
    return rpc.children[f"{{{rpc.namespace}}}input"]


class Reader:
    """One reading of content without attributes; edit.py uses it for what is new."""

    def __init__(self, schema: Schema | None, state: bool) -> None:
        self.namespaces = schema.namespaces if schema is not None else {}
        self.state = state

    def children(self, parent: SchemaNode, elements: Iterable[Element]) -> dict[str, Node]:
        """The nodes of sibling elements."""
        known = parent.children
        found: dict[str, Node] = {}
        hollow: tuple[str, ...] = ()
        cases: tuple[Case, ...] = ()
        for element in elements:
            tag = element.tag
            node = known.get(tag)
            tail = element.tail
            if tail is not None and tail.strip(WHITESPACE):
                raise problems.stray_text(parent, tail)
            if node is None:
                self.unknown(parent, element)
                continue
            if not node.config and not self.state:
                raise problems.state_data(node)
            kind = node.kind
            if node.case is not None and node.case not in cases:
                for case in cases:
                    problems.refuse_two_cases(case, node.case, node)
                cases += (node.case,)
            if kind == "leaf":
                if tag in found:
                    raise problems.duplicate(node, node.step)
                leaf = node.interned.get(element.text)
                if leaf is None or len(element):
                    leaf = read_leaf(self.namespaces, node, element)
                found[tag] = leaf
            elif kind == "list":
                self.entry(found, node, element)
            elif kind == "leaf-list":
                self.value(found, node, element)
            else:
                if tag in found or tag in hollow:
                    raise problems.duplicate(node, node.step)
                child = self.single(node, element)
                if is_empty(child):
                    hollow += (tag,)
                else:
                    found[tag] = child
        return found

    def unknown(self, parent: SchemaNode, element: Element) -> None:
        if isinstance(element.tag, str):
            raise problems.unknown_element(parent, element, self.namespaces)
        if element.tag is etree.Entity:
            raise problems.entity(parent, element)

    def single(self, node: SchemaNode, element: Element) -> Node:
        if node.kind != "container":
            return read_leaf(self.namespaces, node, element)
        try:
            refuse_text(node, element.text)
            return Container(node, self.children(node, element))
        except problems.DataError as error:
            raise problems.within(error, node.step) from None

    def entry(self, found: dict[str, Node], node: SchemaNode, element: Element) -> None:
        present = found.get(node.qname)
        if present is None:
            present = found[node.qname] = ListNode(node, {})
        assert isinstance(present, ListNode)
        key, entry = self.read_entry(node, element)
        if not node.keys:
            key = (str(len(present.entries) + 1),)
        if key in present.entries:
            raise problems.duplicate(node, entry_step(node, key))
        present.entries[key] = entry

    def read_entry(self, node: SchemaNode, element: Element) -> tuple[Key, Container]:
        """A list entry and its key (empty for a list without keys)."""
        children: dict[str, Node] = {}
        try:
            text = element.text
            if text is not None and text.strip(WHITESPACE):
                raise problems.stray_text(node, text)
            children = self.children(node, element)
            key = tuple([_text(children[name]) for name in node.keys])
        except problems.DataError as error:
            raise problems.within(error, partial_step(self.namespaces, node, element)) from None
        except KeyError:
            step = partial_step(self.namespaces, node, element)
            raise problems.within(problems.missing_key(node, children), step) from None
        return key, Container(node, children)

    def read_key(self, node: SchemaNode, element: Element) -> Key:
        """The key of an entry; DataError with the step of the entry in its path."""
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

    def value(self, found: dict[str, Node], node: SchemaNode, element: Element) -> None:
        value = self.leaf_list_value(node, element)
        present = found.get(node.qname)
        if present is None:
            found[node.qname] = LeafList(node, {value: None})
            return
        assert isinstance(present, LeafList)
        values = present.values
        if isinstance(values, dict) and value not in values:
            values[value] = None
        elif not node.repeats:
            raise problems.duplicate(node, value_step(node, value))
        else:
            present.values = (*values, value)

    def leaf_list_value(self, node: SchemaNode, element: Element) -> str:
        leaf: Leaf | None = node.interned.get(element.text)
        if leaf is None or len(element):
            leaf = read_leaf(self.namespaces, node, element)
        return leaf.value


def _text(node: Any) -> str:
    return node.value  # type: ignore[no-any-return]


def partial_step(namespaces: Any, node: SchemaNode, element: Element) -> str:
    """The step of an entry that cannot be read, with the keys that can."""
    values = []
    for name in node.keys:
        child = element.find(name)
        if child is None:
            break
        try:
            values.append(read_value(namespaces, node.children[name], child))
        except problems.DataError:
            break
    return entry_step(node, tuple(values)) if node.keys else node.step
