"""Origins, and configuration apart from state, on data of several shapes."""

from __future__ import annotations

import pytest

from smcroute_agent.yang.config_filter import of_config
from smcroute_agent.yang.data import Container
from smcroute_agent.yang.defaults import in_use, marked
from smcroute_agent.yang.origin import DEFAULT, INTENDED, SYSTEM, annotated, of_origin
from smcroute_agent.yang.schema import Schema
from smcroute_agent.yang.serialize import to_xml

from .conftest import Load

RULES = "xmlns='urn:zoo:rules'"
CONFIGURED = (
    f"<limits {RULES}><server><name>a</name></server><server><name>b</name>"
    "<address><port>1</port></address></server></limits>"
)
PRESENT = f"<order {RULES}><present/></order>"
STATE = f"<state {RULES}><seen>x</seen><event><text>y</text></event></state>"


def shown(tree: Container) -> str:
    rules = [node for node in tree.children.values() if node.schema.module.name == "zoo-rules"]
    kept = Container(tree.schema, {node.schema.qname: node for node in rules})
    return to_xml(kept).decode().replace('"', "'")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [(True, CONFIGURED + PRESENT), (False, STATE)],
)
def test_configuration_and_state(load: Load, wanted: bool, expected: str) -> None:
    tree = load(CONFIGURED + PRESENT + STATE, state=True)
    assert shown(of_config(tree, wanted)) == expected


@pytest.mark.parametrize(
    ("origins", "expected"),
    [
        ((INTENDED,), CONFIGURED + PRESENT + STATE),
        ((), STATE),
        ((SYSTEM,), STATE),
    ],
)
def test_origins_of_what_was_set(load: Load, origins: tuple[str, ...], expected: str) -> None:
    tree = load(CONFIGURED + PRESENT + STATE, state=True)
    assert shown(of_origin(tree, origins.__contains__)) == expected


def test_defaults_have_their_own(zoo: Schema, load: Load) -> None:
    tree = in_use(zoo, load(CONFIGURED), marked(""))
    found = shown(of_origin(tree, DEFAULT.__eq__))
    assert found.startswith(
        f"<limits {RULES}><server><name>a</name><address><port>80</port></address></server>"
        f"</limits><musts {RULES}><low>1</low></musts>"
    )
    assert shown(of_origin(tree, INTENDED.__eq__)) == CONFIGURED
    assert shown(of_origin(tree, SYSTEM.__eq__)) == ""


def test_the_top_says_its_origin(load: Load) -> None:
    tree = load(PRESENT + STATE, state=True)
    text = shown(annotated(tree, tree))
    assert (
        text
        == PRESENT.replace(
            "<order xmlns='urn:zoo:rules'>",
            "<order xmlns='urn:zoo:rules' xmlns:or='urn:ietf:params:xml:ns:yang:ietf-origin'"
            " or:origin='or:intended'>",
        )
        + STATE
    )
