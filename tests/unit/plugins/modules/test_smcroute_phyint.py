"""smcroute_phyint from its options to its result, with the wire scripted."""

from __future__ import annotations

from ansible_collections.mcast.smcroute.tests.unit.plugins.modules_under_test import run_module
from ansible_collections.mcast.smcroute.tests.unit.plugins.wire import (
    ScriptedServer,
    edit_config,
    get_config,
)

ETH0 = {"name": "eth0", "enabled": True, "mrdisc": False, "ttl_threshold": 1}


def test_replaced_resets_what_is_left_out_and_sends_only_what_is_said(tmp_path):
    path = tmp_path / "agent.sock"
    found = "<phyint><name>eth0</name><mrdisc>true</mrdisc><enabled>false</enabled></phyint>"
    config = [{"name": "eth0", "ttl_threshold": 9}, {"name": "eth+", "enabled": True}]
    with ScriptedServer(path, [get_config(found), edit_config()]) as server:
        result = run_module(
            "phyint", socket=path, pending_warnings="never", config=config, state="replaced"
        )
    assert server.surprise is None
    assert result["before"] == [{**ETH0, "mrdisc": True, "enabled": False}]
    assert result["after"] == [{**ETH0, "name": "eth+"}, {**ETH0, "ttl_threshold": 9}]
    assert result["rpc"].partition(":yang:smcroute")[2] == (
        '"><phyint nc:operation="replace"><name>eth0</name><ttl-threshold>9</ttl-threshold>'
        '</phyint><phyint nc:operation="create"><name>eth+</name><enabled>true</enabled></phyint>'
        "</smcroute></config>"
    )


def test_a_default_that_is_not_said_is_no_difference(tmp_path):
    path = tmp_path / "agent.sock"
    with ScriptedServer(path, [get_config("<phyint><name>eth0</name></phyint>")]):
        result = run_module(
            "phyint", socket=path, pending_warnings="never", config=[ETH0], state="overridden"
        )
    assert result["changed"] is False
