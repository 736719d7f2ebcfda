"""Looking only at a change finds what looking at everything finds, for every model."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smcroute_agent.errors import DataError
from smcroute_agent.yang.data import Container, Node, empty, is_empty
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.schema import Schema
from smcroute_agent.yang.sharing import shared
from smcroute_agent.yang.validate import validate

from .documents import contents, repaired, tries
from .models import MODELS, Model
from .mutations import mutated
from .verdict import reread, text_of


def accepted(schema: Schema, before: Container, after: Container) -> bool:
    try:
        validate(schema, before, after)
    except DataError:
        return False
    return True


def parsed(schema: Schema, config: Any) -> Container:
    try:
        return parse(schema, reread(text_of(config)))
    except DataError:
        assume(False)
        raise


def mixed(choices: st.DataObject, before: Container, new: Container) -> Container:
    """Some parts as before, some new, some left out."""
    children = {}
    for name in {**before.children, **new.children}:
        left, right = before.children.get(name), new.children.get(name)
        if isinstance(left, Container) and isinstance(right, Container):
            node: Node | None = mixed(choices, left, right)
        else:
            node = choices.draw(st.sampled_from([left, left, right, None]))
        if node is not None and not is_empty(node):
            children[name] = node
    return Container(before.schema, children)


@pytest.mark.fuzz
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_verdict_is_the_same(model: Model) -> None:
    schema = model.schema
    valid = repaired(schema, contents(schema))

    @tries(0.2)
    @given(valid, st.one_of(mutated(schema, valid), valid), st.data())
    def compare(one: Any, other: Any, choices: st.DataObject) -> None:
        before, new = parsed(schema, one), parsed(schema, other)
        assume(accepted(schema, empty(schema), before))
        for _ in range(4):
            after = shared(before, mixed(choices, before, new))
            whole = accepted(schema, empty(schema), after)
            assert accepted(schema, before, after) is whole, (before, after)

    compare()
