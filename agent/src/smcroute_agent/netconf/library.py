"""The modules that the server implements, for clients (ietf-yang-library, RFC 8525).

The tree modules-state of RFC 7895 says the same for older clients.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..datastore.names import DATASTORES
from ..yang.build import build
from ..yang.data import Container, Node
from ..yang.schema import Module, Schema
from ..yang.serialize import to_xml

NAMESPACE = "urn:ietf:params:xml:ns:yang:ietf-yang-library"
MODULE = "ietf-yang-library"

SCHEMA_NAME = "complete"
"""Of the one module set, and of the one schema, which all datastores have."""


class Library:
    """The library of one schema.

    nodes: the containers yang-library and modules-state, by qualified name.
    """

    def __init__(self, schema: Schema) -> None:
        content = {
            "module-set": [_module_set(schema)],
            "schema": [{"name": SCHEMA_NAME, "module-set": [SCHEMA_NAME]}],
            "datastore": [
                {"name": f"ietf-datastores:{name}", "schema": SCHEMA_NAME}
                for name in (*DATASTORES, "operational")
            ],
        }
        import hashlib  # and with it OpenSSL's library

        top = schema.root.children[f"{{{NAMESPACE}}}yang-library"]
        self.content_id = hashlib.sha256(to_xml(build(top, content))).hexdigest()[:32]
        self.revision = schema.modules[MODULE].revision
        older = schema.root.children[f"{{{NAMESPACE}}}modules-state"]
        self.nodes: Mapping[str, Node] = {
            top.qname: build(top, {**content, "content-id": self.content_id}),
            older.qname: _modules_state(schema, older, self.content_id),
        }

    def capabilities(self) -> tuple[str, ...]:
        """How <hello> announces it: RFC 7950, section 5.6.4, and RFC 8526, section 2."""
        prefix = "urn:ietf:params:netconf:capability:yang-library"
        return (
            f"{prefix}:1.0?revision={self.revision}&module-set-id={self.content_id}",
            f"{prefix}:1.1?revision={self.revision}&content-id={self.content_id}",
        )


def _module_set(schema: Schema) -> dict[str, Any]:
    modules = schema.modules.values()
    return {
        "name": SCHEMA_NAME,
        "module": [_implemented(module) for module in modules if module.implemented],
        "import-only-module": [_imported(module) for module in modules if not module.implemented],
    }


def _implemented(module: Module) -> dict[str, Any]:
    return {
        "name": module.name,
        "revision": module.revision or None,
        "namespace": module.namespace,
        "feature": module.features,
        "deviation": module.deviations,
    }


def _imported(module: Module) -> dict[str, Any]:
    return {"name": module.name, "revision": module.revision, "namespace": module.namespace}


def _modules_state(schema: Schema, node: Any, content_id: str) -> Container:
    return build(
        node,
        {
            "module-set-id": content_id,
            "module": [
                {
                    "name": module.name,
                    "revision": module.revision,
                    "namespace": module.namespace,
                    "feature": module.features,
                    "deviation": [
                        {"name": name, "revision": schema.modules[name].revision}
                        for name in module.deviations
                    ],
                    "conformance-type": "implement" if module.implemented else "import",
                }
                for module in schema.modules.values()
            ],
        },
    )
