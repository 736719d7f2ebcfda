"""Filters that are none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.agent.netconf.agent import Agent, Client
from tests.unit.agent.netconf.bad_requests.expected import (
    SOURCE,
    invalid,
    problem,
    refused,
    unknown,
)


def filtered(attributes: str) -> str:
    return f"<get-config>{SOURCE}<filter {attributes}/></get-config>"


BAD = {
    "xpath filter without expression": (
        filtered('type="xpath"'),
        problem(
            "missing-attribute",
            "/nc:rpc/nc:get-config/nc:filter",
            bad_attribute="select",
            bad_element="nc:filter",
        ),
    ),
    "xpath filter with elements": (
        f"<get-config>{SOURCE}<filter type='xpath' select='/'><a/></filter></get-config>",
        unknown("nc:a", "/nc:rpc/nc:get-config/nc:filter", "select"),
    ),
    **{
        f"xpath filter {text}": (
            filtered(f'type="xpath" select="{text}"'),
            invalid("nc:filter", "/nc:rpc/nc:get-config/nc:filter", says),
        )
        for text, says in (
            ("", "ends too early"),
            ("/[", "unexpected '['"),
            ("/x:y", "the prefix 'x' is not declared"),
            ("1 + 1", "gives a number and not nodes"),
            ("nothing(/)", "there is no function nothing()"),
        )
    },
    "unknown filter": (
        filtered('type="regexp"'),
        problem(
            "bad-attribute",
            "/nc:rpc/nc:get-config/nc:filter",
            bad_attribute="type",
            bad_element="nc:filter",
        ),
    ),
    "select without xpath": (
        filtered('select="/x"'),
        problem(
            "unknown-attribute",
            "/nc:rpc/nc:get-config/nc:filter",
            bad_attribute="select",
            bad_element="nc:filter",
        ),
    ),
}


@pytest.mark.parametrize(("operation", "expected"), BAD.values(), ids=BAD.keys())
def test_bad_request(
    agent: Agent, client: Client, operation: str, expected: dict[str, Any]
) -> None:
    refused(agent, client, operation, expected)
