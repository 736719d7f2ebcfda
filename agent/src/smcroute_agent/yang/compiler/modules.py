"""Which modules are compiled, and what is known of each as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pyang import error as pyang_error
from pyang.context import Context
from pyang.repository import FileRepository

from ..schema import FORMAT, Schema
from ..value_problem import ValueProblem
from .nodes import NodeCompiler
from .statements import CompileError, Document, Stmt, left_out


class Served(NamedTuple):
    """A module that the agent implements, and which of its features; None is all.

    protocol: it describes the protocol's own operations, which netconf/operations reads by
    itself: its nodes are no part of the schema that data is read against.
    """

    name: str
    features: tuple[str, ...] | None = None
    protocol: bool = False


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
    compiler = NodeCompiler(modules)
    own = directories[0]
    protocol = {item.name for item in served if item.protocol}
    tops = [modules[name] for name in sorted(implemented - protocol, key=_order(served))]
    document: Document = {
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
    _refuse_unread_defaults(Schema(document))
    return document


def _refuse_unread_defaults(schema: Schema) -> None:
    """Of defaults in a notation of modules not all are translated: a number of a union in
    hexadecimal, an instance-identifier with a prefix."""
    for top in (schema.root, *schema.rpcs.values(), *schema.notifications.values()):
        for node in top.descendants():
            try:
                tuple(node.defaults)
            except ValueProblem as problem:
                raise CompileError(f"{node.path()}: the default: {problem}") from None


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
        if not left_out(identity)
    }
