"""The YANG modules of this server: which <hello> lists, and which get-schema has.

ietf-netconf describes the protocol itself, so it is no part of the schema that data is read
against; it is listed with the features that the announced capabilities stand for.
ietf-netconf-monitoring is not listed, although get-schema is served: the data that a client
would expect with it is not.
"""

from __future__ import annotations

from ..yang import source
from ..yang.schema import Schema
from .hello import ModuleCapability
from .names import BASE

FEATURES = (
    "writable-running",
    "candidate",
    "confirmed-commit",
    "rollback-on-error",
    "validate",
    "startup",
    "xpath",
)

PROTOCOL = ModuleCapability("ietf-netconf", BASE, "2011-06-01", FEATURES)


def announced(schema: Schema) -> list[ModuleCapability]:
    """What <hello> lists: the modules that are implemented, not those only imported."""
    return [PROTOCOL] + [
        ModuleCapability(module.name, module.namespace, module.revision, module.features)
        for module in schema.modules.values()
        if module.implemented
    ]


def text(schema: Schema, name: str, revision: str = "") -> str | None:
    """The YANG text of a module; None when there is none of that name (and revision)."""
    if name == PROTOCOL.name:
        return _protocol_text() if revision in ("", PROTOCOL.revision) else None
    try:
        return source.module_text(name, revision, schema)
    except KeyError:
        return None


def _protocol_text() -> str | None:
    for directory in source.modules_directory():
        for file in (f"{PROTOCOL.name}@{PROTOCOL.revision}.yang", f"{PROTOCOL.name}.yang"):
            path = directory / file
            if path.is_file():
                return path.read_text(encoding="utf-8")
    return None
