"""The examples in the modules' documentation run as they are, against an agent."""

from __future__ import annotations

import contextlib
import importlib
import json
import re
from pathlib import Path

import yaml

import tests.unit.plugins.conftest  # noqa: F401  makes the collection importable
from ansible_collections.mcast.smcroute.plugins.module_utils.codec import NETCONF_NAMESPACE
from lab import Daemon, Lab
from lab.multicast import Sender
from lab.playbook import link_collection, run_playbook, write_inventory
from lab.ssh import SshAccess
from lab.topology import Addresses
from tests.integration.collection.traffic import traffic

ROOT = Path(__file__).resolve().parents[3]
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("smcroute_*.py"))

INTERFACES = {"eth0": "in0", "eth1": "out0", "eth2": "out1"}
"""What the interfaces of the examples are called in the lab."""

CONFIGURATION = """\
mroute from in0 source 192.0.2.10 group 225.1.2.3 to out0 out1
mroute from in0 group ff1e::1 to out0
"""
FLOWS = ((Addresses.SENDER[0], "225.1.2.3"), (Addresses.SENDER[1], "ff1e::1"))

FILES = {
    "smcroute.conf": CONFIGURATION,
    "phyints.json": json.dumps([{"name": "in0", "mrdisc": True}]),
    "groups.json": json.dumps([{"interface": "in0", "group": "225.1.2.3"}]),
    "routes.json": json.dumps(
        [
            {
                "interface": "in0",
                "source": "192.0.2.10",
                "group": "225.1.2.3",
                "out_interfaces": ["out0", "out1"],
            },
            {"interface": "in0", "group": "ff1e::1", "out_interfaces": ["out0"]},
        ]
    ),
    # An example writes a backup, a later one restores it; when that is loaded it has to be there.
    "backups/router.xml": f'<config xmlns="{NETCONF_NAMESPACE}"/>',
}


def examples(module):
    text = importlib.import_module(
        f"ansible_collections.mcast.smcroute.plugins.modules.{module}"
    ).EXAMPLES
    return yaml.safe_load(re.sub(r"\beth[012]\b", lambda name: INTERFACES[name[0]], text))


def test_every_example(tmp_path):
    tasks = [task for module in MODULES for task in examples(module)]
    assert {key for task in tasks for key in task if "smcroute_" in key} == {
        f"mcast.smcroute.{module}" for module in MODULES
    }
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    link_collection()
    with contextlib.ExitStack() as stack:
        lab = stack.enter_context(Lab(management=True))
        access = SshAccess(tmp_path, Addresses.ROUTER_MANAGEMENT[0], user="netops")
        daemon = stack.enter_context(
            Daemon(lab.router, configuration=CONFIGURATION, options=access.daemon_options)
        )
        stack.enter_context(traffic(stack.enter_context(Sender(lab.sender)), FLOWS))
        defaults = {
            "socket": str(daemon.netconf_socket),
            "private_key_file": str(access.private_key),
            "known_hosts_file": str(access.known_hosts),
        }
        playbook = tmp_path / "examples.yml"
        playbook.write_text(
            json.dumps(
                [
                    {
                        "hosts": "all",
                        "gather_facts": False,
                        "vars": {"ansible_host": access.address},
                        "module_defaults": {"group/mcast.smcroute.smcroute": defaults},
                        "tasks": tasks,
                    }
                ]
            )
        )
        # A UNIX socket is reached from every network namespace, so both ways work from here.
        recap = run_playbook(
            playbook,
            write_inventory(tmp_path, "inventory", {}),
            tmp_path,
            host=lab.control,
            timeout=300,
        )
        assert (recap.failed, recap.unreachable) == (0, 0)
        assert recap.ok == len(tasks)
        # The last examples that change something are those of the routes.
        assert "(*, ff1e::1)" in daemon.control("-p", "show", "routes").stdout
        assert "225.1.2.3" in (tmp_path / "backups" / "router.xml").read_text()
