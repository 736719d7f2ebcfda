"""Compiles YANG modules to the JSON that schema.py loads; pyang does the hard part.

    python -m smcroute_agent.yang.compile [--check]

is run at build time (`make schema`); the agent itself never imports pyang.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pyang import error as pyang_error
from pyang import statements
from pyang.context import Context
from pyang.repository import FileRepository

from .compile_types import TypeTable, xpath
from .schema import FORMAT
from .source import modules_directory

Stmt = Any
"""A pyang statement, with pyang's own attributes i_*."""

Document = dict[str, Any]


class Served(NamedTuple):
    """A module that the agent implements, and which of its features; None is all.

    protocol: it describes the protocol's own operations, which netconf/operations reads by
    itself: its nodes are no part of the schema that data is read against.
    """

    name: str
    features: tuple[str, ...] | None = None
    protocol: bool = False


SERVED = (
    Served("smcroute"),
    Served("smcroute-netconf-transport"),
    Served("ietf-netconf-monitoring"),
    Served("ietf-yang-library"),
    Served("ietf-datastores"),
    Served("notifications"),
    Served("nc-notifications"),
    Served("ietf-netconf-notifications"),
    Served("ietf-netconf-acm"),
    Served("ietf-system", ("authentication", "local-users")),
    Served(
        "ietf-netconf",
        (
            *("writable-running", "candidate", "confirmed-commit", "rollback-on-error"),
            *("validate", "startup", "xpath"),
        ),
        protocol=True,
    ),
    Served("ietf-netconf-with-defaults", protocol=True),
    Served("ietf-origin"),
    Served("ietf-netconf-nmda", protocol=True),
)
"""What the agent serves; a further module (ietf-netconf-acm, say) is one more line.

Modules that these import are compiled too, for their types and identities."""

DEVIATIONS: tuple[str, ...] = ("smcroute-system-deviations",)
"""Modules with deviations of the above."""

NACM = "ietf-netconf-acm"
"""The module whose extensions say what is denied unless a rule permits it (RFC 8341)."""

OWN_MODULES = Path(__file__).parents[4] / "yang"
COMPILED = Path(__file__).parent / "compiled" / "smcroute.json"


class CompileError(Exception):
    """The modules are wrong or use what this library does not support."""


def compile_modules(
    served: Sequence[Served], directories: Sequence[Path], deviations: Sequence[str] = ()
) -> Document:
    """The compiled form of modules found in `directories`, the first one's text embedded.

    Modules of the first directory are our own: get-schema needs their text, which no
    package carries.  Raises CompileError with every message of pyang, or what
    this library does not support.
    """
    try:
        return _compiled(served, directories, deviations)
    except ValueError as error:
        raise CompileError(str(error)) from None


def _compiled(
    served: Sequence[Served], directories: Sequence[Path], deviations: Sequence[str]
) -> Document:
    context = _context(served, directories, deviations)
    modules: dict[str, Stmt] = {
        module.arg: module
        for module in context.modules.values()
        if module is not None and module.keyword == "module"
    }
    implemented = {item.name for item in served} | set(deviations)
    _refuse_unserved_targets(modules, implemented)
    compiler = _Compiler(modules)
    own = directories[0]
    protocol = {item.name for item in served if item.protocol}
    tops = [modules[name] for name in sorted(implemented - protocol, key=_order(served))]
    return {
        "format": FORMAT,
        "modules": [
            _module(
                modules[name],
                name in implemented,
                own,
                context,
                _deviating(modules, deviations, name),
            )
            for name in sorted(modules)
        ],
        "identities": _identities(modules[name] for name in implemented),
        "data": [node for top in tops for node in compiler.children(top, compiler.is_data)],
        "rpcs": [node for top in tops for node in compiler.children(top, compiler.is_rpc)],
        "notifications": [
            node for top in tops for node in compiler.children(top, compiler.is_notification)
        ],
        "types": compiler.types.specs,
    }


def _order(served: Sequence[Served]) -> Any:
    names = [item.name for item in served]
    return lambda name: (names.index(name) if name in names else len(names), name)


def _context(
    served: Sequence[Served], directories: Sequence[Path], deviations: Sequence[str]
) -> Context:
    path = ":".join(str(directory) for directory in directories)
    context = Context(FileRepository(path, use_env=False))
    context.strict = True
    context.deviation_modules = list(deviations)
    for item in served:
        if item.features is not None:
            context.features[item.name] = list(item.features)
    for name in [item.name for item in served] + list(deviations):
        module = context.search_module(None, name)
        if module is None:
            raise CompileError(f"module {name} is not found in {path}")
        module.i_is_primary_module = True
    context.validate()
    for module in list(context.modules.values()):
        if module is not None:
            module.prune()
    problems = [
        f"{position.label()}: {pyang_error.err_to_str(tag, arguments)}"
        for position, tag, arguments in context.errors
        if pyang_error.is_error(pyang_error.err_level(tag))
    ]
    if problems:
        raise CompileError("\n".join(problems))
    return context


