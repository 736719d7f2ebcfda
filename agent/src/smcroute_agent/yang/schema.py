"""The schema that data is read against: what pyang made of the modules, in one JSON file."""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, NamedTuple

from . import instance, types

FORMAT = 1
"""The version of the compiled form; compile.py writes it, load() insists on it."""

Kind = str
"""root, container, list, leaf, leaf-list, anydata, anyxml, rpc, action, input, output or
notification; choices and cases are no nodes of the data (see `Choice`)."""


ATTACHED = frozenset(("action", "notification"))
"""Kinds that stand among the data without being data."""


class Module(NamedTuple):
    """A module of the schema.

    implemented: its data nodes, RPCs and notifications are served; otherwise only its
    types, groupings and identities are used. text: of a module that pyang does not carry.
    """

    name: str
    revision: str
    namespace: str
    prefix: str
    features: tuple[str, ...]
    implemented: bool
    deviations: tuple[str, ...]
    text: str | None
    yang_version: str = "1"


class Expression(NamedTuple):
    """An XPath expression whose names all carry the name of their module for a prefix."""

    xpath: str
    source: str


class Must(NamedTuple):
    """A must statement."""

    expression: Expression
    message: str | None
    app_tag: str | None


class When(NamedTuple):
    """A when statement; on_parent: its context is the parent (uses, augment, choice, case)."""

    expression: Expression
    on_parent: bool


class Case:
    """A case of a choice: the data nodes and choices that stand in it."""

    __slots__ = ("choice", "choices", "name", "nodes")

    def __init__(self, name: str, choice: Choice) -> None:
        self.name = name
        self.choice = choice
        self.nodes: list[SchemaNode] = []
        self.choices: list[Choice] = []


class Choice:
    """A choice: at most one of its cases is in the data (RFC 7950, section 7.9)."""

    __slots__ = ("case", "cases", "default", "mandatory", "module", "name", "whens")

    def __init__(self, name: str, module: Module, case: Case | None) -> None:
        self.name = name
        self.module = module
        self.case = case
        """The case of an outer choice that this one stands in."""
        self.cases: dict[str, Case] = {}
        self.default: str | None = None
        self.mandatory = False
        self.whens: tuple[When, ...] = ()


class SchemaNode:
    """A node of the schema tree that data can be an instance of.

    qname: Clark notation, "{namespace}name". children: by qname, keys of a list first,
    then in the order of the model; the nodes of all cases are among them. keys: the qnames
    of a list's key leaves. unique: for each unique statement, paths of qnames below the
    entry. defaults: canonical values. min_elements, max_elements: None is no limit.
    """

    __slots__ = (
        "_spec_defaults",
        "attached",
        "case",
        "children",
        "choices",
        "config",
        "default_deny",
        "derived",
        "interned",
        "is_key",
        "keys",
        "kind",
        "mandatory",
        "max_elements",
        "min_elements",
        "module",
        "module_table",
        "musts",
        "name",
        "namespace",
        "ordered_by_user",
        "parent",
        "prefix",
        "presence",
        "qname",
        "step",
        "type",
        "unique",
        "units",
        "whens",
    )

    def __init__(self, kind: Kind, name: str, module: Module, parent: SchemaNode | None) -> None:
        self.kind = kind
        self.name = name
        self.module = module
        self.module_table: Mapping[str, Module] = parent.module_table if parent else {}
        """The modules of the schema by name."""
        self.namespace = module.namespace
        self.prefix = module.prefix
        self.qname = f"{{{module.namespace}}}{name}"
        self.step = f"/{module.prefix}:{name}"
        self.parent = parent
        self.config = True
        self.children: dict[str, SchemaNode] = {}
        self.attached: dict[str, SchemaNode] = {}
        """The actions and notifications of a container or list."""
        self.choices: list[Choice] = []
        self.case: Case | None = None
        self.keys: tuple[str, ...] = ()
        self.is_key = False
        self.type: types.Type | None = None
        self._spec_defaults: tuple[str, ...] = ()
        self.mandatory = False
        self.presence = False
        self.min_elements = 0
        self.max_elements: int | None = None
        self.ordered_by_user = False
        self.unique: tuple[tuple[tuple[str, ...], ...], ...] = ()
        self.musts: tuple[Must, ...] = ()
        self.whens: tuple[When, ...] = ()
        self.units: str | None = None
        self.default_deny: str | None = None
        """"all" or "write": nacm:default-deny-all, nacm:default-deny-write (RFC 8341)."""
        self.interned: dict[str | None, Any] = {}
        """Leaves by the text that they were read from (parse.py): repeated values cost a
        look-up."""
        self.derived: dict[str, Any] = {}
        """What other modules of this package derive from the node, by their names."""

    def __repr__(self) -> str:
        return f"<{self.kind} {self.path()}>"

    @property
    def defaults(self) -> tuple[str, ...]:
        """The default of a leaf (one) or leaf-list (any number), in canonical form."""
        if not self._spec_defaults:
            return ()
        found: tuple[str, ...] | None = self.derived.get("defaults")
        if found is None:
            assert self.type is not None
            found = tuple(self.type.parse(text) for text in self._spec_defaults)
            self.derived["defaults"] = found
        return found

    @property
    def default(self) -> str | None:
        """The default of a leaf."""
        defaults = self.defaults
        return defaults[0] if defaults else None

    def path(self) -> str:
        """The schema path, "/smc:smcroute/smc:mroute"."""
        above = self.parent.path() if self.parent and self.parent.kind != "root" else ""
        return above + self.step

    def child(self, name: str) -> SchemaNode:
        """A child by its name alone, in the node's own namespace first; KeyError if none."""
        own = self.children.get(f"{{{self.namespace}}}{name}")
        if own is not None:
            return own
        for node in self.children.values():
            if node.name == name:
                return node
        raise KeyError(name)

    def descendants(self) -> Iterator[SchemaNode]:
        """The node and all below it."""
        yield self
        for node in self.children.values():
            yield from node.descendants()


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


def load(source: Path | Traversable) -> Schema:
    """The schema of a compiled file; ValueError when its format is another release's."""
    return Schema(json.loads(source.read_text(encoding="utf-8")))


@functools.cache
def packaged() -> Schema:
    """The schema that the agent serves."""
    return load(importlib.resources.files(__package__) / "compiled" / "smcroute.json")
