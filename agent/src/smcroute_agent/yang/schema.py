"""The schema that data is read against: what pyang made of the modules, in one JSON file."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import instance, types
from .schema_node import Case, Choice, Expression, Kind, Module, Must, SchemaNode, When

__all__ = [
    "ATTACHED",
    "FORMAT",
    "Case",
    "Choice",
    "Expression",
    "Kind",
    "Module",
    "Must",
    "Schema",
    "SchemaNode",
    "When",
    "load",
    "packaged",
]

FORMAT = 1
"""The version of the compiled form; the compiler writes it, load() insists on it."""

ATTACHED = frozenset(("action", "notification"))
"""Kinds that stand among the data without being data."""

_MESSAGES = ATTACHED | {"rpc"}
"""Kinds that are sent: what is in them is no configuration."""

_ROOT = Module("", "", "", "", (), True, (), None)


class Schema:
    """All modules, and the data, RPCs, actions and notifications that they define."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        if document.get("format") != FORMAT:
            raise ValueError(f"the compiled schema has format {document.get('format')!r}")
        self.modules: dict[str, Module] = {
            item["name"]: Module(
                item["name"],
                item["revision"],
                item["namespace"],
                item["prefix"],
                tuple(item.get("features", ())),
                item["implemented"],
                tuple(item.get("deviations", ())),
                item.get("text"),
                item.get("yang-version", "1"),
            )
            for item in document["modules"]
        }
        self.namespaces: dict[str, Module] = {
            module.namespace: module for module in self.modules.values()
        }
        self.identities: dict[str, frozenset[str]] = {
            name: frozenset(bases) for name, bases in document["identities"].items()
        }
        """Each identity, "module:name", with all that it is derived from, and itself."""
        self.expressions: dict[str, object] = {}
        """XPath expressions of the schema, compiled when first needed (xpath/compiled.py)."""
        self._types: list[types.Type | None] = [None] * len(document["types"])
        self._type_specs = document["types"]
        self.root = SchemaNode("root", "", _ROOT, None)
        self.root.step = ""
        self.root.module_table = self.modules
        self._fill(self.root, document["data"])
        self.rpcs: dict[str, SchemaNode] = self._top("rpcs", document)
        """By qname; the children of an RPC or action are its nodes "input" and "output"."""
        self.notifications: dict[str, SchemaNode] = self._top("notifications", document)

    def _top(self, name: str, document: Mapping[str, Any]) -> dict[str, SchemaNode]:
        holder = SchemaNode("root", "", _ROOT, None)
        holder.step = ""
        holder.module_table = self.modules
        self._fill(holder, document[name])
        return holder.children

    def _fill(self, parent: SchemaNode, specs: list[dict[str, Any]]) -> None:
        self._place(parent, specs, None)
        if parent.kind == "list":
            for key in parent.keys:
                parent.children[key].is_key = True
            rest = {name: node for name, node in parent.children.items() if not node.is_key}
            parent.children = {key: parent.children[key] for key in parent.keys} | rest

    def _place(self, parent: SchemaNode, specs: list[dict[str, Any]], case: Case | None) -> None:
        for spec in specs:
            if spec["kind"] == "choice":
                self._choice(parent, spec, case)
                continue
            node = self._node(parent, spec)
            node.case = case
            if case is not None:
                case.nodes.append(node)
            if node.kind in ATTACHED and parent.kind != "root":
                parent.attached[node.qname] = node
            else:
                parent.children[node.qname] = node

    def _choice(self, parent: SchemaNode, spec: dict[str, Any], outer: Case | None) -> None:
        choice = Choice(spec["name"], self._module(spec, parent), outer)
        choice.default = spec.get("default")
        choice.mandatory = spec.get("mandatory", False)
        choice.whens = _whens(spec)
        (outer.choices if outer else parent.choices).append(choice)
        for item in spec["cases"]:
            case = choice.cases[item["name"]] = Case(item["name"], choice)
            self._place(parent, item["nodes"], case)

    def _module(self, spec: Mapping[str, Any], parent: SchemaNode) -> Module:
        name = spec.get("module")
        return self.modules[name] if name else parent.module

    def _node(self, parent: SchemaNode, spec: dict[str, Any]) -> SchemaNode:
        node = SchemaNode(spec["kind"], spec["name"], self._module(spec, parent), parent)
        node.config = spec.get("config", parent.config)
        node.repeats = parent.repeats or not node.config or node.kind in _MESSAGES
        node.mandatory = spec.get("mandatory", False)
        node.presence = spec.get("presence", False)
        node.min_elements = spec.get("min-elements", 0)
        node.max_elements = spec.get("max-elements")
        node.ordered_by_user = spec.get("ordered-by-user", False)
        node.units = spec.get("units")
        node.default_deny = spec.get("default-deny")
        node._spec_defaults = tuple(spec.get("defaults", ()))
        if "type" in spec:
            node.type = self._type(spec["type"])
        node.musts = tuple(
            Must(_expression(item), item.get("message"), item.get("app-tag"))
            for item in spec.get("musts", ())
        )
        node.whens = _whens(spec)
        node.keys = tuple(f"{{{node.namespace}}}{key}" for key in spec.get("keys", ()))
        node.unique = tuple(
            tuple(tuple(self._clark(step) for step in path) for path in paths)
            for paths in spec.get("unique", ())
        )
        self._fill(node, spec.get("children", []))
        return node

    def _clark(self, qualified: str) -> str:
        module, _, name = qualified.partition(":")
        return f"{{{self.modules[module].namespace}}}{name}"

    def _type(self, index: int) -> types.Type:
        found = self._types[index]
        if found is None:
            found = self._types[index] = self._make_type(self._type_specs[index])
        return found

    def _make_type(self, spec: Mapping[str, Any]) -> types.Type:
        base = spec["base"]
        if base in types.INTEGERS:
            return types.Integer(base, spec)
        if base == "union":
            return types.Union(spec, [self._type(index) for index in spec["members"]])
        if base == "leafref":
            return types.LeafRef(spec, self._type(spec["target"]))
        if base == "identityref":
            return types.IdentityRef(spec, self.identities)
        if base == "instance-identifier":
            return types.InstanceIdentifier(spec, self._instance_identifier)
        if types.NODE_INSTANCE in spec.get("typedefs", ()):
            return types.NodeInstanceIdentifier(spec, self._node_instance_identifier)
        return types.SIMPLE[base](spec)

    def _node_instance_identifier(self, text: str, resolve: types.Resolve | None) -> str:
        return instance.normalise(self.modules, text, resolve, many=True)

    def _instance_identifier(self, text: str, resolve: types.Resolve | None) -> str:
        return instance.normalise(self.modules, text, resolve)

    def node(self, path: str) -> SchemaNode:
        """A data node by names from the root, "smcroute/mroute/interface".

        A name may be qualified by its module's name, "module:name". KeyError if none.
        """
        node = self.root
        for step in path.strip("/").split("/"):
            module, _, name = step.rpartition(":")
            node = node.children[self._clark(step)] if module else node.child(name)
        return node


def _expression(spec: Mapping[str, Any]) -> Expression:
    return Expression(spec["xpath"], spec.get("source", spec["xpath"]))


def _whens(spec: Mapping[str, Any]) -> tuple[When, ...]:
    return tuple(
        When(_expression(item), item.get("on-parent", False)) for item in spec.get("whens", ())
    )


def load(source: Path) -> Schema:
    """The schema of a compiled file; ValueError when its format is another release's."""
    return Schema(json.loads(source.read_text(encoding="utf-8")))


@functools.cache
def packaged() -> Schema:
    """The schema that the agent serves."""
    return load(Path(__file__).with_name("compiled") / "smcroute.json")
