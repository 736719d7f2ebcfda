"""get-schema for what there is not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.agent.netconf.agent import Agent, Client
from tests.unit.agent.netconf.bad_requests.expected import (
    invalid,
    missing,
    refused,
)

MONITORING = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"


def get_schema(content: str) -> str:
    return f'<get-schema xmlns="{MONITORING}">{content}</get-schema>'


BAD = {
    "schema without identifier": (
        get_schema(""),
        missing("ncm:identifier", "/nc:rpc/ncm:get-schema"),
    ),
    "unknown schema": (
        get_schema("<identifier>nothing</identifier>"),
        invalid("ncm:identifier", "/nc:rpc/ncm:get-schema/ncm:identifier"),
    ),
    "schema by a path": (
        get_schema("<identifier>../../etc/passwd</identifier>"),
        invalid("ncm:identifier", "/nc:rpc/ncm:get-schema/ncm:identifier"),
    ),
    "unknown revision": (
        get_schema("<identifier>smcroute</identifier><version>1999-01-01</version>"),
        invalid("ncm:version", "/nc:rpc/ncm:get-schema/ncm:version"),
    ),
    "unknown format": (
        get_schema("<identifier>smcroute</identifier><format>yin</format>"),
        invalid("ncm:format", "/nc:rpc/ncm:get-schema/ncm:format", "yang"),
    ),
    "format of another module": (
        get_schema('<identifier>smcroute</identifier><format xmlns:q="urn:q">q:yang</format>'),
        invalid("ncm:format", "/nc:rpc/ncm:get-schema/ncm:format"),
    ),
}


@pytest.mark.parametrize(("operation", "expected"), BAD.values(), ids=BAD.keys())
def test_bad_request(
    agent: Agent, client: Client, operation: str, expected: dict[str, Any]
) -> None:
    refused(agent, client, operation, expected)
