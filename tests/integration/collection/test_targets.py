"""The ansible-test targets against a real agent, over every transport."""

from __future__ import annotations

import json
from pathlib import Path

TARGETS = Path(__file__).resolve().parents[1] / "targets"


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
