"""Every accept and reject of our validator is that of libyang and of yangson, or explained."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .difference import Difference, OtherData
from .differences import DIFFERENCES
from .documents import contents, repaired, tries
from .models import MODELS, Model
from .mutations import mutated
from .other_data import OTHER_DATA
from .verdict import Compared, differing, legible, ours, text_of, theirs
from .worker import Oracle

BY_NAME = {model.name: model for model in MODELS}


@pytest.fixture(scope="module", params=MODELS, ids=lambda model: model.name)
def model(request: pytest.FixtureRequest) -> Model:
    """Each model in turn, so that its oracles are started once."""
    found: Model = request.param
    return found


@pytest.fixture(scope="module")
def oracles(model: Model) -> Iterator[list[Oracle]]:
    """Both oracles with the model loaded."""
    with Oracle("libyang", model) as first, Oracle("yangson", model) as second:
        yield [first, second]


def unexplained(compared: Compared, model: Model) -> str | None:
    """What is wrong with a comparison, None when all is well."""
    if not compared.agree:
        if any(known.explains(compared) for known in DIFFERENCES):
            return None
        return str(compared)
    if compared.ours.tree is None:
        return None
    paths = differing(model.schema, compared.ours.tree, compared.theirs)
    if not paths or any(known.explains(compared, paths) for known in OTHER_DATA):
        return None
    return f"{compared}\n  other data at {sorted(paths)}: {compared.theirs.tree}"


@pytest.mark.fuzz
def test_verdicts(model: Model, oracles: list[Oracle]) -> None:
    schema = model.schema
    seen: Counter[bool] = Counter()
    raw = contents(schema)

    @tries(0.5)
    @given(st.one_of(mutated(schema, raw), mutated(schema, repaired(schema, raw))))
    def compare(config: Any) -> None:
        xml = text_of(config)
        verdict = ours(schema, xml)
        seen[verdict.accepted] += 1
        for oracle in oracles:
            answer = theirs(oracle, schema, xml)
            if answer is not None:
                compared = Compared(oracle.name, model.name, xml, verdict, answer)
                problem = unexplained(compared, model)
                assert problem is None, problem

    compare()
    assert min(seen[True], seen[False]) > sum(seen.values()) / 20, f"one-sided: {seen}"


def asked(oracle: str, model: Model, xml: str) -> Compared:
    """One document given to us and to one oracle."""
    with Oracle(oracle, model) as process:
        answer = theirs(process, model.schema, xml)
    assert answer is not None
    return Compared(oracle, model.name, xml, ours(model.schema, xml), answer)


@pytest.mark.parametrize("text", ["true<!--a--> ", "tr<!--a-->ue", "<!--a-->true", "<!--a--> "])
def test_libyang_reads_no_text_behind_a_comment(text: str) -> None:
    """If it does one day, `legible` is not needed any more."""
    model = BY_NAME["words"]
    words = f'<words xmlns="urn:zoo:words"><boolean>{text}</boolean></words>'
    same = re.sub("<!--a-->", "", words)
    with Oracle("libyang", model) as libyang:
        assert libyang.ask(check=words) != libyang.ask(check=same)
        assert libyang.ask(check=legible(words)) == libyang.ask(check=same)
    assert ours(model.schema, words).accepted == ours(model.schema, same).accepted


def _id(known: Difference | OtherData) -> str:
    return f"{known.oracle}-{known.witness[:60]}-{known.why[:30]}"


@pytest.mark.parametrize("known", DIFFERENCES, ids=_id)
def test_differences_that_are_explained_exist(known: Difference) -> None:
    for model in MODELS:
        if _is_of(model, known.models, known.witness):
            compared = asked(known.oracle, model, known.witness)
            assert not compared.agree, "no difference any more: take it out of the table"
            assert known.explains(compared), str(compared)
            return
    raise AssertionError("no model has the witness")


def _is_of(model: Model, names: tuple[str, ...], witness: str) -> bool:
    if names:
        return model.name == names[0]
    return any(
        f'xmlns="{node.namespace}"' in witness for node in model.schema.root.children.values()
    )


@pytest.mark.parametrize("known", OTHER_DATA, ids=_id)
def test_other_data_that_is_explained_exists(known: OtherData) -> None:
    model = BY_NAME[known.model]
    compared = asked(known.oracle, model, known.witness)
    assert compared.agree, str(compared)
    assert compared.ours.tree is not None
    paths = differing(model.schema, compared.ours.tree, compared.theirs)
    assert paths, "no difference any more: take it out of the table"
    assert known.explains(compared, paths), sorted(paths)
