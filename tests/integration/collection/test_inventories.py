"""The example inventories as they are, with playbooks for one router and for a fleet.

A further inventory says only where the lab has the hosts, and which keys are theirs.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.fleet import Fleet
from lab.playbook import PLAYBOOKS, link_collection, run_for_all

OF_THE_FLEET = ("s1.example.net", "e1.example.net", "e2.example.net")
OVER_SSH = ("r1.example.net", "r2.example.net")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    link_collection()
    directory = tmp_path_factory.mktemp("fleet")
    with Fleet((*OF_THE_FLEET, *OVER_SSH), directory, user="netops") as fleet:
        yield fleet


def play(fleet, directory: Path, playbook: str, inventory: str, hosts, *options: str):
    """How many tasks have changed something, on each of the hosts of an inventory."""
    recaps = run_for_all(
        PLAYBOOKS / playbook,
        PLAYBOOKS / "inventory" / inventory,
        directory,
        f"--inventory={fleet.inventory(over_ssh=True)}",
        f"--limit={','.join(hosts)}",
        *options,
        hosts=hosts,
        host=fleet.control,
    )
    return {name: recap.changed for name, recap in recaps.items()}


def test_a_fleet(fleet, tmp_path):
    changed = play(fleet, tmp_path, "fleet.yml", "fleet.yml", OF_THE_FLEET)
    # Routers of the studio have no interfaces and groups to set.
    assert changed == {"s1.example.net": 2, "e1.example.net": 4, "e2.example.net": 4}
    studio, edge, other_edge = (
        fleet.daemons[name].configuration_file.read_text() for name in OF_THE_FLEET
    )
    assert studio == "mroute from eth0 group 225.2.0.0/16 to eth1\n"
    assert "phyint eth0 ttl-threshold 2\n" in edge
    assert "mroute from eth0 group ff1e:2::/32 to eth1 eth2\n" in edge
    assert "mroute from eth0 group ff1e:2::/32 to eth1\n" in other_edge
    again = play(fleet, tmp_path, "fleet.yml", "fleet.yml", OF_THE_FLEET)
    assert set(again.values()) == {0}


def test_single_routers(fleet, tmp_path):
    changed = play(fleet, tmp_path, "demo.yml", "over-ssh.yml", OVER_SSH)
    assert changed == dict.fromkeys(OVER_SSH, 3)
    first, second = (fleet.daemons[name] for name in OVER_SSH)
    assert " eth0 " in first.control("-p", "show", "routes").stdout
    assert "225.2.0.1" in first.control("-p", "show", "routes").stdout
    # Its eth4 is not there yet.
    assert "225.2.0.1" not in second.host.proc_net("ip_mr_cache")


def test_routes_from_json(fleet, tmp_path):
    routes = [{"interface": "eth0", "group": f"225.5.0.{number}"} for number in range(1, 100)]
    file = tmp_path / "routes.json"
    file.write_text(json.dumps(routes))
    options = ("-e", f"routes_file={file}")
    host = OVER_SSH[:1]
    assert play(fleet, tmp_path, "routes-from-json.yml", "over-ssh.yml", host, *options) == {
        host[0]: 1
    }
    shown = fleet.daemons[host[0]].control("-p", "show", "routes").stdout
    assert shown.count("225.5.0.") == len(routes)
    assert "225.2.0.1" not in shown
