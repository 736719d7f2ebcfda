"""The zoo: small modules, one for each corner of YANG 1.1, compiled once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from smcroute_agent.yang import source
from smcroute_agent.yang.compile import Served, compile_modules
from smcroute_agent.yang.data import Container
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.schema import Schema

ZOO = Path(__file__).parent / "zoo"

NAMESPACES = (
    'xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" xmlns:yang="urn:ietf:params:xml:ns:yang:1"'
)

Load = Callable[..., Container]


@pytest.fixture(scope="session")
def zoo() -> Schema:
    """zoo-types, zoo-rules, and zoo-base as zoo-more augments and deviates it."""
    served = (
        Served("zoo-types"),
        Served("zoo-rules"),
        Served("zoo-base", ("dull",)),
        Served("zoo-more"),
    )
    return Schema(compile_modules(served, [ZOO, *source.modules_directory()], ("zoo-more",)))


def config(content: str) -> Any:
    """A <config> element around some content."""
    return etree.fromstring(f"<config {NAMESPACES}>{content}</config>")


@pytest.fixture(scope="session")
def load(zoo: Schema) -> Load:
    """Parse content of the zoo."""

    def parsed(content: str, *, state: bool = False) -> Container:
        return parse(zoo, config(content), state=state)

    return parsed
