"""Commits, confirmed ones and their cancellation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.agent.netconf.agent import Agent, Client
from tests.unit.agent.netconf.bad_requests.expected import (
    invalid,
    missing,
    problem,
    refused,
    unknown,
)

BAD = {
    "delete candidate": (
        "<delete-config><target><candidate/></target></delete-config>",
        unknown("nc:candidate", "/nc:rpc/nc:delete-config/nc:target", "startup"),
    ),
    "discard-changes with something": (
        "<discard-changes><all/></discard-changes>",
        unknown("nc:all", "/nc:rpc/nc:discard-changes"),
    ),
    "commit with a comment": (
        "<commit><comment>x</comment></commit>",
        unknown("nc:comment", "/nc:rpc/nc:commit"),
    ),
    **{
        f"{name} without confirmed": (
            f"<commit><{name}>60</{name}></commit>",
            missing("nc:confirmed", "/nc:rpc/nc:commit"),
        )
        for name in ("confirm-timeout", "persist")
    },
    "confirmed with a value": (
        "<commit><confirmed>yes</confirmed></commit>",
        invalid("nc:confirmed", "/nc:rpc/nc:commit/nc:confirmed"),
    ),
    **{
        f"confirm-timeout {text!r}": (
            f"<commit><confirmed/><confirm-timeout>{text}</confirm-timeout></commit>",
            invalid("nc:confirm-timeout", "/nc:rpc/nc:commit/nc:confirm-timeout", "4294967295"),
        )
        for text in ("", "soon", "-1", "0", "1.5", "4294967296", "9" * 5000)
    },
    "persist with an element": (
        "<commit><confirmed/><persist><x/></persist></commit>",
        unknown("nc:x", "/nc:rpc/nc:commit/nc:persist"),
    ),
    "persist that is too long": (
        f"<commit><confirmed/><persist>{'x' * 1025}</persist></commit>",
        invalid("nc:persist", "/nc:rpc/nc:commit/nc:persist", "1024"),
    ),
    "persist-id of nothing": (
        "<commit><persist-id>x</persist-id></commit>",
        invalid("nc:persist-id", "/nc:rpc/nc:commit/nc:persist-id", "persist-id"),
    ),
    "cancel-commit of nothing": (
        "<cancel-commit/>",
        problem("operation-failed", None, says="no confirmed commit is pending"),
    ),
    "cancel-commit with a wrong token": (
        "<cancel-commit><persist-id>x</persist-id></cancel-commit>",
        invalid("nc:persist-id", "/nc:rpc/nc:cancel-commit/nc:persist-id", "persist-id"),
    ),
}


@pytest.mark.parametrize(("operation", "expected"), BAD.values(), ids=BAD.keys())
def test_bad_request(
    agent: Agent, client: Client, operation: str, expected: dict[str, Any]
) -> None:
    refused(agent, client, operation, expected)
