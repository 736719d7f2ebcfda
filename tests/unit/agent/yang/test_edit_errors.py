"""edit-config: what is refused, and that nothing has changed then."""

from __future__ import annotations

import pytest

from smcroute_agent.errors import DataError
from smcroute_agent.yang.data import empty
from smcroute_agent.yang.schema import Schema

from .conftest import Load
from .order import BEFORE, ORDER, apply

ERRORS = [
    # content, default operation, tag, path below /r:order, app-tag
    (
        "<user nc:operation='create'><name>a</name></user>",
        "merge",
        "data-exists",
        "/r:user[r:name='a']",
    ),
    (
        "<user nc:operation='delete'><name>z</name></user>",
        "merge",
        "data-missing",
        "/r:user[r:name='z']",
    ),
    ("<user><name>z</name><value>1</value></user>", "none", "data-missing", "/r:user[r:name='z']"),
    (
        "<default-one nc:operation='create'>x</default-one>",
        "merge",
        "data-exists",
        "/r:default-one",
    ),
    ("<present nc:operation='delete'/>", "merge", "data-missing", "/r:present"),
    ("<present/>", "none", "data-missing", "/r:present"),
    ("<word nc:operation='create'>x</word>", "merge", "data-exists", "/r:word[.='x']"),
    ("<word nc:operation='delete'>q</word>", "merge", "data-missing", "/r:word[.='q']"),
    ("<word>q</word>", "none", "data-missing", "/r:word[.='q']"),
    ("<word nc:operation='destroy'>q</word>", "merge", "bad-attribute", "/r:word"),
    ("<word operation='delete'>q</word>", "merge", "unknown-attribute", "/r:word"),
    ("<word nc:other='1'>q</word>", "merge", "unknown-attribute", "/r:word"),
    ("<system yang:insert='first'>q</system>", "merge", "unknown-attribute", "/r:system"),
    ("<word yang:key='x' yang:insert='first'>q</word>", "merge", "unknown-attribute", "/r:word"),
    ("<word yang:insert='middle'>q</word>", "merge", "bad-attribute", "/r:word"),
    ("<word yang:insert='after'>q</word>", "merge", "missing-attribute", "/r:word"),
    (
        "<word yang:insert='after' yang:value='n'>q</word>",
        "merge",
        "bad-attribute",
        "/r:word[.='q']",
    ),
    (
        "<user yang:insert='after' yang:key=\"[name='n']\"><name>q</name></user>",
        "merge",
        "bad-attribute",
        "/r:user[r:name='q']",
    ),
    (
        "<user yang:insert='after' yang:key=\"name='a'\"><name>q</name></user>",
        "merge",
        "bad-attribute",
        "/r:user[r:name='q']",
    ),
    ("<word>q</word><word>q</word>", "merge", "bad-element", "/r:word[.='q']"),
    (
        "<user><name>q</name></user><user nc:operation='remove'><name>q</name></user>",
        "merge",
        "bad-element",
        "/r:user[r:name='q']",
    ),
    (
        "<default-one>q</default-one><default-one>q</default-one>",
        "merge",
        "bad-element",
        "/r:default-one",
    ),
    ("<user><value>q</value></user>", "merge", "missing-element", "/r:user"),
    (
        "<user><name nc:operation='delete'>a</name></user>",
        "merge",
        "bad-attribute",
        "/r:user[r:name='a']/r:name",
    ),
    (
        "<user><name nc:operation='create'>a</name></user>",
        "merge",
        "data-exists",
        "/r:user[r:name='a']/r:name",
    ),
    ("<user><name>a</name><nonsense/></user>", "merge", "unknown-element", "/r:user[r:name='a']"),
    (
        "<user nc:operation='delete'><name>a</name><nonsense/></user>",
        "merge",
        "unknown-element",
        "",
    ),
    ("<user><name>a</name>stray</user>", "merge", "bad-element", "/r:user[r:name='a']"),
    (
        "<outer><inner><leaf nc:operation='delete'/></inner></outer>",
        "merge",
        "data-missing",
        "/r:outer/r:inner/r:leaf",
    ),
    ("<pair><a>x</a><b>x</b></pair>", "merge", "invalid-value", "/r:pair[r:a='x']/r:b"),
    (
        "<outer nc:operation='replace'><inner nc:operation='delete'/></outer>",
        "merge",
        "data-missing",
        "/r:outer/r:inner",
    ),
]


@pytest.mark.parametrize(("content", "default", "tag", "path"), ERRORS)
def test_errors(zoo: Schema, load: Load, content: str, default: str, tag: str, path: str) -> None:
    before = load(BEFORE)
    with pytest.raises(DataError) as caught:
        apply(zoo, before, ORDER.format(content), default)
    assert (caught.value.tag, caught.value.path) == (tag, "/r:order" + path)
    assert before == load(BEFORE)


def test_a_missing_anchor_has_its_app_tag(zoo: Schema, load: Load) -> None:
    with pytest.raises(DataError) as caught:
        apply(zoo, load(BEFORE), ORDER.format("<word yang:insert='after' yang:value='n'>q</word>"))
    assert caught.value.app_tag == "missing-instance"


def test_unknown_default_operation(zoo: Schema) -> None:
    with pytest.raises(ValueError, match="default operation"):
        apply(zoo, empty(zoo), "", "create")
