"""What validate() says of a tree, in the tests."""

from __future__ import annotations

import pytest

from smcroute_agent.errors import DataError
from smcroute_agent.yang.data import Container
from smcroute_agent.yang.schema import Schema
from smcroute_agent.yang.validate import validate

R = "xmlns='urn:zoo:rules'"


def problem(zoo: Schema, before: Container, after: Container) -> tuple[str, str | None, str | None]:
    with pytest.raises(DataError) as caught:
        validate(zoo, before, after)
    return caught.value.tag, caught.value.path, caught.value.app_tag
