"""edit-config beside libyang: its merge, and its difference between two documents as an edit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from lxml import etree

from smcroute_agent.errors import DataError
from smcroute_agent.yang.content import Element
from smcroute_agent.yang.data import Container
from smcroute_agent.yang.edit import edit
from smcroute_agent.yang.insert import INSERT, KEY, OPERATION, VALUE, YANG
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.schema import Schema
from smcroute_agent.yang.validate import validate

from .documents import contents, repaired, tries
from .models import MODELS, Model
from .verdict import ours, printed, reread, text_of
from .worker import Answer, Oracle

NAMES = ("structure", "choices", "ordered", "defaults", "identities", "references", "smcroute")

DIFF = f"{{{YANG}}}"
"""libyang marks its differences with attributes of the module yang."""


@pytest.fixture(scope="module", params=NAMES)
def model(request: pytest.FixtureRequest) -> Model:
    """Models with lists, choices, order, defaults and references."""
    return next(model for model in MODELS if model.name == request.param)


@pytest.fixture(scope="module")
def libyang(model: Model) -> Iterator[Oracle]:
    """libyang with the model."""
    with Oracle("libyang", model) as oracle:
        yield oracle


def read(schema: Schema, answer: Answer) -> Container:
    """The data that libyang prints."""
    return parse(schema, reread(printed(answer)))


def both_accept(schema: Schema, oracle: Oracle, *documents: str) -> bool:
    """Whether all documents are valid; where not, test_agreement.py has compared why."""
    return all(ours(schema, xml).accepted and oracle.ask(check=xml).accepted for xml in documents)


def valid(schema: Schema, before: Container, after: Container) -> bool:
    """Whether the result of an edit is."""
    try:
        validate(schema, before, after)
    except DataError:
        return False
    return True


@pytest.mark.fuzz
def test_merge(model: Model, libyang: Oracle) -> None:
    schema = model.schema
    seen: Counter[bool] = Counter()

    @tries(0.2)
    @given(*[repaired(schema, contents(schema))] * 2)
    def compare(first: Any, second: Any) -> None:
        before, given_ = text_of(first), text_of(second)
        if not both_accept(schema, libyang, before, given_):
            return
        answer = libyang.ask(merge=[before, given_])
        if "both cases" in answer.message:
            # RFC 7950, 7.9.6: a new case replaces the old one; libyang's merge keeps both.
            return
        tree = parse(schema, reread(before))
        after = edit(schema, tree, reread(given_))
        accepted = valid(schema, tree, after)
        seen[accepted] += 1
        told = f"{before}\n+ {given_}\nours: {after}\nlibyang: {answer}"
        assert accepted == answer.accepted, told
        if accepted:
            assert full(schema, after) == full(schema, read(schema, answer)), told

    compare()
    assert seen[True], "nothing was merged"


def full(schema: Schema, tree: Container) -> Container:
    """With all defaults."""
    from smcroute_agent.yang.defaults import report_all

    return report_all(schema, tree)


@pytest.mark.fuzz
def test_difference(model: Model, libyang: Oracle) -> None:
    schema = model.schema
    edits = 0

    @tries(0.2)
    @given(*[repaired(schema, contents(schema))] * 2)
    def compare(first: Any, second: Any) -> None:
        nonlocal edits
        before, wanted = text_of(first), text_of(second)
        if not nameable(before, wanted) or not both_accept(schema, libyang, before, wanted):
            return
        answer = libyang.ask(diff=[before, wanted])
        assert answer.accepted
        config = reread(printed(answer))
        for element in config.iterdescendants(etree.Element):
            as_edit(element)
        tree = parse(schema, reread(before))
        try:
            after = edit(schema, tree, config, "none")
        except DataError as error:
            # libyang names a parent once for each kind of change in it; an edit may not.
            if "appears twice" not in error.message:
                raise
            return
        edits += after is not tree
        told = f"{before}\n-> {wanted}\nby {answer.tree}\nours: {after}"
        assert after == parse(schema, reread(wanted)), told

    compare()
    assert edits, "nothing was edited"


def nameable(*documents: str) -> bool:
    """Whether libyang can name all entries in an attribute: it puts values between quotes without
    an escape, and blanks other than spaces become spaces there (XML 1.0, section 3.3.3)."""
    texts = (element.text or "" for xml in documents for element in reread(xml).iter())
    return not any({"'", '"'} <= set(text) or set("\t\n\r") & set(text) for text in texts)


def as_edit(element: Element) -> None:
    """libyang's attributes to those of edit-config (RFC 6241, 7.2; RFC 7950, 7.8.6)."""
    said = {name: element.attrib.pop(name) for name in list(element.attrib)}
    operation = said.get(f"{DIFF}operation")
    if operation not in (None, "none"):
        element.set(OPERATION, operation)
    for name, attribute in (("key", KEY), ("value", VALUE)):
        place = said.get(DIFF + name)
        if place is not None and operation in ("create", "replace"):
            element.set(INSERT, "after" if place else "first")
            if place:
                element.set(attribute, place)