def _refuse_unserved_targets(modules: Mapping[str, Stmt], implemented: Iterable[str]) -> None:
    """Whoever implements an augment or deviation implements its target (RFC 7950, 5.6.5)."""
    for name in implemented:
        for statement in [*modules[name].search("augment"), *modules[name].search("deviation")]:
            target = _target_module(statement)
            if target not in implemented:
                raise CompileError(
                    f"{statement.pos}: module {name} changes {target}, which must be served too"
                )


def _target_module(statement: Stmt) -> str:
    """The module at the root of an augment's or deviation's path."""
    prefix = statement.arg.strip().lstrip("/").partition("/")[0].rpartition(":")[0]
    module = statement.i_orig_module
    if not prefix:
        return str(statement.main_module().arg)
    return str(module.i_prefixes[prefix][0])


def _module(
    module: Stmt, implemented: bool, own: Path, context: Context, deviations: Sequence[str]
) -> Document:
    revision = module.search_one("revision")
    name = module.arg
    supported = [
        feature
        for feature in module.i_features
        if name not in context.features or feature in context.features[name]
    ]
    item: Document = {
        "name": name,
        "revision": revision.arg if revision is not None else "",
        "namespace": module.search_one("namespace").arg,
        "prefix": module.search_one("prefix").arg,
        "implemented": implemented,
    }
    version = module.search_one("yang-version")
    if version is not None and version.arg != "1":
        item["yang-version"] = version.arg
    if implemented and supported:
        item["features"] = sorted(supported)
    if deviations:
        item["deviations"] = list(deviations)
    source = own / f"{name}.yang"
    if source.exists():
        item["text"] = source.read_text(encoding="utf-8")
    return item


def _deviating(modules: Mapping[str, Stmt], deviations: Sequence[str], name: str) -> list[str]:
    """The modules that deviate from the module `name`."""
    return [
        other
        for other in deviations
        if any(_target_module(item) == name for item in modules[other].search("deviation"))
    ]


def _identities(modules: Iterable[Stmt]) -> dict[str, list[str]]:
    """Each identity of the implemented modules (only these are values: RFC 7950, 9.10.2)
    with all that it is derived from, and itself."""

    def ancestors(identity: Stmt) -> set[str]:
        found = {f"{identity.main_module().arg}:{identity.arg}"}
        for base in identity.search("base"):
            if base.i_identity is not None:
                found |= ancestors(base.i_identity)
        return found

    return {
        f"{module.arg}:{name}": sorted(ancestors(identity))
        for module in sorted(modules, key=lambda module: module.arg)
        for name, identity in sorted(module.i_identities.items())
    }


