"""The YANG modules of this server: which <hello> lists, and which get-schema has."""

from __future__ import annotations

from ..yang import source
from ..yang.schema import Schema
from .hello import ModuleCapability


def announced(schema: Schema) -> list[ModuleCapability]:
    """What <hello> lists: the modules of YANG 1.0 that are implemented."""
    return [
        ModuleCapability(
            module.name, module.namespace, module.revision, module.features, module.deviations
        )
        for module in schema.modules.values()
        if module.implemented and module.yang_version == "1"
    ]


def text(schema: Schema, name: str, revision: str = "") -> str | None:
    """The YANG text of a module; None when there is none of that name (and revision)."""
    try:
        return source.module_text(name, revision, schema)
    except KeyError:
        return None
