"""Data nodes, RPCs, actions and notifications: statements to the compiled form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pyang import statements

from .statements import CompileError, Document, Stmt, data_child, prefixes
from .types import TypeTable, xpath

NACM = "ietf-netconf-acm"
"""The module whose extensions say what is denied unless a rule permits it (RFC 8341)."""


class NodeCompiler:
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
        modules = {"": statement.main_module().arg, **prefixes(unique.i_orig_module)}
        for path in unique.arg.split():
            node, steps = statement, []
            for step in path.split("/"):
                prefix, _, name = step.rpartition(":")
                node = data_child(node, modules[prefix], name)
                if node is None:
                    raise CompileError(f"{unique.pos}: unique path {path!r} leads nowhere")
                steps.append(f"{modules[prefix]}:{name}")
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
