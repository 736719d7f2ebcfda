"""What of a tree a user may read (RFC 8341, section 3.2.4): the rest is left out, silently."""

from __future__ import annotations

from collections.abc import Collection, MutableMapping

from ..yang.data import Container, Key, LeafList, ListNode, Node
from ..yang.marks import part
from ..yang.schema import SchemaNode
from .access import Access
from .policy import READ


def readable(access: Access, tree: Container) -> Container:
    """The tree without what the user may not read; the same one when that is nothing.

    What may not be read is gone with all below it, and an entry with its keys.
    """
    return tree if access.everywhere(READ, tree.schema) else _container(access, tree, {})


def _container(access: Access, node: Container, keys: dict[SchemaNode, Key]) -> Container:
    children: dict[str, Node] = {}
    for name, child in node.children.items():
        kept = _node(access, child, keys)
        if kept is not None:
            children[name] = kept
    same = all(children.get(name) is child for name, child in node.children.items())
    # What is all there keeps its rendered XML.
    return node if same else Container(node.schema, children)


def _node(access: Access, node: Node, keys: dict[SchemaNode, Key]) -> Node | None:
    schema = node.schema
    if access.everywhere(READ, schema):
        return node
    if isinstance(node, ListNode):
        return _list(access, node, keys)
    if isinstance(node, LeafList):
        return _values(access, node, keys)
    if not access.may(READ, schema, keys):
        return None
    if not isinstance(node, Container):
        return node
    kept = _container(access, node, keys)
    return kept if kept.children or schema.presence else None


def _values(access: Access, node: LeafList, keys: dict[SchemaNode, Key]) -> LeafList | None:
    schema = node.schema
    if access.verdict(READ, schema) is False:
        return None
    kept = [value for value in node.values if access.may(READ, schema, {**keys, schema: (value,)})]
    if len(kept) == len(node.values):
        return node
    return part(node, kept) if kept else None


def _list(access: Access, node: ListNode, keys: dict[SchemaNode, Key]) -> ListNode | None:
    if access.verdict(READ, node.schema) is False:
        return None
    usual = access.usual(READ, node.schema)
    if usual is None:
        some: Collection[Key] = node.entries.keys()
    else:
        # Only the entries that rules name differ from the others.
        some = set(access.named(READ, node.schema, node.entries))
    if usual and not some:
        return node
    found: MutableMapping[Key, Container] = node.to_change() if usual else {}
    for key in some if usual else [key for key in node.entries if key in some]:
        entry = _entry(access, node.entries[key], {**keys, node.schema: key})
        if entry is not None:
            found[key] = entry
        else:
            found.pop(key, None)
    return node.changed(found, some) if found else None


def _entry(access: Access, entry: Container, keys: dict[SchemaNode, Key]) -> Container | None:
    if not access.may(READ, entry.schema, keys):
        return None
    kept = _container(access, entry, keys)
    return kept if all(name in kept.children for name in entry.schema.keys) else None