class _Compiler:
    """Statements to nodes; the types are collected in one table."""

    def __init__(self, modules: Mapping[str, Stmt]) -> None:
        self.types = TypeTable()
        self.modules = modules

    @staticmethod
    def is_data(statement: Stmt) -> bool:
        return statement.keyword in statements.data_definition_keywords

    @staticmethod
    def is_rpc(statement: Stmt) -> bool:
        return bool(statement.keyword == "rpc")

    @staticmethod
    def is_notification(statement: Stmt) -> bool:
        return bool(statement.keyword == "notification")

    def children(self, parent: Stmt, wanted: Any = None) -> list[Document]:
        return [
            self.node(child)
            for child in parent.i_children
            if child.keyword in KINDS and (wanted is None or wanted(child))
        ]

    def node(self, statement: Stmt) -> Document:
        parent = statement.parent
        item: Document = {"kind": statement.keyword, "name": statement.arg}
        module = statement.main_module().arg
        above = parent
        while above.keyword in ("choice", "case"):
            above = above.parent
        if above.keyword in ("module", "submodule") or above.main_module().arg != module:
            item["module"] = module
        config = getattr(statement, "i_config", None)
        if config is False and getattr(above, "i_config", True) is not False:
            item["config"] = False
        whens = self.whens(statement)
        if whens:
            item["whens"] = whens
        musts = [self.must(statement, must) for must in statement.search("must")]
        if musts:
            item["musts"] = musts
        if self.flag(statement, "mandatory"):
            item["mandatory"] = True
        for extent in ("all", "write"):
            if statement.search_one((NACM, f"default-deny-{extent}")) is not None:
                item["default-deny"] = extent
        self.special(statement, item)
        if statement.keyword == "choice":
            item["cases"] = [self.case(case) for case in statement.i_children]
            for case in item["cases"]:
                _add_whens(case["nodes"], whens)
        elif getattr(statement, "i_children", None):
            item["children"] = self.children(statement)
        return item

    def special(self, statement: Stmt, item: Document) -> None:
        """What only some kinds have."""
        kind = statement.keyword
        if kind in ("leaf", "leaf-list"):
            item["type"] = self.types.index(statement, statement.search_one("type"))
            defaults = self.types.defaults(statement)
            if defaults:
                item["defaults"] = defaults
            units = self.types.units(statement)
            if units:
                item["units"] = units
        if kind in ("list", "leaf-list"):
            for name, ignored in (("min-elements", "0"), ("max-elements", "unbounded")):
                found = statement.search_one(name)
                if found is not None and found.arg != ignored:
                    item[name] = int(found.arg)
            ordered = statement.search_one("ordered-by")
            if ordered is not None and ordered.arg == "user" and statement.i_config:
                item["ordered-by-user"] = True
        if kind == "list":
            if statement.i_key:
                item["keys"] = [key.arg for key in statement.i_key]
            unique = [self.unique(statement, found) for found in statement.search("unique")]
            if unique:
                item["unique"] = unique
        if kind == "container" and statement.search_one("presence") is not None:
            item["presence"] = True
        if kind == "choice":
            default = statement.search_one("default")
            if default is not None:
                item["default"] = default.arg.rpartition(":")[2]

    def case(self, statement: Stmt) -> Document:
        nodes = self.children(statement)
        _add_whens(nodes, self.whens(statement))
        return {"name": statement.arg, "nodes": nodes}

    @staticmethod
    def flag(statement: Stmt, name: str) -> bool:
        found = statement.search_one(name)
        return found is not None and found.arg == "true"

    def whens(self, statement: Stmt) -> list[Document]:
        """The conditions of a node, with those of the uses and augments that brought it."""
        found = [
            self.when(
                statement,
                when,
                on_parent=getattr(when, "i_origin", None) == "uses"
                or statement.keyword in ("choice", "case"),
            )
            for when in statement.search("when")
        ]
        augment = getattr(statement, "i_augment", None)
        if augment is not None:
            found += [self.when(statement, when, on_parent=True) for when in augment.search("when")]
        return found

    def when(self, statement: Stmt, when: Stmt, on_parent: bool) -> Document:
        item = xpath(statement, when)
        if on_parent:
            item["on-parent"] = True
        return item

    def must(self, statement: Stmt, must: Stmt) -> Document:
        item = xpath(statement, must)
        for name, key in (("error-message", "message"), ("error-app-tag", "app-tag")):
            found = must.search_one(name)
            if found is not None:
                item[key] = " ".join(found.arg.split())
        return item

    def unique(self, statement: Stmt, unique: Stmt) -> list[list[str]]:
        """The paths of a unique statement, each step "module:name"."""
        paths = []
        for path in unique.arg.split():
            node, steps = statement, []
            for step in path.split("/"):
                name = step.rpartition(":")[2]
                node = _data_child(node, name)
                if node is None:
                    raise CompileError(f"{unique.pos}: unique path {path!r} leads nowhere")
                steps.append(f"{node.main_module().arg}:{name}")
            paths.append(steps)
        return paths


KINDS = frozenset(
    (
        *("container", "list", "leaf", "leaf-list", "anydata", "anyxml", "choice"),
        *("rpc", "action", "input", "output", "notification"),
    )
)


def _add_whens(nodes: Iterable[Document], whens: list[Document]) -> None:
    """Give the conditions of a choice or case to what is in it, inner choices included."""
    if not whens:
        return
    for node in nodes:
        node["whens"] = [*whens, *node.get("whens", [])]
        for case in node.get("cases", ()):
            _add_whens(case["nodes"], whens)


def _data_child(statement: Stmt, name: str) -> Stmt | None:
    """A data child by name, through choices and cases."""
    for child in statement.i_children:
        if child.keyword in ("choice", "case"):
            found = _data_child(child, name)
            if found is not None:
                return found
        elif child.arg == name:
            return child
    return None


def render(document: Document) -> str:
    """The compiled form as text, one line a node or so, for readable differences."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def compile_served() -> Document:
    """The compiled form of what the agent serves."""
    directories = [OWN_MODULES, *modules_directory()]
    return compile_modules(SERVED, directories, DEVIATIONS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the compiled schema, or with --check only say whether it is fresh."""
    parser = argparse.ArgumentParser(description="compile yang/ for the agent")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 if stale")
    options = parser.parse_args(arguments)
    try:
        text = render(compile_served())
    except CompileError as error:
        print(error, file=sys.stderr)
        return 1
    if options.check:
        return 0 if COMPILED.exists() and COMPILED.read_text(encoding="utf-8") == text else 1
    COMPILED.parent.mkdir(exist_ok=True)
    COMPILED.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
