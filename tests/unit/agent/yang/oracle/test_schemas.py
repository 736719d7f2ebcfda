"""What our compiler makes of the modules is what libyang makes of them, node by node."""

from __future__ import annotations

from typing import Any

import pytest

from smcroute_agent.yang.schema import SchemaNode

from .models import MODELS, Model
from .worker import Oracle

DATA = frozenset(("container", "list", "leaf", "leaf-list", "anydata", "anyxml"))


def said_of(node: SchemaNode) -> dict[str, Any]:
    """What there is to say of a node, in the worker's words."""
    said: dict[str, Any] = {
        "kind": node.kind,
        "config": node.config,
        "mandatory": node.mandatory or node.min_elements > 0,
    }
    if node.kind == "list":
        said["keys"] = [node.children[key].name for key in node.keys]
    if node.kind in ("list", "leaf-list"):
        said["ordered-by-user"] = node.ordered_by_user
    if node.type is not None:
        said["base"] = node.type.base
    if node.kind == "container":
        said["presence"] = node.presence
        said["mandatory"] = False
    return said


def nodes_of(model: Model) -> dict[str, Any]:
    """All data nodes by their paths."""
    names = {item.name for item in model.served}
    found = {}
    for top in model.schema.root.children.values():
        for node in top.descendants() if top.module.name in names else ():
            if node.kind in DATA:
                found[_path(node)] = said_of(node)
    return found


def _path(node: SchemaNode) -> str:
    above = _path(node.parent) if node.parent and node.parent.kind != "root" else ""
    return f"{above}/{node.module.name}:{node.name}"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_nodes(model: Model) -> None:
    with Oracle("libyang", model) as oracle:
        answer = oracle.ask(schema=[item.name for item in model.served])
    theirs = answer.nodes
    assert theirs
    mine = nodes_of(model)
    assert mine.keys() == theirs.keys()
    for path, said in mine.items():
        assert said == theirs[path], path


def test_names_of_a_path_are_of_their_modules() -> None:
    """cage has a size of its own, and one that the augment adds."""
    (model,) = (model for model in MODELS if model.name == "augmented")
    measured = model.schema.node("augmented:cage/augmenting:measured").type
    assert measured is not None
    assert measured.parse("20") == "20"
