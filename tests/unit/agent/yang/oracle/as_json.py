"""The same document as JSON (RFC 7951), for the oracle that reads no XML well."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from smcroute_agent.yang import types
from smcroute_agent.yang.content import resolver
from smcroute_agent.yang.schema import Schema, SchemaNode

NUMBERS = frozenset(("int8", "int16", "int32", "uint8", "uint16", "uint32"))
_INTEGER = re.compile(r"[ \t\r\n]*[+-]?[0-9]{1,40}[ \t\r\n]*", re.ASCII)
_PREFIXED = re.compile(r"([A-Za-z_][\w.-]*):(?=[A-Za-z_])|'[^']*'|\"[^\"]*\"", re.ASCII)


class Inexpressible(Exception):
    """JSON cannot say what the XML says: a node twice, text between elements, an attribute."""


def as_json(schema: Schema, config: Any) -> dict[str, Any]:
    """The members of the object that says what the children of <config> say."""
    return _object(schema, schema.root, config)


def _object(schema: Schema, parent: SchemaNode, holder: Any) -> dict[str, Any]:
    if (holder.text or "").strip():
        raise Inexpressible
    found: dict[str, Any] = {}
    for element in holder:
        if (element.tail or "").strip() or (element.tag is etree.Comment and holder.text):
            raise Inexpressible
        if not isinstance(element.tag, str):
            continue
        if element.attrib:
            raise Inexpressible
        _member(schema, parent, element, found)
    return found


def _member(schema: Schema, parent: SchemaNode, element: Any, found: dict[str, Any]) -> None:
    name = etree.QName(element)
    node = parent.children.get(element.tag)
    module = schema.namespaces.get(name.namespace or "")
    member = f"{module.name if module else 'unknown'}:{name.localname}"
    if module is not None and parent.module is module:
        member = name.localname
    if node is None:
        found[member] = _guess(element)
        return
    value = _value(schema, node, element)
    if node.kind in ("list", "leaf-list"):
        found.setdefault(member, []).append(value)
    elif member in found:
        raise Inexpressible
    else:
        found[member] = value


def _guess(element: Any) -> Any:
    return {"x": 1} if len(element) else (element.text or "")


def _value(schema: Schema, node: SchemaNode, element: Any) -> Any:
    if node.kind in ("anydata", "anyxml"):
        return {"some:thing": 1}
    if node.type is None:
        return _object(schema, node, element)
    if len(element) and any(isinstance(child.tag, str) for child in element):
        raise Inexpressible
    text = "".join(element.itertext(tag=None)) if not len(element) else _text(element)
    return _scalar(schema, node.type, text, element)


def _text(element: Any) -> str:
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _scalar(schema: Schema, kind: types.Type, text: str, element: Any) -> Any:
    resolve = resolver(schema.namespaces, element)
    if isinstance(kind, types.Union):
        member = _member_of(kind, text, resolve)
        return text if member is None else _scalar(schema, member, text, element)
    if isinstance(kind, types.LeafRef):
        return _scalar(schema, kind.target, text, element)
    if kind.base in NUMBERS and _INTEGER.fullmatch(text):
        return int(text)
    if kind.base in ("int64", "uint64", "decimal64"):
        return text.strip(types.WHITESPACE)
    if kind.base == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind.base == "empty" and not text:
        return [None]
    if kind.base == "binary":
        return "".join(text.split())
    if kind.base == "identityref":
        return _identity(text.strip(types.WHITESPACE), resolve)
    if kind.base == "instance-identifier":
        return _instance(text.strip(types.WHITESPACE), resolve)
    return text


def _member_of(kind: types.Union, text: str, resolve: Any) -> types.Type | None:
    """The member that a value is of; a reference that may lead nowhere comes last."""
    for member in sorted(kind.members, key=_needs_instance):
        if isinstance(member, types.Union):
            inner = _member_of(member, text, resolve)
            if inner is not None:
                return inner
            continue
        try:
            member.parse(text, resolve)
        except types.base.ValueProblem:
            continue
        return member
    return None


def _needs_instance(kind: types.Type) -> bool:
    return isinstance(kind, types.LeafRef) and kind.require_instance


def _identity(text: str, resolve: Any) -> str:
    prefix, _, name = text.rpartition(":")
    return f"{resolve(prefix) or 'unknown'}:{name}"


def _instance(text: str, resolve: Any) -> str:
    """Modules' names for prefixes, only where they change (RFC 7951, section 6.11)."""
    above = ""

    def named(match: re.Match[str]) -> str:
        nonlocal above
        if match[1] is None:
            return match[0]
        module = resolve(match[1]) or "unknown"
        shown = "" if module == above else f"{module}:"
        above = module
        return shown

    return _PREFIXED.sub(named, text)
