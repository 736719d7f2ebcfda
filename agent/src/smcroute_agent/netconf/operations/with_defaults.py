"""The parameter with-defaults, and values that are tagged as defaults (RFC 6243)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from ...errors import DataError
from ...yang import problems as data_problems
from ...yang.content import resolver
from ...yang.data import Container
from ...yang.defaults import MODES, NAMESPACE
from ...yang.schema import Schema, SchemaNode
from ...yang.value_problem import ValueProblem
from ..names import base
from .request import Request, enumeration

TAG = f"{{{NAMESPACE}}}default"
_OPERATION = base("operation")
_TAGGED: Callable[[etree._Element], Any] = etree.XPath(
    "descendant::*[@wd:default]", namespaces={"wd": NAMESPACE}
)

AS_SET = frozenset(("explicit", "trim"))
"""Modes that add nothing, and so have no `when` to evaluate anywhere in the tree."""

SETTING = frozenset(("create", "replace"))
"""Operations under which nothing is left of what was there before."""


def mode(element: etree._Element | None) -> str:
    """The mode that is asked for; the basic mode is explicit."""
    return "explicit" if element is None else enumeration(element, tuple(MODES))


def reported(request: Request, tree: Container, element: etree._Element | None) -> Container:
    """A tree with its defaults as the parameter asks."""
    return MODES[mode(element)](request.services.schema, tree)


def accept_tags(schema: Schema, config: etree._Element, default_operation: str) -> None:
    """Leaves that are tagged as defaults are to be as if nobody had set them (section 4.5.2).

    The request is changed so that it says that: such a leaf is removed, or left out where
    everything around it is new.  Raises invalid-value for a value that is not the default,
    and bad-attribute for a tag that is no boolean.
    """
    for element in _TAGGED(config):
        value = element.attrib.pop(TAG)
        if value not in ("true", "1", "false", "0"):
            raise data_problems.bad_attribute(
                element, TAG, f"{value!r} is no boolean: it is true or false"
            )
        if value in ("true", "1"):
            _restore(schema, config, element, default_operation)


def _restore(schema: Schema, config: etree._Element, element: Any, default: str) -> None:
    node = _node(schema, config, element)
    if node is None:
        return
    _check(schema, node, element)
    around = _operation_above(config, element, default)
    if around in SETTING:
        element.getparent().remove(element)
    elif element.get(_OPERATION, around) not in ("none", "delete"):
        element.set(_OPERATION, "remove")


def _node(schema: Schema, config: etree._Element, element: etree._Element) -> SchemaNode | None:
    """The schema node of an element; None where the schema has none, which others tell."""
    way = [element]
    for above in element.iterancestors():
        if above is config:
            break
        way.append(above)
    node: SchemaNode | None = schema.root
    for step in reversed(way):
        node = node.children.get(step.tag) if node is not None else None
    return node


def _operation_above(config: etree._Element, element: etree._Element, default: str) -> str:
    """The operation in force around an element."""
    for above in element.iterancestors():
        if _OPERATION in above.attrib:
            return str(above.get(_OPERATION))
        if above is config:
            break
    return default


def _check(schema: Schema, node: SchemaNode, element: etree._Element) -> None:
    """Raises invalid-value unless the element's value is the default of its node."""
    try:
        value = None
        if node.type is not None:
            value = node.type.parse(element.text or "", resolver(schema.namespaces, element))
    except ValueProblem as problem:
        error = data_problems.invalid_value(node, problem)
        error.path = node.path()
        raise error from None
    if value is None or value not in node.defaults:
        raise DataError(
            f"{node.name!r} is tagged as a default, but {element.text or ''!r} is not its default",
            path=node.path(),
            tag="invalid-value",
            info=(("bad-element", node.qname),),
            remedy="leave the attribute out to set the value",
        )
