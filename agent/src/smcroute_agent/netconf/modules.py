"""The YANG modules of this server: which <hello> lists, and which get-schema has.

ietf-netconf-monitoring is not listed, although get-schema is served: the data that a client
would expect with it is not.
"""

from __future__ import annotations

from ..yang import source
from ..yang.schema import Schema
from .hello import ModuleCapability


def announced(schema: Schema) -> list[ModuleCapability]:
    """What <hello> lists: the modules that are implemented, not those only imported."""
    return [
        ModuleCapability(module.name, module.namespace, module.revision, module.features)
        for module in schema.modules.values()
        if module.implemented
    ]


def text(schema: Schema, name: str, revision: str = "") -> str | None:
    """The YANG text of a module; None when there is none of that name (and revision)."""
    try:
        return source.module_text(name, revision, schema)
    except KeyError:
        return None
