"""The node that an error-path names."""

from __future__ import annotations

from ..yang.data import Key
from ..yang.instance import steps
from ..yang.schema import Schema, SchemaNode


def located(schema: Schema, path: str) -> tuple[SchemaNode, dict[SchemaNode, Key]] | None:
    """The node of an error-path, and the keys on the way; None where it cannot be read.

    The last step may be a list as such, without keys.
    """
    namespaces = {module.prefix: module.namespace for module in schema.modules.values()}
    node, keys = schema.root, dict[SchemaNode, Key]()
    found = steps(path)
    for step in found:
        child = node.children.get(f"{{{namespaces.get(step.module)}}}{step.name}")
        if child is None:
            return None
        node = child
        if node.kind == "list" and (step.keys or step is not found[-1]):
            names = [node.children[key].name for key in node.keys]
            if not all(name in step.keys for name in names):
                return None
            keys[node] = tuple(step.keys[name] for name in names)
        elif node.kind == "leaf-list" and "." in step.keys:
            keys[node] = (step.keys["."],)
    return node, keys
