"""One daemon for all attacks of a module: it has to survive them all."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from lab import Daemon
from lab.ssh import SshAccess
from lab.topology import Addresses
from tests.integration.agent.hostile.attack import CONFIGURATION, Attacker, chunk, edit, route, rpc

ROUTES = 2000


class Target(NamedTuple):
    """A router under attack."""

    router: Any
    daemon: Daemon
    access: SshAccess


@pytest.fixture(scope="module")
def target(module_router: Any, tmp_path_factory: pytest.TempPathFactory) -> Target:
    """A router with ROUTES routes, over the UNIX socket and SSH."""
    access = SshAccess(tmp_path_factory.mktemp("ssh"), Addresses.ROUTER_MANAGEMENT[0])
    daemon = module_router.start(CONFIGURATION, *access.daemon_options)
    with Attacker(daemon) as root:
        reply = root.say(chunk(rpc(edit("".join(map(route, range(ROUTES)))))))
        assert reply is not None
        assert reply[0].tag.endswith("}ok")
    return Target(module_router, daemon, access)
