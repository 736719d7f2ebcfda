"""smcroute_group from its options to its result, with the wire scripted."""

from __future__ import annotations

from ansible_collections.mcast.smcroute.tests.unit.plugins.modules_under_test import run_module
from ansible_collections.mcast.smcroute.tests.unit.plugins.wire import (
    ScriptedServer,
    edit_config,
    get_config,
)

FOUND = "<mgroup><interface>in0</interface><source>*</source><group>225.0.0.0/28</group></mgroup>"
HAS = {"interface": "in0", "source": "*", "group": "225.0.0.0/28"}
NEW = {"interface": "in0", "source": "2001:db8::1", "group": "ff3e::8000:1"}


def test_overridden_deletes_and_creates_in_one_edit(tmp_path):
    path = tmp_path / "agent.sock"
    with ScriptedServer(path, [get_config(FOUND), edit_config()]) as server:
        result = run_module(
            "group", socket=path, pending_warnings="never", config=[NEW], state="overridden"
        )
    assert server.surprise is None
    assert (result["before"], result["after"]) == ([HAS], [NEW])
    assert [entry.values() for entry in server.config[0]] == [["delete"], ["create"]]


def test_merging_what_is_there_in_another_spelling_changes_nothing(tmp_path):
    path = tmp_path / "agent.sock"
    with ScriptedServer(path, [get_config(FOUND)]) as server:
        config = [{"interface": "in0", "group": "225.0.0.7/28"}]
        result = run_module("group", socket=path, pending_warnings="never", config=config)
    assert result["changed"] is False
    assert server.operations() == ["get-config"]
