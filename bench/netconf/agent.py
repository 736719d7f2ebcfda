"""The daemon that is measured, in the lab, and the clients that reach it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from lab import Daemon, Lab
from lab.rules import FILE
from lab.ssh import SshAccess
from lab.topology import Addresses

from .client import Client, SshClient, UnixClient
from .requests import group_of, path_of

LIMITED = "limited"
"""A user who reads all but a few routes, which rules name by their keys."""

HIDDEN = (17, 4711, 9001)
"""The routes that this user may not read."""


class Agent:
    """A running daemon with SSH and the UNIX socket, and no rule."""

    def __init__(self, lab: Lab, daemon: Daemon, access: SshAccess) -> None:
        self.lab = lab
        self.daemon = daemon
        self.access = access

    def unix(self) -> Client:
        """A session of root on the UNIX socket."""
        return UnixClient(self.daemon.netconf_socket)

    def ssh(self, user: str | None = None) -> Client:
        """A session from the control host, of a user who may do everything unless one is given."""
        assert self.lab.control is not None
        return SshClient(self.lab.control, self.access, user)

    @property
    def transports(self) -> dict[str, Callable[[], Client]]:
        return {"UNIX": self.unix, "SSH": self.ssh}


@contextlib.contextmanager
def started() -> Iterator[Agent]:
    """A lab with such a daemon in its router."""
    with Lab(management=True) as lab, TemporaryDirectory() as directory:
        access = SshAccess(Path(directory), Addresses.ROUTER_MANAGEMENT[0])
        _add_limited(access)
        with Daemon(lab.router, options=access.daemon_options) as daemon:
            yield Agent(lab, daemon, access)


def _add_limited(access: SshAccess) -> None:
    keys = access.authorized_keys
    (keys / LIMITED).write_text((keys / access.user).read_text())
    file = access.state / FILE
    document = json.loads(file.read_text())
    nacm = document["ietf-netconf-acm:nacm"]
    nacm["groups"]["group"].append({"name": LIMITED, "user-name": [LIMITED]})
    rules = [
        {
            "name": str(number),
            "path": path_of(group_of(number), "smcroute"),
            "access-operations": "read",
            "action": "deny",
        }
        for number in HIDDEN
    ]
    nacm["rule-list"].append({"name": LIMITED, "group": [LIMITED], "rule": rules})
    file.write_text(json.dumps(document))
