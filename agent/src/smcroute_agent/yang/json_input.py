"""Data trees from JSON (RFC 7951); json_data.py writes it."""

from __future__ import annotations

import json
import re
from typing import Any

from lxml import etree

from ..errors import DataError
from . import instance, types
from .data import Container
from .json_data import INSTANCES
from .parse import parse
from .schema import Schema, SchemaNode
from .value_problem import ValueProblem

MAX_DEPTH = 64
"""Objects and arrays nested in one another at the most."""


def from_json(schema: Schema, text: str) -> Container:
    """The configuration that to_json() wrote, or a person; raises DataError.

    It becomes XML first, so that all that is checked in an edit is checked here.
    """
    try:
        value = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise DataError(f"it is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise DataError("it is no JSON object")
    prefixes = {module.name: module.namespace for module in schema.modules.values()}
    top = etree.Element("config", nsmap=prefixes)
    _elements(schema, top, schema.root, value, 0)
    return parse(schema, top)


_XML_TEXT = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
"""What XML can hold (XML 1.0, section 2.2)."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has a member twice")
    return found


def _elements(
    schema: Schema, above: Any, parent: SchemaNode, members: dict[str, Any], depth: int
) -> None:
    if depth > MAX_DEPTH:
        raise DataError(f"objects are nested more than {MAX_DEPTH} deep")
    for member, value in members.items():
        module, _, name = member.rpartition(":")
        space = schema.modules[module].namespace if module in schema.modules else parent.namespace
        if module and module not in schema.modules:
            raise DataError(f"there is no module {module!r}", path=parent.path() or None)
        node = parent.children.get(f"{{{space}}}{name}")
        if node is None or not node.config:
            raise DataError(
                f"there is no configuration node {member!r} here", path=parent.path() or None
            )
        many = node.kind in ("list", "leaf-list")
        if many and not isinstance(value, list):
            raise DataError(f"{member} is an array", path=node.path())
        for item in value if many else (value,):
            element = etree.SubElement(above, node.qname, nsmap=_default(node))
            if isinstance(item, dict) and node.kind in ("container", "list"):
                _elements(schema, element, node, item, depth + 1)
            elif node.type is None:
                raise DataError(f"{member} is an object", path=node.path())
            else:
                element.text = _with_modules(node.type, _text(item, node))


def _default(node: SchemaNode) -> Any:
    """A name without a prefix in a value is one of the node's own module."""
    return {None: node.namespace}


def _with_modules(kind: types.Type, text: str) -> str:
    """A value in which each name that needs a module has it, as in XML."""
    if isinstance(kind, INSTANCES):
        return instance.from_json(text)
    if isinstance(kind, types.LeafRef):
        return _with_modules(kind.target, text)
    if isinstance(kind, types.Union):
        for member in kind.members:
            written = _with_modules(member, text)
            try:
                member.parse(written, str)
            except ValueProblem:
                continue
            return written
    return text


def _text(value: Any, node: SchemaNode) -> str:
    if value is True or value is False:
        return "true" if value else "false"
    if value == [None]:
        return ""
    if isinstance(value, str | int):
        text = str(value)
        if _XML_TEXT.fullmatch(text):
            return text
    raise DataError("its value is a string, a number, true or false", path=node.path())
