"""Edits that go on after mistakes: what is left out, what is told of it, and what is done."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from smcroute_agent.errors import DataError
from smcroute_agent.yang import tolerant
from smcroute_agent.yang.data import empty
from smcroute_agent.yang.edit import edit
from smcroute_agent.yang.insert import OPERATION
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.schema import Schema
from smcroute_agent.yang.serialize import to_xml
from smcroute_agent.yang.tolerant import edit_on

from .conftest import Load, config
from .oracle.documents import contents, repaired, tries
from .oracle.models import MODELS, ZOO_MODELS
from .oracle.mutations import mutated
from .oracle.verdict import reread, text_of

ORDER = "<order xmlns='urn:zoo:rules'>{}</order>"
A = "<user><name>a</name><value>1</value></user>"
B = "<user><name>b</name></user>"
BEFORE = ORDER.format(f"{A}{B}<word>x</word><default-one>d</default-one>")
REST = "<word>x</word><default-one>d</default-one>"
USER = "/r:order/r:user"

EDITS = [
    # content, default-operation, what is there afterwards, errors
    (
        "<user nc:operation='create'><name>a</name></user><user><name>c</name></user>",
        "merge",
        f"{A}{B}<user><name>c</name></user>{REST}",
        [("data-exists", f"{USER}[r:name='a']")],
    ),
    (
        "<user nc:operation='delete'><name>c</name></user>"
        "<user nc:operation='delete'><name>b</name></user>",
        "merge",
        f"{A}{REST}",
        [("data-missing", f"{USER}[r:name='c']")],
    ),
    # A wrong value is left out alone, where there is a merge.
    (
        "<user><name>b</name><value><moon/></value></user><word>y</word>",
        "merge",
        f"{A}{B}<word>x</word><word>y</word><default-one>d</default-one>",
        [("unknown-element", f"{USER}[r:name='b']/r:value")],
    ),
    (
        "<user><name>c</name><value><moon/></value></user>",
        "merge",
        f"{A}{B}<user><name>c</name></user>{REST}",
        [("unknown-element", f"{USER}[r:name='c']/r:value")],
    ),
    # What is created or replaced is so as a whole, or not at all.
    (
        "<user nc:operation='replace'><name>a</name><value><moon/></value></user>"
        "<user nc:operation='create'><name>c</name><value><moon/></value></user><word>y</word>",
        "merge",
        f"{A}{B}<word>x</word><word>y</word><default-one>d</default-one>",
        [
            ("unknown-element", f"{USER}[r:name='a']/r:value"),
            ("unknown-element", f"{USER}[r:name='c']/r:value"),
        ],
    ),
    # Without its key nobody knows which entry is meant.
    (
        "<user><value>2</value></user><user><name>a</name><value>2</value></user>",
        "merge",
        f"<user><name>a</name><value>2</value></user>{B}{REST}",
        [("missing-element", USER)],
    ),
    (
        "<moon/><user><name>a</name><moon/><value>2</value></user>",
        "merge",
        f"<user><name>a</name><value>2</value></user>{B}{REST}",
        [("unknown-element", "/r:order"), ("unknown-element", f"{USER}[r:name='a']")],
    ),
    # An entry that cannot be put at its place stays where it is, as it is.
    (
        "<user yang:insert='before' yang:key=\"[r:name='z']\" xmlns:r='urn:zoo:rules'>"
        "<name>a</name><value>2</value></user>"
        "<user yang:insert='first'><name>b</name></user>",
        "merge",
        f"{B}{A}{REST}",
        [("bad-attribute", f"{USER}[r:name='a']")],
    ),
    (
        "<word yang:insert='after' yang:value='z'>w</word><word>w</word>",
        "merge",
        f"{A}{B}{REST}",
        [("bad-attribute", "/r:order/r:word[.='w']"), ("bad-element", "/r:order/r:word[.='w']")],
    ),
    (
        "<default-one nc:operation='create'>e</default-one><default-one>f</default-one>",
        "merge",
        f"{A}{B}{REST}",
        [("data-exists", "/r:order/r:default-one"), ("bad-element", "/r:order/r:default-one")],
    ),
    (
        "<default-one nc:operation='nonsense'>e</default-one><word operation='delete'>x</word>",
        "merge",
        f"{A}{B}{REST}",
        [
            ("bad-attribute", "/r:order/r:default-one"),
            ("unknown-attribute", "/r:order/r:word"),
        ],
    ),
    # Text between elements is a mistake of what is around it.
    (
        "<user><name>a</name>text<value>2</value></user><word>y</word>",
        "merge",
        f"{A}{B}<word>x</word><word>y</word><default-one>d</default-one>",
        [("bad-element", f"{USER}[r:name='a']")],
    ),
]


@pytest.mark.parametrize(("content", "default", "wanted", "errors"), EDITS)
def test_what_fails_is_left_out(
    zoo: Schema,
    load: Load,
    content: str,
    default: str,
    wanted: str,
    errors: list[tuple[str, str]],
) -> None:
    tree = load(BEFORE)
    after, failed = edit_on(zoo, tree, config(ORDER.format(content)), default)
    assert [(error.tag, error.path) for error in failed] == errors
    assert after == load(ORDER.format(wanted))
    with pytest.raises(DataError):
        edit(zoo, tree, config(ORDER.format(content)), default)


def test_an_edit_that_is_wrong_as_a_whole_is_refused(zoo: Schema, load: Load) -> None:
    with pytest.raises(DataError):
        edit_on(zoo, load(BEFORE), config("text"))
    wrong = "<user><name>c</name></user><user><name>d</name><moon/></user>"
    with pytest.raises(DataError, match="moon"):
        edit_on(zoo, load(BEFORE), config(ORDER.format(wrong)), "replace")


def test_a_case_of_which_nothing_is_right_replaces_no_other() -> None:
    schema = next(model for model in MODELS if model.name == "choices").schema
    tree = parse(schema, reread("<plain xmlns='urn:zoo:choices'><tcp-port>3</tcp-port></plain>"))
    wrong = "<plain xmlns='urn:zoo:choices'><unix><moon/></unix></plain>"
    after, (error,) = edit_on(schema, tree, reread(wrong))
    assert error.tag == "unknown-element"
    assert after is tree


def test_only_so_many_mistakes_are_told(zoo: Schema, load: Load) -> None:
    content = "<user><name>c</name></user>" + "<moon/>" * 5000
    after, failed = edit_on(zoo, load(BEFORE), config(ORDER.format(content)))
    assert after == load(ORDER.format(f"{A}{B}<user><name>c</name></user>{REST}"))
    assert len(failed) == tolerant.MAX_TOLD + 1
    assert failed[-1].message.startswith(f"{5000 - tolerant.MAX_TOLD} more ")


def test_mistakes_are_told_up_to_a_size(zoo: Schema, load: Load) -> None:
    key = "k" * 10_000
    content = "".join(
        f"<user nc:operation='delete'><name>{key}{number}</name></user>" for number in range(200)
    )
    _, failed = edit_on(zoo, load(BEFORE), config(ORDER.format(content)))
    told = sum(len(error.message) + len(error.path or "") for error in failed)
    assert tolerant.MAX_TOLD_SIZE / 2 < told < tolerant.MAX_TOLD_SIZE + 1000
    assert "more nodes" in failed[-1].message


def with_operations(schema: Schema) -> st.SearchStrategy[Any]:
    """Documents with operations in a few elements, and mistakes."""
    documents = mutated(schema, repaired(schema, contents(schema)))

    @st.composite
    def drawn(draw: Any) -> Any:
        document = draw(documents)
        for element in document.iterdescendants(etree.Element):
            name = draw(st.sampled_from((*[None] * 6, "create", "delete", "remove", "replace")))
            if name is not None:
                element.set(OPERATION, name)
        return document

    return drawn()


@st.composite
def edits(draw: Any) -> tuple[Schema, Any, Any, str]:
    """A schema, a document of it, an edit of that and its default-operation."""
    schema = draw(st.sampled_from(ZOO_MODELS)).schema
    before, change = draw(repaired(schema, contents(schema))), draw(with_operations(schema))
    return schema, before, change, draw(st.sampled_from(("merge", "merge", "none", "replace")))


@pytest.mark.fuzz
def test_without_a_mistake_it_is_an_edit_like_any_other() -> None:
    seen: set[bool] = set()

    @tries(1)
    @given(edits())
    def compare(drawn: tuple[Schema, Any, Any, str]) -> None:
        schema, before, change, default = drawn
        try:
            tree = parse(schema, reread(text_of(before)))
        except DataError:
            tree = empty(schema)
        given_ = reread(text_of(change))
        try:
            strict = edit(schema, tree, given_, default)
        except DataError:
            strict = None
        try:
            after, failed = edit_on(schema, tree, given_, default)
        except DataError:
            # What is replaced as a whole, and a when that is false.
            assert strict is None
            return
        seen.add(bool(failed))
        assert bool(failed) == (strict is None)
        if strict is not None:
            assert after == strict
        # What is left is as good as any tree.
        assert parse(schema, reread(to_xml(after).decode())) == after

    compare()
    assert seen == {False, True}
