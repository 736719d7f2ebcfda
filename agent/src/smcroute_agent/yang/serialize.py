"""Data trees to XML.

Inside the tree no prefix is used: a top node, and a node of another module than its
parent, declares its namespace as the default.  So the text of a list entry depends on the
entry alone, and is kept with it.
"""

from __future__ import annotations

from collections.abc import Iterable

from . import types
from .data import Container, Leaf, LeafList, ListNode, Node
from .instance import with_prefixes
from .marks import MARKED
from .schema import SchemaNode


def to_xml(tree: Container, *, pretty: bool = False) -> bytes:
    """The children of a container (the root, an RPC's output) as UTF-8.

    The order is the schema's, keys first; list entries and leaf-list values keep theirs.
    pretty: one element a line, two blanks a level, and a final newline.
    """
    parts: list[str] = []
    for node in ordered(tree):
        if pretty:
            _pretty(node, "", parts)
        else:
            _render(node, parts)
    return "".join(parts).encode()


def entry_to_xml(entry: Container) -> str:
    """The text of a list entry, rendered once."""
    if entry.xml is None:
        parts: list[str] = []
        _element(entry, parts)
        entry.xml = "".join(parts)
    return entry.xml


def ordered(tree: Container) -> Iterable[Node]:
    """The children in the order of the schema."""
    children = tree.children
    if len(children) < 2:
        return children.values()
    return [children[name] for name in tree.schema.children if name in children]


def escape(text: str) -> str:
    """Text as element content; a carriage return would not survive unescaped."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    if "\r" in text:
        text = text.replace("\r", "&#13;")
    return text


def tags(schema: SchemaNode) -> tuple[str, str]:
    """The start and end tag of a node's element."""
    found: tuple[str, str] | None = schema.derived.get("tags")
    if found is None:
        parent = schema.parent
        own = parent is None or parent.namespace != schema.namespace
        declaration = f' xmlns="{escape(schema.namespace)}"' if own else ""
        found = schema.derived["tags"] = (f"<{schema.name}{declaration}>", f"</{schema.name}>")
    return found


def _render(node: Node, parts: list[str]) -> None:
    if isinstance(node, ListNode):
        for entry in node.entries.values():
            parts.append(entry.xml or entry_to_xml(entry))
    elif isinstance(node, Container):
        _element(node, parts)
    else:
        _values(node, parts)


def _tags(node: Container | Leaf | LeafList) -> tuple[str, str]:
    """The start and end tag of a node, with the attributes that it carries."""
    start, end = tags(node.schema)
    if isinstance(node, MARKED):
        return f"{start[:-1]}{node.attributes}>", end
    return start, end


def _values(node: Leaf | LeafList, parts: list[str]) -> None:
    schema = node.schema
    start, end = _tags(node)
    for value in (node.value,) if isinstance(node, Leaf) else node.values:
        if schema.type is None:
            parts.append(f"{start}{value}{end}")
        elif schema.type.contextual and _has_names(schema.type, value):
            parts.append(_contextual(schema, start, end, value))
        else:
            parts.append(f"{start}{escape(value)}{end}" if value else f"{start[:-1]}/>")


def _has_names(kind: types.Type, value: str) -> bool:
    """Whether prefixes matter to this value of a type that may have such."""
    actual = types.actual(kind, value)
    return actual is not None and actual.contextual


def _contextual(schema: SchemaNode, start: str, end: str, value: str) -> str:
    text, declarations = with_prefixes(schema.module_table, value)
    attributes = "".join(
        f' xmlns:{prefix}="{escape(namespace)}"' for prefix, namespace in declarations.items()
    )
    return f"{start[:-1]}{attributes}>{escape(text)}{end}"


def _plain(schema: SchemaNode) -> tuple[str, str] | tuple[()]:
    """The tags of a leaf whose value stands between them as text; none where it does not."""
    found: tuple[str, str] | tuple[()] | None = schema.derived.get("plain")
    if found is None:
        plain = schema.type is not None and not schema.type.contextual
        found = schema.derived["plain"] = tags(schema) if plain else ()
    return found


def _element(node: Container, parts: list[str]) -> None:
    start, end = _tags(node)
    if not node.children:
        parts.append(f"{start[:-1]}/>")
        return
    parts.append(start)
    children = node.children
    for name in node.schema.children:
        child = children.get(name)
        if child is None:
            continue
        # Most nodes are leaves without attributes, and are written without a detour.
        if type(child) is Leaf and child.value and (around := _plain(child.schema)):
            parts += (around[0], escape(child.value), around[1])
        else:
            _render(child, parts)
    parts.append(end)


def _pretty(node: Node, indent: str, parts: list[str]) -> None:
    if isinstance(node, ListNode):
        for entry in node.entries.values():
            _pretty(entry, indent, parts)
    elif isinstance(node, Container):
        start, end = _tags(node)
        if not node.children:
            parts.append(f"{indent}{start[:-1]}/>\n")
            return
        parts.append(f"{indent}{start}\n")
        for child in ordered(node):
            _pretty(child, indent + "  ", parts)
        parts.append(f"{indent}{end}\n")
    else:
        values: list[str] = []
        _values(node, values)
        parts.extend(f"{indent}{value}\n" for value in values)
