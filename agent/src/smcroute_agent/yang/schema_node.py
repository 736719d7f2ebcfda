"""What a schema is made of: modules, nodes, choices, and the expressions on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from . import types

Kind = str
"""root, container, list, leaf, leaf-list, anydata, anyxml, rpc, action, input, output or
notification; choices and cases are no nodes of the data (see `Choice`)."""


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
        "repeats",
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
        self.repeats = False
        """Whether values of a leaf-list may be equal: in all but configuration, in messages too
        (RFC 7950, section 7.7)."""
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

    @property
    def implied(self) -> bool:
        """Whether it may be in the accessible tree without being in the data (RFC 7950, section
        6.4.1): it has a default, or is a container without presence."""
        return bool(self._spec_defaults) or (self.kind == "container" and not self.presence)

    def all_choices(self) -> Iterator[Choice]:
        """The choices of a node, and those in their cases."""
        found = [*self.choices]
        for choice in found:
            yield choice
            for case in choice.cases.values():
                found += case.choices

    def descendants(self) -> Iterator[SchemaNode]:
        """The node and all below it."""
        yield self
        for node in self.children.values():
            yield from node.descendants()
