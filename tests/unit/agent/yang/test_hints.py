"""What is suggested for names that nobody knows."""

from __future__ import annotations

import pytest

from smcroute_agent.errors import DataError

from .conftest import Load

ORDER = "<order xmlns='urn:zoo:rules'>{}</order>"


def test_a_misspelt_name_gets_a_suggestion(load: Load) -> None:
    with pytest.raises(DataError) as caught:
        load(ORDER.format("<defualt-one/>"))
    assert caught.value.remedy == "did you mean 'default-one'?"


def test_a_name_in_another_namespace_gets_a_hint(load: Load) -> None:
    with pytest.raises(DataError) as caught:
        load(ORDER.format("<default-one xmlns='urn:zoo:base'/>"))
    assert caught.value.tag == "unknown-element"
    assert caught.value.remedy == "did you mean the one of the namespace 'urn:zoo:rules'?"


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        ("<order/>", "did you mean the one of the namespace 'urn:zoo:rules'?"),
        ("<moon xmlns='urn:moon'/>", None),
        (ORDER.format("<word xmlns=''/>"), "declare it as xmlns='urn:zoo:rules'"),
    ],
)
def test_a_namespace_that_nobody_has_gets_a_hint(
    load: Load, content: str, remedy: str | None
) -> None:
    with pytest.raises(DataError) as caught:
        load(content)
    assert (caught.value.tag, caught.value.remedy) == ("unknown-namespace", remedy)
