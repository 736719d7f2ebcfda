"""Many routers on one machine, each with its own network, smcrouted and way to the controller.

::

    control v1 ──── mgmt0 router1 eth0 ─── eth1
                                  eth2 ─── eth3
            v2 ──── mgmt0 router2 …

Nothing is sent there: a router's other links lead back to itself.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import namespace
from .closing import Closing
from .daemon import Daemon
from .host import Host
from .playbook import SCRIPTS
from .ssh import SshAccess

STARTED_AT_ONCE = os.cpu_count() or 1
MAX_ROUTERS = 250

INTERFACES = ("eth0", "eth1", "eth2", "eth3")
"""Of each router, beside mgmt0."""


class Fleet(Closing):
    """A context manager: lays the network and starts the daemons, all of which answer then.

    names: the routers as an inventory calls them.  directory: for their files.
    user: whom the agents let in over SSH, and change everything.
    """

    def __init__(self, names: Sequence[str], directory: Path, user: str = "operator") -> None:
        if not 0 < len(names) <= MAX_ROUTERS:
            raise ValueError(f"a fleet has from 1 to {MAX_ROUTERS} routers")
        prefix = namespace.lab_prefix()
        self.names = list(names)
        self._user = user
        self.control = Host("control", f"{prefix}control")
        self.routers = {name: Host(name, prefix + name) for name in self.names}
        self._directory = directory
        self._stack = contextlib.ExitStack()
        self.daemons: dict[str, Daemon] = {}
        self._access: dict[str, SshAccess] = {}

    def open(self) -> None:
        namespace.remove_leftovers()
        hosts = [self.control, *self.routers.values()]
        namespace.ip(batch="".join(f"netns add {host.namespace}\n" for host in hosts))
        for number, name in enumerate(self.names, 1):
            self._lay(number, name)
        for name in self.names:
            daemon = Daemon(
                self.routers[name],
                directory=self._directory / name,
                options=self._access[name].daemon_options,
            )
            self.daemons[name] = daemon
            self._stack.callback(daemon.close)
        with ThreadPoolExecutor(STARTED_AT_ONCE) as pool:
            list(pool.map(Daemon.start, self.daemons.values()))

    def close(self) -> None:
        self._stack.close()
        namespace.remove([host.namespace for host in (self.control, *self.routers.values())])

    def inventory(self, *, over_ssh: bool) -> Path:
        """All routers, whose modules run on this machine and reach the agent by its socket, or,
        from the host `control`, over SSH."""

        def variables(name: str) -> dict[str, str | int]:
            if over_ssh:
                return self._access[name].module_options
            return {"socket": str(self.daemons[name].netconf_socket)}

        hosts = {
            name: {f"smcroute_{option}": value for option, value in variables(name).items()}
            for name in self.names
        }
        common = {
            "ansible_connection": "local",
            "ansible_python_interpreter": str(SCRIPTS / "python"),
        }
        path = self._directory / ("over-ssh.json" if over_ssh else "unix.json")
        path.write_text(json.dumps({"all": {"hosts": hosts, "vars": common}}))
        return path

    def _lay(self, number: int, name: str) -> None:
        router, control = self.routers[name], self.control
        ours, theirs = f"198.18.{number}.1", f"198.18.{number}.2"
        namespace.ip(
            batch=f"link add eth0 netns {router.namespace} type veth "
            f"peer name eth1 netns {router.namespace}\n"
            f"link add eth2 netns {router.namespace} type veth "
            f"peer name eth3 netns {router.namespace}\n"
            f"link add mgmt0 netns {router.namespace} type veth "
            f"peer name v{number} netns {control.namespace}\n"
        )
        router.ip(
            f"address add {ours}/30 dev mgmt0\n"
            + "".join(f"link set {name} up\n" for name in ("lo", "mgmt0", *INTERFACES))
        )
        control.ip(f"address add {theirs}/30 dev v{number}\nlink set v{number} up\n")
        directory = self._directory / name
        directory.mkdir()
        self._access[name] = SshAccess(directory, ours, user=self._user)
