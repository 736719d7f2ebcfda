"""What an element holds besides its children: attributes, text, the value of a leaf."""

from __future__ import annotations

from typing import Any

from lxml import etree

from . import problems
from .data import Leaf
from .schema import SchemaNode
from .serialize import escape
from .types import WHITESPACE, Resolve

Element = Any
"""lxml's element."""

MAX_INTERNED = 65536
MAX_INTERNED_LENGTH = 64
"""How many values of a leaf are remembered with their canonical form, and how long ones."""

XML_NAMESPACE = "{http://www.w3.org/XML/1998/namespace}"

_ATTRIBUTED: Any = etree.XPath("descendant-or-self::*[@*]")


def refuse_attributes(parent: SchemaNode, element: Element) -> None:
    """Content without metadata: no attribute is known but those of XML itself."""
    for holder in attributed(parent, element):
        refuse_own_attributes(holder)


def refuse_own_attributes(element: Element) -> None:
    """The same for one element alone."""
    for name in element.attrib:
        if not name.startswith(XML_NAMESPACE):
            raise problems.unknown_attribute(element, name)


def attributed(parent: SchemaNode, top: Element) -> list[Element]:
    """The elements with attributes in and below an element, but those inside of anydata."""
    if not isinstance(top.tag, str):
        return []
    return [holder for holder in _ATTRIBUTED(top) if not _in_anydata(parent, top, holder)]


def _in_anydata(parent: SchemaNode, top: Element, element: Element) -> bool:
    above = []
    while element is not top:
        element = element.getparent()
        above.append(element)
    node = parent
    for outer in reversed(above):
        child = node.children.get(outer.tag)
        if child is None:
            return False
        if child.kind in ("anydata", "anyxml"):
            return True
        node = child
    return False


def refuse_text(node: SchemaNode, text: str | None) -> None:
    """Only white space may stand between elements."""
    if text is not None and text.strip(WHITESPACE):
        raise problems.stray_text(node, text)


def resolver(schema_modules: Any, element: Element) -> Resolve:
    """What the prefixes in an element's text stand for."""

    def resolve(prefix: str) -> str | None:
        namespace = element.nsmap.get(prefix or None)
        module = schema_modules.get(namespace)
        return module.name if module is not None else None

    return resolve


def leaf_text(node: SchemaNode, element: Element) -> str:
    """The text of a leaf's element, comments left out; DataError when it has elements."""
    text = element.text or ""
    if len(element):
        for child in element:
            if isinstance(child.tag, str):
                raise problems.within(problems.unknown_element(node, child), node.step)
            if child.tag is etree.Entity:
                raise problems.within(problems.entity(node, child), node.step)
            text += child.tail or ""
    return text


def read_value(namespaces: Any, node: SchemaNode, element: Element) -> str:
    """The canonical value of a leaf's or leaf-list's element; DataError with its path."""
    text = leaf_text(node, element)
    assert node.type is not None
    try:
        return node.type.parse(
            text, resolver(namespaces, element) if node.type.contextual else None
        )
    except problems.ValueProblem as problem:
        raise problems.invalid_value(node, problem) from None


def read_leaf(namespaces: Any, node: SchemaNode, element: Element) -> Leaf:
    """The leaf of an element, the same object for the same text where that is possible."""
    if node.type is None:
        return Leaf(node, inner_xml(element))
    value = read_value(namespaces, node, element)
    text = element.text
    leaf: Leaf = node.interned.get(value) or Leaf(node, value)
    if (
        not node.type.contextual
        and not len(element)
        and len(text or "") <= MAX_INTERNED_LENGTH
        and len(value) <= MAX_INTERNED_LENGTH
    ):
        if len(node.interned) >= MAX_INTERNED:
            node.interned.clear()
        node.interned[text] = leaf
    return leaf


def inner_xml(element: Element) -> str:
    """The content of an anydata or anyxml element; each child in exclusive canonical form."""
    text: str = escape(element.text or "")
    for child in element:
        if child.tag is etree.Entity:
            raise problems.entity_in(element, child)
        if isinstance(child.tag, str):
            text += _apart(child, _canonical(child))
        text += escape(child.tail or "")
    return text


def _apart(element: Element, canonical: str) -> str:
    """The form of an element that has no namespace from what it is put into.

    The canonical form is that of a whole document, in which no default namespace has to be undone.
    """
    has_default = element.prefix is None and element.tag.startswith("{")
    if has_default or all(inner.tag.startswith("{") for inner in element.iter(etree.Element)):
        return canonical
    prefix = f"{element.prefix}:" if element.prefix else ""
    start = f"<{prefix}{etree.QName(element).localname}"
    return f'{start} xmlns=""{canonical[len(start) :]}'


def _canonical(element: Element) -> str:
    """An element's exclusive canonical form."""
    try:
        text: bytes = etree.tostring(element, method="c14n", exclusive=True, with_tail=False)
    except etree.C14NError:
        # A namespace is no absolute URI: only C14N 2.0, which is much slower, takes that.
        plain = etree.tostring(element, encoding="unicode", with_tail=False)
        return str(etree.canonicalize(plain, with_comments=True))
    return text.decode()
