"""The attributes of edit-config: operation, and insert, key, value for user-ordered nodes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from . import problems
from .content import Element, resolver
from .schema import Module, SchemaNode
from .user_order import UserOrder

NETCONF = "urn:ietf:params:xml:ns:netconf:base:1.0"
YANG = "urn:ietf:params:xml:ns:yang:1"

OPERATION = f"{{{NETCONF}}}operation"
INSERT = f"{{{YANG}}}insert"
KEY = f"{{{YANG}}}key"
VALUE = f"{{{YANG}}}value"

OPERATIONS = frozenset(("merge", "replace", "create", "delete", "remove"))
INSERTS = frozenset(("first", "last", "before", "after"))

_XML = "{http://www.w3.org/XML/1998/namespace}"

K = TypeVar("K")
V = TypeVar("V")


class Directive(NamedTuple):
    """What the attributes of an element ask for."""

    operation: str | None = None
    insert: str | None = None
    anchor: str | None = None
    """The text of yang:key or yang:value."""


def directive_of(element: Element, node: SchemaNode) -> Directive:
    """Read the attributes of an element; raises DataError at unknown ones and bad values."""
    operation = insert = anchor = None
    for name, value in element.attrib.items():
        if name == OPERATION:
            if value not in OPERATIONS:
                raise _at(
                    node,
                    problems.bad_attribute(
                        element, name, f"{value!r} is no operation: {_names(OPERATIONS)}"
                    ),
                )
            operation = value
        elif name == INSERT and node.ordered_by_user:
            if value not in INSERTS:
                raise _at(
                    node,
                    problems.bad_attribute(
                        element, name, f"{value!r} is no place: {_names(INSERTS)}"
                    ),
                )
            insert = value
        elif name == (KEY if node.kind == "list" else VALUE) and node.ordered_by_user:
            anchor = value
        elif not name.startswith(_XML):
            raise _at(node, problems.unknown_attribute(element, name))
    if insert in ("before", "after") and anchor is None:
        raise _at(
            node,
            problems.missing_attribute(
                element,
                KEY if node.kind == "list" else VALUE,
                f"insert={insert!r} needs the attribute"
                f" {'key' if node.kind == 'list' else 'value'!r}, which names the other one",
            ),
        )
    return Directive(operation, insert, anchor)


def _at(node: SchemaNode, error: problems.DataError) -> problems.DataError:
    return problems.within(error, node.step)


def _names(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))


def place(
    namespaces: Mapping[str, Module],
    element: Element,
    node: SchemaNode,
    items: Mapping[K, V],
    item: K,
    value: V,
    directive: Directive,
    step: str,
) -> UserOrder[K, V]:
    """The entries or values with one, new or not, at the place that the directive names."""
    order = items if isinstance(items, UserOrder) else UserOrder(items)
    if directive.insert == "first":
        order.first(item, value)
        return order
    if directive.insert == "last":
        order.last(item, value)
        return order
    anchor = _anchor(namespaces, element, node, directive.anchor or "", step)
    if anchor == item or anchor not in order:
        raise problems.within(
            problems.bad_attribute(
                element,
                KEY if node.kind == "list" else VALUE,
                f"there is no {directive.anchor!r} to insert {directive.insert}",
                app_tag="missing-instance",
            ),
            step,
        )
    (order.before if directive.insert == "before" else order.after)(item, value, anchor)
    return order


_PREDICATE = re.compile(
    r"\[\s*(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')\s*\]",
    re.ASCII,
)


def _anchor(
    namespaces: Mapping[str, Module], element: Element, node: SchemaNode, text: str, step: str
) -> Any:
    """The key or value that yang:key or yang:value stands for."""
    resolve = resolver(namespaces, element)
    try:
        if node.kind == "leaf-list":
            assert node.type is not None
            return node.type.parse(text, resolve)
        found: dict[str, str] = {}
        position = 0
        for match in _PREDICATE.finditer(text):
            if match.start() != position:
                break
            position = match.end()
            namespace = element.nsmap.get(match[1]) if match[1] else node.namespace
            name = f"{{{namespace}}}{match[2]}"
            key = node.children.get(name)
            if key is None or not key.is_key or key.type is None:
                raise problems.ValueProblem(f"{match[2]!r} is no key of {node.name!r}")
            found[name] = key.type.parse(match[3] if match[3] is not None else match[4], resolve)
        if position != len(text) or set(found) != set(node.keys):
            raise problems.ValueProblem(
                f"{text!r} does not give the keys of {node.name!r} as [prefix:key='value']..."
            )
        return tuple(found[name] for name in node.keys)
    except problems.ValueProblem as problem:
        name = KEY if node.kind == "list" else VALUE
        raise problems.within(
            problems.bad_attribute(element, name, problem.message), step
        ) from None
