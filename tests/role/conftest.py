"""A Debian system that has booted in the lab's router, and a controller that logs in to it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from lab import Daemon, Lab, Receiver, Sender
from lab.machine import Machine
from lab.playbook import (
    PLAYBOOKS,
    ROUTER,
    SCRIPTS,
    Recap,
    link_collection,
    run_for_all,
    run_playbook,
)
from lab.ssh import keygen
from lab.topology import Addresses
from tests.integration.agent.conftest import Router

CHECKOUT = Path(__file__).resolve().parents[2]
ROOT = CHECKOUT / ".role-check" / os.environ.get("RELEASE", "bookworm")
WHEELS = ROOT.with_name(f"{ROOT.name}-wheels")
"""What the network is wanted for: `make role-check` makes them."""

INSTALL = Path(__file__).with_name("install.yml")
ADDRESS = Addresses.ROUTER_MANAGEMENT[0]
SSH_OPTIONS = ("-o StrictHostKeyChecking=no", "-o UserKnownHostsFile=/dev/null")
OPERATOR = "netops"
LOCAL_USER = "alice"
ON_ROUTE = """\
#!/bin/sh
echo "$1 $source $group" >>/var/lib/on-route/log
"""


class Site(NamedTuple):
    """The router's system, the network around it, and Ansible on the host `control`."""

    router: Router
    machine: Machine
    directory: Path
    key: Path

    @property
    def login(self) -> dict[str, object]:
        """How Ansible logs in to the router over SSH."""
        return {
            "ansible_host": ADDRESS,
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(self.key),
            "ansible_pipelining": True,
            "ansible_ssh_common_args": " ".join(SSH_OPTIONS),
        }

    def install(self, *options: str) -> Recap:
        """Run the role, as root on the router."""
        variables = {
            **self.login,
            "agent_options": "-e /usr/local/bin/on-route --netconf-ssh 830",
            "agent_authorized_keys": {OPERATOR: self.key.with_suffix(".pub").read_text().strip()},
            "agent_socket_users": [LOCAL_USER],
            "agent_sysctls": {"net.ipv4.conf.in0.rp_filter": 0},
        }
        return self._play(INSTALL, variables, *options)

    def configure_on_router(self, playbook: Path, name: str) -> Recap:
        """Run a playbook whose modules run on the router, with the example inventory.

        name: what the inventory calls it.
        """
        where = self.directory / "where.json"
        where.write_text(json.dumps({"all": {"hosts": {name: self.login}}}))
        return run_for_all(
            playbook,
            PLAYBOOKS / "inventory" / "on-the-router.yml",
            self.directory,
            f"--inventory={where}",
            f"--limit={name}",
            hosts=[name],
            host=self.lab.control,
        )[name]

    def configure(self, playbook: Path) -> Recap:
        """Run a playbook on the controller, whose modules reach the agent over SSH."""
        known_hosts = self.directory / "known_hosts"
        host_key = self.machine.run("ssh-keygen", "-y", "-f", "/etc/smcroute/host_key").stdout
        known_hosts.write_text(f"[{ADDRESS}]:830 {host_key}")
        variables = {
            "ansible_connection": "local",
            "ansible_python_interpreter": str(SCRIPTS / "python"),
            "smcroute_host": ADDRESS,
            "smcroute_username": OPERATOR,
            "smcroute_private_key_file": str(self.key),
            "smcroute_known_hosts_file": str(known_hosts),
        }
        return self._play(playbook, variables)

    def _play(self, playbook: Path, variables: Mapping[str, object], *options: str) -> Recap:
        inventory = self.directory / "inventory.json"
        inventory.write_text(json.dumps({"all": {"hosts": {ROUTER: variables}}}))
        return run_playbook(
            playbook, inventory, self.directory, *options, timeout=600, host=self.lab.control
        )

    @property
    def lab(self) -> Lab:
        return self.router.lab

    def ssh(self, user: str, *arguments: str, said: str = "") -> str:
        """What ssh prints, on the controller, for a user of the router."""
        assert self.lab.control is not None
        command = ["ssh", "-i", str(self.key), *SSH_OPTIONS, "-s", f"{user}@{ADDRESS}", *arguments]
        return self.lab.control.run(*command, input=said).stdout


def package(directory: Path, version: str) -> Path:
    """The agent of this checkout as an sdist of another version."""
    tree = directory / f"agent-{version}"
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
    shutil.copytree(CHECKOUT / "agent", tree, ignore=ignored)
    init = tree / "src" / "smcroute_agent" / "__init__.py"
    lines = [
        f'__version__ = "{version}"' if line.startswith("__version__") else line
        for line in init.read_text().splitlines()
    ]
    init.write_text("\n".join(lines) + "\n")
    archive = directory / f"smcroute-agent-{version}.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tree, f"smcroute-agent-{version}")
    return archive


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A system as Debian delivers it: with sshd, Python and pip's packages, without the agent."""
    directory = tmp_path_factory.mktemp("site")
    key = directory / "key"
    keygen("-t", "ed25519", "-N", "", "-f", str(key))
    pip = directory / "pip.conf"
    pip.write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    script = directory / "on-route"
    script.write_text(ON_ROUTE)
    script.chmod(0o755)
    shown = {
        "/wheels": WHEELS,
        "/etc/pip.conf": pip,
        "/root/.ssh/authorized_keys": key.with_suffix(".pub"),
        "/usr/local/bin/on-route": script,
    }
    link_collection()
    with contextlib.ExitStack() as stack:
        lab = stack.enter_context(Lab(management=True))
        machine = stack.enter_context(Machine(ROOT, lab.router, shown))
        # Its lists are as old as the root; there is no archive to ask.
        machine.run("touch", "/var/lib/apt/lists", "/var/cache/apt/pkgcache.bin")
        machine.run("mkdir", "--mode=1777", "/var/lib/on-route")
        machine.run("useradd", "--create-home", "--shell=/bin/sh", LOCAL_USER)
        machine.run("cp", "-r", "/root/.ssh", f"/home/{LOCAL_USER}/")
        machine.run("chown", "-R", LOCAL_USER, f"/home/{LOCAL_USER}/.ssh")
        sender = stack.enter_context(Sender(lab.sender))
        receivers = [stack.enter_context(Receiver(host, sender)) for host in lab.receivers]
        yield Site(Router(lab, sender, receivers, _no_daemon), machine, directory, key)


def _no_daemon(*_: object) -> Daemon:
    raise AssertionError("systemd starts it")
