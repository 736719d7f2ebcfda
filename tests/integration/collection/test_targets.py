"""The ansible-test targets against a real agent.

`make collection-check` has ansible-test run them, over every transport.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

TARGETS = Path(__file__).resolve().parents[1] / "targets"


@pytest.mark.parametrize("way", ["UNIX socket"], indirect=True)
def test_every_target(way):
    playbook = way.directory / "targets.yml"
    roles = [str(target) for target in sorted(TARGETS.iterdir())]
    assert roles
    play = {"hosts": "all", "gather_facts": False, "roles": roles}
    playbook.write_text(json.dumps([play]))
    recap = way.play(playbook)
    assert (recap.failed, recap.unreachable) == (0, 0)
    # smcroute_route is the last one, and this is what it leaves in the kernel.
    routes = way.daemon.host.run("ip", "mroute", "show", "table", "all").stdout
    assert "(192.0.2.10,225.1.2.3)" in routes
