"""Locks, and sessions to be killed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.agent.netconf.agent import Agent, Client
from tests.unit.agent.netconf.bad_requests.expected import (
    RUNNING,
    invalid,
    missing,
    problem,
    refused,
    unknown,
)

BAD = {
    "lock nothing": ("<lock/>", missing("nc:target", "/nc:rpc/nc:lock")),
    "lock of a file": (
        "<lock><target><url>file:///x</url></target></lock>",
        unknown("nc:url", "/nc:rpc/nc:lock/nc:target", "running, candidate, startup"),
    ),
    "unlock what is not locked": (
        f"<unlock>{RUNNING}</unlock>",
        problem("operation-failed", None, says="does not hold a lock"),
    ),
    "kill nothing": (
        "<kill-session/>",
        missing("nc:session-id", "/nc:rpc/nc:kill-session"),
    ),
    "kill an unknown session": (
        "<kill-session><session-id>99</session-id></kill-session>",
        invalid("nc:session-id", "/nc:rpc/nc:kill-session/nc:session-id", "no session 99"),
    ),
    "kill oneself": (
        "<kill-session><session-id>1</session-id></kill-session>",
        invalid("nc:session-id", "/nc:rpc/nc:kill-session/nc:session-id", "close-session"),
    ),
    **{
        f"kill session {text!r}": (
            f"<kill-session><session-id>{text}</session-id></kill-session>",
            invalid("nc:session-id", "/nc:rpc/nc:kill-session/nc:session-id", "session-id"),
        )
        for text in (
            "",
            "x",
            "-1",
            "0",
            "1.0",
            "4294967296",
            "\u0661",
            "9" * 5000,
            "1" + "0" * 5000,
        )
    },
    "kill with an element": (
        "<kill-session><session-id><b>1</b></session-id></kill-session>",
        unknown("nc:b", "/nc:rpc/nc:kill-session/nc:session-id"),
    ),
}


@pytest.mark.parametrize(("operation", "expected"), BAD.values(), ids=BAD.keys())
def test_bad_request(
    agent: Agent, client: Client, operation: str, expected: dict[str, Any]
) -> None:
    refused(agent, client, operation, expected)
