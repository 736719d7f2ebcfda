"""A raw NETCONF client that costs next to nothing of its own: octets in, octets out.

Over SSH it is an `ssh -s` process, whose cryptography is in C and runs beside us; clients written
in Python would be measured themselves.  Replies are not parsed: what a test asks for is searched
in their text.
"""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lab import Host
from lab.closing import Closing
from lab.netconf import NETCONF
from lab.ssh import SshAccess

END_1_0 = b"]]>]]>"
END_1_1 = b"\n##\n"
HELLO = (
    f'<hello xmlns="{NETCONF}"><capabilities><capability>urn:ietf:params:netconf:base:1.1'
    "</capability></capabilities></hello>"
).encode() + END_1_0

PIECE = 1 << 20
"""Octets that are read at once."""

PATIENCE = 120.0
"""Seconds for any one answer."""


class Failed(AssertionError):
    """The agent answered with an error, or not at all."""


class Client(Closing):
    """One session of base:1.1 over two descriptors; `close` ends what is behind them."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading = reading
        self._writing = writing
        self.hello = b""
        self.send(HELLO)
        self.hello = self.receive(END_1_0)

    def send(self, data: bytes) -> None:
        """All of some octets."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._writing, view) :]

    def receive(self, end: bytes = END_1_1) -> bytes:
        """The octets of the next message, framed as they came."""
        pieces: list[bytes] = []
        tail = b""
        while not tail.endswith(end):
            piece = os.read(self._reading, PIECE)
            if not piece:
                raise Failed(f"the session is over; it said {b''.join(pieces)[-400:]!r}")
            pieces.append(piece)
            tail = tail[-len(end) :] + piece
        return b"".join(pieces)

    def ask(self, operation: bytes) -> bytes:
        """The reply to an operation; raises Failed when it is an rpc-error."""
        self.send(message(operation))
        reply = self.receive()
        if b"<rpc-error>" in reply[:400]:
            raise Failed(reply[:600].decode(errors="replace"))
        return reply

    def close(self) -> None:
        """End the connection."""


class UnixClient(Client):
    """Over the agent's UNIX socket, as root."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        super().__init__(self._socket.fileno(), self._socket.fileno())

    def close(self) -> None:
        self._socket.close()


class SshClient(Client):
    """Over SSH to the agent's own listener, from a host of the lab."""

    def __init__(self, host: Host, access: SshAccess, user: str | None = None) -> None:
        self.process = start_ssh(host, access, user)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        super().__init__(self.process.stdout.fileno(), self.process.stdin.fileno())

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(PATIENCE)


def ssh_command(access: SshAccess, user: str | None = None) -> list[str]:
    """OpenSSH's client for the subsystem netconf, which asks nobody anything."""
    return [
        *("ssh", "-F", "none", "-T", "-p", str(access.port), "-i", str(access.private_key)),
        *("-l", user or access.user, "-o", f"UserKnownHostsFile={access.known_hosts}"),
        *("-o", "GlobalKnownHostsFile=none", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes"),
        *("-s", access.address, "netconf"),
    ]


def start_ssh(host: Host, access: SshAccess, user: str | None = None) -> subprocess.Popen[bytes]:
    """Such a process, with pipes."""
    return host.popen(
        ssh_command(access, user),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    )


def message(operation: bytes) -> bytes:
    """An operation in its <rpc>, in one chunk."""
    rpc = b'<rpc xmlns="%s" message-id="1">%s</rpc>' % (NETCONF.encode(), operation)
    return b"\n#%d\n%s\n##\n" % (len(rpc), rpc)


def count(reply: bytes, element: str) -> int:
    """How often an element begins in a reply; its chunks are long, so none is cut in two."""
    return reply.count(f"<{element}>".encode())


def all_of(replies: Sequence[bytes], element: str, expected: int) -> None:
    """Raises Failed unless each reply holds so many of an element."""
    for reply in replies:
        if count(reply, element) != expected:
            raise Failed(f"{count(reply, element)} of {expected} <{element}> in a reply")
