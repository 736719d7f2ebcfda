"""An agent with an SSH listener, and clients that log in to it."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

import asyncssh
from ncclient import manager

from smcroute_agent.accounts.accounts import Accounts, hashed
from smcroute_agent.netconf.transports import ssh
from tests.unit.agent.netconf.agent import Agent, edit

USER = "operator"


@dataclass
class Ssh:
    """An agent that also listens on SSH."""

    agent: Agent
    port: int
    keys: Path
    identity: Path
    listener: ssh.Listener | None = None

    def allow(self, user: str = USER, options: str = "") -> None:
        """Let the test's key in."""
        text = options + (self.identity.with_suffix(".pub")).read_text()
        path = self.keys / user
        path.write_text(text)
        path.chmod(0o644)


def make_identity(directory: Path) -> Path:
    path = directory / "identity"
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(path)
    key.write_public_key(path.with_suffix(".pub"))
    path.chmod(0o600)
    return path


def serve(agent: Agent, directory: Path, limits: ssh.SshLimits) -> Ssh:
    keys = directory / "keys"
    keys.mkdir()
    sock = socket.create_server(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    agent.call(
        ssh.listen(
            agent.server,
            sock,
            asyncssh.generate_private_key("ssh-ed25519"),
            os.open(keys, os.O_RDONLY | os.O_DIRECTORY),
            limits,
            Accounts(lambda: agent.datastores.running),
        )
    )
    return Ssh(agent, port, keys, make_identity(directory))


def connect(server: Ssh, user: str = USER, **more: object) -> manager.Manager:
    return manager.connect(
        host="127.0.0.1",
        port=server.port,
        username=user,
        key_filename=str(server.identity),
        hostkey_verify=False,
        allow_agent=False,
        look_for_keys=False,
        timeout=10,
        **more,
    )


async def raw(server: Ssh, user: str = USER) -> asyncssh.SSHClientConnection:
    return await asyncssh.connect(
        "127.0.0.1",
        server.port,
        username=user,
        client_keys=[str(server.identity)],
        known_hosts=None,
        agent_path=None,
        config=None,
    )


def greeting(sock: socket.socket) -> bytes:
    """The first octets of the server, empty when it refuses the connection."""
    try:
        return sock.recv(4096)
    except ConnectionResetError:
        return b""


def local_user(agent: Agent, content: str) -> None:
    """Let running have a local user of ietf-system, as if it had been edited."""
    agent.datastores.edits.prepare = hashed
    with agent.connect() as root:
        root.ok(
            edit(
                '<system xmlns="urn:ietf:params:xml:ns:yang:ietf-system"><authentication>'
                f"<user>{content}</user></authentication></system>"
            )
        )
