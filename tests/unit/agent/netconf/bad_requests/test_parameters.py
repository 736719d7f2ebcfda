"""Operations and parameters that do not exist, are missing, or are there twice."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from tests.unit.agent.netconf.agent import SMC, Agent, Client
from tests.unit.agent.netconf.bad_requests.expected import (
    SOURCE,
    check,
    missing,
    problem,
    refused,
    unknown,
    unsupported,
)
from tests.unit.agent.netconf.wire import NC, chunk

BAD = {
    # Operations
    "no such operation": ("<frobnicate/>", unsupported("nc:frobnicate", "/nc:rpc/nc:frobnicate")),
    "of another module": (
        f'<frobnicate xmlns="{SMC}"/>',
        unsupported("smc:frobnicate", "/nc:rpc", f"{{{SMC}}}frobnicate"),
    ),
    "of a foreign namespace": (
        '<frobnicate xmlns="urn:x"/>',
        unsupported("ns:frobnicate", "/nc:rpc", "{urn:x}frobnicate"),
    ),
    "in no namespace": ('<get xmlns=""/>', unsupported("get", "/nc:rpc", "operation get")),
    # Parameters
    "unknown parameter of the model's operation": (
        f'<flush xmlns="{SMC}"><speed>fast</speed></flush>',
        unknown("smc:speed", "/nc:rpc/smc:flush", "in 'flush'"),
    ),
    "unknown parameter": (
        "<get><speed>fast</speed></get>",
        unknown("nc:speed", "/nc:rpc/nc:get"),
    ),
    "parameter of a foreign namespace": (
        '<get><with-defaults xmlns="urn:x">explicit</with-defaults></get>',
        problem(
            "unknown-namespace",
            "/nc:rpc/nc:get",
            bad_element="ns:with-defaults",
            bad_namespace="urn:x",
            says="ietf-netconf-with-defaults",
        ),
    ),
    "parameter in no namespace": (
        '<lock><target xmlns=""/></lock>',
        problem("unknown-namespace", "/nc:rpc/nc:lock", bad_element="target", bad_namespace=""),
    ),
    "parameter twice": (
        f"<get-config>{SOURCE}{SOURCE}</get-config>",
        unknown("nc:source", "/nc:rpc/nc:get-config", "once"),
    ),
    "attribute on an operation": (
        '<get loud="yes"/>',
        problem("unknown-attribute", "/nc:rpc/nc:get", bad_attribute="loud", bad_element="nc:get"),
    ),
    "attribute on a parameter": (
        '<get-config><source x="1"><running/></source></get-config>',
        problem(
            "unknown-attribute",
            "/nc:rpc/nc:get-config/nc:source",
            bad_attribute="x",
            bad_element="nc:source",
        ),
    ),
    "close-session with something": (
        "<close-session><now/></close-session>",
        unknown("nc:now", "/nc:rpc/nc:close-session"),
    ),
    # Datastores
    "get-config without source": (
        "<get-config/>",
        missing("nc:source", "/nc:rpc/nc:get-config"),
    ),
    "empty source": (
        "<get-config><source/></get-config>",
        missing("nc:source", "/nc:rpc/nc:get-config/nc:source"),
    ),
    "source as text": (
        "<get-config><source>running</source></get-config>",
        missing("nc:source", "/nc:rpc/nc:get-config/nc:source"),
    ),
    "unknown source": (
        "<get-config><source><factory/></source></get-config>",
        unknown("nc:factory", "/nc:rpc/nc:get-config/nc:source", "running, candidate, startup"),
    ),
    "two sources": (
        "<get-config><source><running/><startup/></source></get-config>",
        unknown("nc:startup", "/nc:rpc/nc:get-config/nc:source"),
    ),
    "something in a datastore's element": (
        "<get-config><source><running><x/></running></source></get-config>",
        unknown("nc:x", "/nc:rpc/nc:get-config/nc:source/nc:running"),
    ),
}


@pytest.mark.parametrize(("operation", "expected"), BAD.values(), ids=BAD.keys())
def test_bad_request(
    agent: Agent, client: Client, operation: str, expected: dict[str, Any]
) -> None:
    refused(agent, client, operation, expected)


def test_the_same_under_a_prefix_and_another_default_namespace(client: Client) -> None:
    client.message_id += 1
    client.sock.sendall(
        chunk(f'<n:rpc xmlns:n="{NC}" xmlns="urn:other" message-id="1"><n:lock/></n:rpc>')
    )
    reply = etree.fromstring(client.read())
    check(reply, missing("nc:target", "/nc:rpc/nc:lock"))
