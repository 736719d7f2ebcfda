"""Documents that are wrong in one place, or a few."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from lxml import etree

from smcroute_agent.yang.schema import Schema, SchemaNode

from .values import ODD, odd_texts

Element = Any
Draw = Any


@st.composite
def mutated(draw: Draw, schema: Schema, documents: st.SearchStrategy[Element]) -> Element:
    """A document with up to three things done to it."""
    config = draw(documents)
    for _ in range(draw(st.sampled_from((0, 1, 1, 1, 2, 3)))):
        elements = list(config.iterdescendants(etree.Element))
        if not elements:
            break
        element = draw(st.sampled_from(elements))
        draw(st.sampled_from(MUTATIONS))(draw, schema, config, element)
    return config


def _schema_of(schema: Schema, element: Element) -> SchemaNode | None:
    """The node of an element, None where there is none."""
    above = element.getparent()
    if above is None:
        return schema.root
    parent = _schema_of(schema, above)
    if parent is None:
        return None
    return parent.children.get(element.tag)


def _drop(draw: Draw, schema: Schema, config: Element, element: Element) -> None:
    element.getparent().remove(element)


def _double(draw: Draw, schema: Schema, config: Element, element: Element) -> None:
    element.addnext(copy.deepcopy(element))


def _retext(draw: Draw, schema: Schema, config: Element, element: Element) -> None:
    node = _schema_of(schema, element)
    if node is not None and node.type is not None:
        element.text = draw(odd_texts(schema, node))
    elif len(element):
        inner = list(element.iterchildren(etree.Element))
        if inner:
            _retext(draw, schema, config, draw(st.sampled_from(inner)))


def _stray_text(draw: Draw, schema: Schema, config: Element, element: Element) -> None:
    if len(element):
        element[0].tail = draw(st.sampled_from(("x", " ", "\n")))


def _rename(draw: Draw, schema: Schema, config: Element, element: Element) -> None:
    element.tag = f"{{{etree.QName(element).namespace}}}nonsense"


def _other_namespace(draw: Draw, schema: Schema, config: Element, element: Element) -> None:
    spaces = [module.namespace for module in schema.modules.values()]
    space = draw(st.sampled_from(["urn:unknown", *spaces[:4]]))
    element.tag = f"{{{space}}}{etree.QName(element).localname}"


def _insert(draw: Draw, schema: Schema, config: Element, element: Element) -> None:
    etree.SubElement(element, f"{{{etree.QName(element).namespace}}}nonsense")


def _move(draw: Draw, schema: Schema, config: Element, element: Element) -> None:
    """Put it elsewhere, but not below itself."""
    inside = set(element.iter())
    places = [place for place in config.iter(etree.Element) if place not in inside]
    draw(st.sampled_from(places)).append(element)


def _sibling(draw: Draw, schema: Schema, config: Element, element: Element) -> None:
    """Add another child of the same parent, maybe of another case."""
    parent = _schema_of(schema, element.getparent())
    if parent is None:
        return
    nodes = [node for node in parent.children.values() if node.type is not None]
    if nodes:
        node = draw(st.sampled_from(nodes))
        element.addnext(etree.Element(node.qname, nsmap={None: node.namespace}))
        _retext(draw, schema, config, element.getnext())


def _attribute(draw: Draw, schema: Schema, config: Element, element: Element) -> None:
    element.set(draw(st.sampled_from(("operation", "{urn:unknown}a", "nonsense"))), "x")


def _exchange(draw: Draw, schema: Schema, config: Element, element: Element) -> None:
    """Exchange it with the one before."""
    before = element.getprevious()
    if before is not None:
        element.addnext(before)


def _hollow(draw: Draw, schema: Schema, config: Element, element: Element) -> None:
    """Take out all that is in it."""
    for child in list(element):
        element.remove(child)
    element.text = None


def _comment(draw: Draw, schema: Schema, config: Element, element: Element) -> None:
    element.insert(0, etree.Comment("remark"))


def _copy_text(draw: Draw, schema: Schema, config: Element, element: Element) -> None:
    """Give a leaf the text of another one: keys and references meet."""
    leaves = [leaf for leaf in config.iter(element.tag) if not len(leaf)]
    if not len(element):
        element.text = draw(st.sampled_from([leaf.text for leaf in leaves] or list(ODD)))


Mutation = Callable[[Draw, Schema, Element, Element], None]

MUTATIONS: tuple[Mutation, ...] = (
    *(_drop, _drop, _double, _retext, _retext, _retext, _stray_text, _rename, _other_namespace),
    *(_insert, _move, _sibling, _sibling, _attribute, _exchange, _hollow, _comment),
    *(_copy_text, _copy_text),
)
"""What can be done to an element; what happens more often stands there more often."""
