"""edit-config, copy-config, delete-config and validate with wrong parameters or data."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.agent.netconf.agent import Agent, Client, edit, mroute, smcroute
from tests.unit.agent.netconf.bad_requests.expected import (
    CONFIG,
    RUNNING,
    SOURCE,
    invalid,
    missing,
    problem,
    refused,
    unknown,
)

BAD = {
    # edit-config
    "edit without target": (
        f"<edit-config>{CONFIG}</edit-config>",
        missing("nc:target", "/nc:rpc/nc:edit-config"),
    ),
    "edit without config": (
        f"<edit-config>{RUNNING}</edit-config>",
        missing("nc:config", "/nc:rpc/nc:edit-config"),
    ),
    "edit of startup": (
        edit(smcroute(""), target="<startup/>"),
        unknown("nc:startup", "/nc:rpc/nc:edit-config/nc:target", "running"),
    ),
    "edit with url": (
        f"<edit-config>{RUNNING}<url>file:///x</url></edit-config>",
        unknown("nc:url", "/nc:rpc/nc:edit-config", ":url"),
    ),
    "test-option nonsense": (
        edit(smcroute(""), more="<test-option>never</test-option>"),
        invalid("nc:test-option", "/nc:rpc/nc:edit-config/nc:test-option", "test-only"),
    ),
    "default-operation delete": (
        edit(smcroute(""), more="<default-operation>delete</default-operation>"),
        invalid("nc:default-operation", "/nc:rpc/nc:edit-config/nc:default-operation", "merge"),
    ),
    "error-option nonsense": (
        edit(smcroute(""), more="<error-option>never</error-option>"),
        invalid("nc:error-option", "/nc:rpc/nc:edit-config/nc:error-option"),
    ),
    # copy-config and delete-config
    "copy to itself": (
        "<copy-config><target><startup/></target><source><startup/></source></copy-config>",
        problem("invalid-value", None, says="both the startup datastore"),
    ),
    "copy running to running": (
        f"<copy-config>{RUNNING}{SOURCE}</copy-config>",
        problem("invalid-value", None, says="both the running datastore"),
    ),
    "copy without source": (
        f"<copy-config>{RUNNING}</copy-config>",
        missing("nc:source", "/nc:rpc/nc:copy-config"),
    ),
    "copy to a url": (
        f"<copy-config><target><url>ftp://x</url></target>{SOURCE}</copy-config>",
        unknown("nc:url", "/nc:rpc/nc:copy-config/nc:target"),
    ),
    "delete running": (
        f"<delete-config>{RUNNING}</delete-config>",
        unknown("nc:running", "/nc:rpc/nc:delete-config/nc:target", "startup"),
    ),
    # validate
    "validate nothing": (
        "<validate/>",
        missing("nc:source", "/nc:rpc/nc:validate"),
    ),
    "validate a url": (
        "<validate><source><url>file:///x</url></source></validate>",
        unknown("nc:url", "/nc:rpc/nc:validate/nc:source", "running, candidate, startup, config"),
    ),
    # Data, whose errors are the validator's
    "value": (
        edit(smcroute(mroute("10.1.2.3", "eth1"))),
        problem(
            "invalid-value",
            "/smc:smcroute/smc:mroute[smc:interface='eth0'][smc:source='10.0.0.1']/smc:group",
            type="application",
        ),
    ),
    **{
        f"validate a config with {name}": (
            f"<validate><source><config>{smcroute(content)}</config></source></validate>",
            problem(tag, path, type="application", app_tag=app_tag),
        )
        for name, content, tag, path, app_tag in (
            ("a bad value", mroute("10.1.2.3", "eth1"), "invalid-value", "/smc:smcroute", None),
            ("an unknown node", "<nothing/>", "unknown-element", "/smc:smcroute", None),
            (
                "two families",
                mroute("ff1e::1", "eth1"),
                "operation-failed",
                "/smc:smcroute/smc:mroute",
                "address-family",
            ),
        )
    },
    "unknown node": (
        edit(smcroute("<nothing/>")),
        problem("unknown-element", "/smc:smcroute", type="application", bad_element="smc:nothing"),
    ),
}


@pytest.mark.parametrize(("operation", "expected"), BAD.values(), ids=BAD.keys())
def test_bad_request(
    agent: Agent, client: Client, operation: str, expected: dict[str, Any]
) -> None:
    refused(agent, client, operation, expected)
