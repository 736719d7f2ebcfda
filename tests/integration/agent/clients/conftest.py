"""A router with our daemon, reachable in all three ways, for one module of tests."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab import Daemon, Lab
from lab.daemon import OURS
from lab.filesystem import FilesHost, PrivateFiles
from lab.host import Host
from lab.playbook import CHECKOUT
from lab.rules import let_write
from lab.scratch import scratch_directory
from lab.ssh import SshAccess
from lab.sshd import Sshd
from lab.topology import Addresses
from tests.integration.agent.clients.raw import HELLO_1_1, Raw, SshCommand, unix

CLIENTS = CHECKOUT / ".venv-clients"
"""Made by `make test` from requirements-clients.txt."""

DRIVERS = Path(__file__).with_name("drivers")

DROP_IN = CHECKOUT / "agent/share/sshd_config.d/smcroute.conf"
RELAY = "smcroute-netconf"

USERS = {"netops": ["smcroute"], "guest": ["smcroute", "observers"], "stranger": []}
"""Who may log in beside root, and their groups; only `netops` may write."""


def drop_in(netconf_socket: Path) -> str:
    """The file for sshd_config.d, for programs and a socket that are elsewhere."""
    command = f"{OURS.with_name(RELAY)} {netconf_socket}"
    return DROP_IN.read_text().replace(f"/opt/smcroute/bin/{RELAY}", command)


@dataclass
class Site:
    """The daemon in the lab's router, and who may come in which way.

    builtin: the agent's own SSH listener; sshd_access: OpenSSH's.
    syslog: the lines that were sent to /dev/log.
    """

    directory: Path
    router: FilesHost
    control: Host
    daemon: Daemon
    builtin: SshAccess
    sshd_access: SshAccess
    syslog: list[str]

    def access(self, way: str) -> SshAccess:
        return {"SSH": self.builtin, "sshd": self.sshd_access}[way]

    def ssh(self, way: str, user: str = "netops", *words: str) -> SshCommand:
        """OpenSSH's client on the host `control`."""
        return SshCommand(self.control, self.access(way), user, *words)

    def drive(self, driver: str, way: str, **more: object) -> dict[str, Any]:
        """Run one of drivers/, which is a client's own interpreter's; what it saw."""
        access = self.builtin if way == "UNIX socket" else self.access(way)
        where = {
            "way": way,
            "socket": str(self.daemon.netconf_socket),
            "host": access.address,
            "port": access.port,
            "user": access.user,
            "key": str(access.private_key),
            "host_key": access.host_key.with_name("host_key.pub").read_text().split()[1],
            "known_hosts": str(access.known_hosts),
            **more,
        }
        done = self.control.run(
            str(CLIENTS / "bin/python"), str(DRIVERS / driver), json.dumps(where), timeout=60
        )
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    @contextlib.contextmanager
    def raw(self, way: str) -> Iterator[Raw]:
        """A raw connection of a user who may write; dropped at the end without a word."""
        if way == "UNIX socket":
            with unix(self.daemon.netconf_socket) as raw:
                yield raw
        else:
            with self.ssh(way) as ssh:
                yield ssh.raw

    @contextlib.contextmanager
    def talking(self, way: str, greeting: bytes = HELLO_1_1) -> Iterator[Raw]:
        """The same after the hellos."""
        with self.raw(way) as raw:
            raw.greet(greeting)
            yield raw


@contextlib.contextmanager
def syslog_daemon(path: Path) -> Iterator[list[str]]:
    """Takes what is sent to a device, as who sends would have to wait otherwise."""
    lines: list[str] = []

    def work() -> None:
        while line := device.recv(10_000):
            lines.append(line.decode())

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as device:
        device.bind(str(path))
        path.chmod(0o666)
        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield lines
        finally:
            device.shutdown(socket.SHUT_RDWR)
            thread.join()


WAYS = ("UNIX socket", "SSH", "sshd")

on_each_way = pytest.mark.parametrize("way", WAYS)


@contextlib.contextmanager
def site(configuration: str = "", more_of_sshd: str = "") -> Iterator[Site]:
    """A lab with the daemon and sshd in its router."""
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(scratch_directory()))
        lab = stack.enter_context(Lab(outputs=2, receivers=0, management=True))
        assert lab.control is not None
        accesses = []
        for name, port in (("builtin", 830), ("sshd", 2022)):
            (directory / name).mkdir()
            access = SshAccess(
                directory / name, Addresses.ROUTER_MANAGEMENT[0], port, "netops", writer=False
            )
            public = (access.authorized_keys / "netops").read_text()
            for user in ("root", *USERS):
                (access.authorized_keys / user).write_text(public)
            accesses.append(access)
        builtin, sshd_access = accesses
        let_write(builtin.state, "netops")
        router = FilesHost(lab.router, stack.enter_context(PrivateFiles()))
        router.run("useradd", "--system", "--no-create-home", "smcroute")
        for group in sorted({group for groups in USERS.values() for group in groups}):
            router.run("groupadd", "--force", group)
        for user, groups in USERS.items():
            more = ("--groups", ",".join(groups)) if groups else ()
            router.run("useradd", *("--home-dir", "/"), *("--shell", "/bin/sh"), *more, user)
        syslog = stack.enter_context(syslog_daemon(router.files.path("/dev/log")))
        daemon = stack.enter_context(
            Daemon(router, configuration=configuration, options=builtin.daemon_options)
        )
        stack.enter_context(
            Sshd(router, sshd_access, drop_in(daemon.netconf_socket) + more_of_sshd)
        )
        yield Site(directory, router, lab.control, daemon, builtin, sshd_access, syslog)


@pytest.fixture(scope="module")
def place() -> Iterator[Site]:
    assert (CLIENTS / ".done").exists(), "the clients are not there: run make .venv-clients/.done"
    with site() as made:
        yield made
