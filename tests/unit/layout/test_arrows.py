"""Imports point one way: no cycles, and no arrow that is not drawn here."""

from __future__ import annotations

import graphlib
import sys
from collections import defaultdict

import pytest

from tests.unit.layout.imports import TREES, imports, modules

MODULES = modules()
IMPORTS = imports(MODULES)

PROGRAM = "__init__"
"""smcroute_agent itself: its version."""

ARROWS = {
    # What everything may stand on
    "errors": "",
    "rules": "",
    "syslog": "",
    "journal": "",
    "log": "syslog",
    "channel": "errors",
    "privileges": "errors",
    "replacing": "journal",
    "child_options": "",
    "confinement": "log",
    # Data, and who may do what with it
    "yang": "errors",
    "datastore": "errors yang",
    "nacm": "errors yang",
    "accounts": "errors yang",
    "model": "errors rules yang",
    "users": "nacm",
    # What faces a person or a network
    "netconf": "accounts datastore errors nacm users yang",
    "compat": "errors log rules users",
    "ctl": "compat errors " + PROGRAM,
    # The processes
    "engine": "channel child_options confinement errors log privileges rules",
    "agent": "accounts channel child_options compat confinement datastore engine errors log model"
    " nacm netconf privileges replacing rules users yang " + PROGRAM,
    "supervisor": "channel errors journal log privileges replacing " + PROGRAM,
    "daemon": "agent errors log privileges supervisor",
    PROGRAM: "",
}
"""What each part of the agent's package imports of the others."""

OTHERS = {
    "lxml": ("datastore.pending", "netconf", "yang"),
    "asyncssh": ("netconf.transports",),
    "pyang": ("yang.compile", "yang.compiler"),
}
"""Which parts use packages that are not of the standard library."""


def part(module: str) -> str:
    """The part of the agent's package that a module of it belongs to."""
    return [*module.split("."), PROGRAM][1]


def test_there_are_no_cycles() -> None:
    ours = {name: wanted & MODULES.keys() for name, wanted in IMPORTS.items()}
    order = list(graphlib.TopologicalSorter(ours).static_order())
    assert len(order) == len(MODULES)


def test_arrows_of_the_agents_package() -> None:
    drawn = defaultdict(set)
    for name, wanted in IMPORTS.items():
        if name.startswith("smcroute_agent"):
            drawn[part(name)] |= {part(one) for one in wanted if one in MODULES} - {part(name)}
    assert drawn == {name: set(others.split()) for name, others in ARROWS.items()}


def test_packages_of_others() -> None:
    for name, wanted in IMPORTS.items():
        if name.startswith("smcroute_agent"):
            for other in {one.partition(".")[0] for one in wanted - MODULES.keys()}:
                places = [f"smcroute_agent.{place}." for place in OTHERS.get(other, ())]
                known = other in sys.stdlib_module_names or f"{name}.".startswith(tuple(places))
                assert known, f"{name} imports {other}"


@pytest.mark.parametrize(
    ("tree", "others"),
    [
        ("smcroute_agent", "lab bench tests ansible_collections"),
        ("ansible_collections", "smcroute_agent lab bench tests"),
        ("lab", "bench tests"),
        ("bench", "tests"),
    ],
)
def test_trees_that_do_not_know_each_other(tree: str, others: str) -> None:
    for name, wanted in IMPORTS.items():
        if name.startswith(tree):
            assert not {one.partition(".")[0] for one in wanted} & set(others.split()), name


@pytest.mark.parametrize("tree", TREES)
def test_every_tree_is_found(tree: str) -> None:
    assert any(name.startswith(f"{tree}.") for name in MODULES)
