"""SSH clients that do what they should not, on the host `control`."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import paramiko

from tests.integration.agent.hostile.conftest import Target

TIMEOUT = 30


def ssh_connection(target: Target) -> socket.socket:
    """A TCP connection from the host `control` to the agent's SSH port."""
    made = target.router.lab.control.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.settimeout(TIMEOUT)
    made.connect((target.access.address, target.access.port))
    return made


@contextlib.contextmanager
def login(target: Target) -> Iterator[paramiko.Transport]:
    """A paramiko transport whose user has logged in."""
    transport = paramiko.Transport(ssh_connection(target))
    try:
        key = paramiko.Ed25519Key.from_private_key_file(str(target.access.private_key))
        transport.connect(username=target.access.user, pkey=key)
        yield transport
    finally:
        transport.close()


def session(transport: paramiko.Transport, **settings: int) -> paramiko.Channel:
    """A channel with the subsystem; settings: of paramiko's open_session."""
    channel = transport.open_session(timeout=TIMEOUT, **settings)
    channel.settimeout(TIMEOUT)
    channel.invoke_subsystem("netconf")
    return channel


def receive_until(channel: Any, end: bytes) -> bytes | None:
    """What comes up to `end`; None when it is closed before."""
    octets = b""
    while end not in octets:
        data = channel.recv(65536)
        if not data:
            return None
        octets += data
    return octets
