"""Errors that tell whether a node is there, for users who may not touch it.

Whether a node exists is asked before whether it may be created or deleted, because the change
that is judged (writing.py) is only known when it has been made.  Whoever may not make it is told
so either way, in the same words.
"""

from __future__ import annotations

from ..errors import Error
from ..yang.data import Key
from ..yang.instance import steps
from ..yang.schema import Schema, SchemaNode
from .access import Access
from .policy import CREATE, DELETE
from .writing import Denied, demand, denied

_NEEDED = {"data-exists": CREATE, "data-missing": DELETE}


def concealed(access: Access, schema: Schema, error: Error) -> Error:
    """The error of an edit as this user may see it: Denied, or the error itself."""
    operation = _NEEDED.get(error.tag)
    if operation is None:
        return error
    where = _locate(schema, error.path or "")
    if where is None:
        return denied()
    node, keys = where
    try:
        demand(access, operation, node, error.path or "", keys)
    except Denied as found:
        return found
    return error


def _locate(schema: Schema, path: str) -> tuple[SchemaNode, dict[SchemaNode, Key]] | None:
    """The node of an error-path, and the keys on the way; None where it cannot be read."""
    namespaces = {module.prefix: module.namespace for module in schema.modules.values()}
    node, keys = schema.root, dict[SchemaNode, Key]()
    for step in steps(path):
        child = node.children.get(f"{{{namespaces.get(step.module)}}}{step.name}")
        if child is None:
            return None
        node = child
        if node.kind == "list":
            names = [node.children[key].name for key in node.keys]
            if not all(name in step.keys for name in names):
                return None
            keys[node] = tuple(step.keys[name] for name in names)
    return node, keys
