"""smcroute_route against a script."""

from __future__ import annotations

import pytest

from ansible_collections.mcast.smcroute.tests.unit.plugins.modules_under_test import run_module
from ansible_collections.mcast.smcroute.tests.unit.plugins.wire import ScriptedServer


@pytest.fixture
def play(tmp_path):
    """Run the module against a script; the result, and the requests the server saw."""

    def run(script, *, capability=None, **options):
        options.setdefault("pending_warnings", "never")
        path = tmp_path / "agent.sock"
        path.unlink(missing_ok=True)
        with ScriptedServer(path, script, capability=capability) as server:
            result = run_module("route", socket=path, **options)
        assert server.surprise is None
        return result, server

    return run
