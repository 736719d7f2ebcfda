"""A router of the lab with our daemon, and the collection as Ansible finds it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import tests.unit.plugins.conftest  # noqa: F401  makes the collection importable
from lab import Daemon, Lab
from lab.host import Host
from lab.playbook import Recap, link_collection, run_playbook, write_inventory
from lab.ssh import SshAccess
from lab.topology import Addresses


class Way(NamedTuple):
    """A router, and one way for ansible-playbook to reach its agent."""

    lab: Lab
    daemon: Daemon
    host: Host
    inventory: Path
    directory: Path

    def play(self, playbook: Path, *options: str) -> Recap:
        return run_playbook(playbook, self.inventory, self.directory, *options, host=self.host)


@pytest.fixture(params=["UNIX socket", "SSH"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    """Each transport: modules on the router, and modules on the controller."""
    link_collection()
    with contextlib.ExitStack() as stack:
        lab = stack.enter_context(Lab(management=True))
        assert lab.control is not None
        access = SshAccess(tmp_path, Addresses.ROUTER_MANAGEMENT[0])
        daemon = stack.enter_context(Daemon(lab.router, options=access.daemon_options))
        if request.param == "SSH":
            inventory = write_inventory(tmp_path, "remote", access.module_options)
            yield Way(lab, daemon, lab.control, inventory, tmp_path)
        else:
            options = {"socket": str(daemon.netconf_socket)}
            yield Way(
                lab, daemon, lab.router, write_inventory(tmp_path, "local", options), tmp_path
            )
