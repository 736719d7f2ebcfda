"""smcroute_config from its options to its result, with the wire scripted."""

from __future__ import annotations

import pytest

from ansible_collections.mcast.smcroute.plugins.module_utils.codec import NETCONF_NAMESPACE
from ansible_collections.mcast.smcroute.tests.unit.plugins.modules_under_test import run_module
from ansible_collections.mcast.smcroute.tests.unit.plugins.wire import (
    Exchange,
    ScriptedServer,
    get_config,
    rpc_error,
)

GROUP = "<mgroup><interface>in0</interface><source>*</source><group>225.0.0.1</group></mgroup>"
EMPTY = f'<config xmlns="{NETCONF_NAMESPACE}"/>'


@pytest.fixture
def play(tmp_path):
    def run(script, **options):
        path = tmp_path / "agent.sock"
        path.unlink(missing_ok=True)
        with ScriptedServer(path, script) as server:
            result = run_module("config", socket=path, **options)
        assert server.surprise is None
        return result, server

    return run


@pytest.mark.parametrize("diff", [False, True])
def test_restore(play, diff):
    result, _server = play(
        [get_config(GROUP), Exchange("copy-config", "<ok/>")], restore=EMPTY, _ansible_diff=diff
    )
    assert (result["changed"], result["restored"], result["saved"]) == (True, True, False)
    assert ("diff" in result) == diff
    # Who does not look at the arguments does not get a whole configuration back.
    assert result.get("invocation", {}).get("module_args", {}).get("restore") is None


def test_the_backup_is_handed_to_the_action_plugin(play):
    # The plugin writes it, and comes again for the rest.
    result, server = play([get_config(GROUP)], backup="/somewhere", restore=EMPTY, save="always")
    assert (result["changed"], result["restored"], result["saved"]) == (False, False, False)
    assert "<group>225.0.0.1</group>" in result["backup_content"]
    assert server.operations() == ["get-config"]


def test_all_options_are_checked_before_a_backup(tmp_path):
    result = run_module("config", socket=tmp_path / "none", backup="/somewhere", restore="no XML")
    assert result["msg"].startswith("restore is no XML")


def test_a_refused_restore(play):
    error = rpc_error("lock-denied", "session 3 holds the lock")
    result, _server = play([get_config(GROUP), Exchange("copy-config", error)], restore=EMPTY)
    assert result["failed"] is True
    assert result["msg"].startswith("the router refused the restore: session 3 holds the lock; ")
