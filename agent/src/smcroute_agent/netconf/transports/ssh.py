"""NETCONF over SSH (RFC 6242) with asyncssh.

Importing asyncssh takes 0.3 s and 39 MB: import this module only when SSH is asked for.
The server offers public keys, passwords of local users, and the subsystem `netconf`: no
shell, command, file transfer or forwarding.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import asyncssh

from ...accounts.accounts import Accounts
from ...accounts.crypt_hash import supported, verify
from ...errors import Error
from ...nacm.guard import Subject
from ..server import Server
from . import authorized_keys
from .stream import StreamTransport, refusals

MAX_PASSWORDS = 3
"""Passwords that are looked at on one connection."""

_hashing = ThreadPoolExecutor(1, "password")
"""One after the other: whoever guesses waits for others who guess, and nobody else does."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SshLimits:
    """Bounds on connections.

    connections: TCP connections at the same time; unauthenticated: those of them whose
    user has not logged in yet.  Times in seconds: login_timeout until a login is complete;
    a silent peer is asked every keepalive_interval whether it is alive, and given up when
    it has not answered keepalive_count times.
    """

    connections: int = 512
    unauthenticated: int = 64
    login_timeout: float = 30.0
    keepalive_interval: float = 30.0
    keepalive_count: int = 3


@dataclass
class Listener:
    """A listening SSH server and what its connections share."""

    server: Server
    keys: int
    limits: SshLimits
    accounts: Accounts | None = None
    connections: int = 0
    unauthenticated: int = 0


async def listen(
    server: Server,
    sock: socket.socket,
    host_key: asyncssh.SSHKey,
    keys: int,
    limits: SshLimits = SshLimits(),
    accounts: Accounts | None = None,
) -> asyncssh.SSHAcceptor:
    """Serve NETCONF over SSH on a listening socket.

    keys: an open descriptor of the directory of authorized keys (authorized_keys.py); it
    stays the caller's.  accounts: further keys, and passwords.  Closing what is returned ends
    the listening.
    """
    # At its lower levels it writes several lines a connection, also of strangers.
    asyncssh.set_log_level("WARNING")
    shared = Listener(server, keys, limits, accounts)
    sock.setblocking(False)
    return await asyncssh.listen(
        sock=sock,
        backlog=128,
        server_factory=lambda: SshConnection(shared),
        server_host_keys=[host_key],
        encoding=None,
        public_key_auth=True,
        password_auth=accounts is not None,
        kbdint_auth=False,
        host_based_auth=False,
        gss_host=None,
        allow_pty=False,
        line_editor=False,
        agent_forwarding=False,
        x11_forwarding=False,
        allow_scp=False,
        compression_algs=["none"],
        login_timeout=limits.login_timeout,
        keepalive_interval=limits.keepalive_interval,
        keepalive_count_max=limits.keepalive_count,
    )


class SshConnection(asyncssh.SSHServer):
    """One TCP connection: who may log in, and what a user may ask for."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._connection: asyncssh.SSHServerConnection | None = None
        self._counted = False
        self._logging_in = False
        self._passwords = 0

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        listener = self._listener
        if (
            listener.connections >= listener.limits.connections
            or listener.unauthenticated >= listener.limits.unauthenticated
        ):
            refusals.add("an SSH connection is refused: there are as many as there may be")
            conn.abort()
            return
        self._connection = conn
        self._counted = self._logging_in = True
        listener.connections += 1
        listener.unauthenticated += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self._logged_in()
        if self._counted:
            self._counted = False
            self._listener.connections -= 1

    def begin_auth(self, username: str) -> bool:
        assert self._connection is not None
        accounts = self._listener.accounts
        configured = accounts.keys(username) if accounts is not None else ()
        found = authorized_keys.read(self._listener.keys, username, configured)
        if found is not None:
            self._connection.set_authorized_keys(found)
        return True

    def password_auth_supported(self) -> bool:
        return self._listener.accounts is not None

    async def validate_password(self, username: str, password: str) -> bool:
        accounts = self._listener.accounts
        self._passwords += 1
        if accounts is None or self._passwords > MAX_PASSWORDS:
            return False
        stored = accounts.password(username)
        if stored is not None and not supported(stored):
            logger.warning("a login as %r is refused: its kind of password hash", username)
        loop = asyncio.get_running_loop()
        try:
            right = await loop.run_in_executor(_hashing, verify, stored, password)
        except Error as error:
            logger.warning("a login as %r is refused: %s", username, error)
            return False
        if not right:
            logger.info("a login as %r is refused: wrong password", username)
        return right

    def auth_completed(self) -> None:
        self._logged_in()

    def session_requested(self) -> SshChannel:
        assert self._connection is not None
        user = self._connection.get_extra_info("username")
        return SshChannel(self._listener.server, user, _host(self._connection))

    def _logged_in(self) -> None:
        if self._logging_in:
            self._logging_in = False
            self._listener.unauthenticated -= 1


class SshChannel(StreamTransport, asyncssh.SSHServerSession[bytes]):
    """One channel; it becomes a NETCONF session when the subsystem is asked for."""

    identity = "ietf-netconf-monitoring:netconf-ssh"

    def __init__(self, server: Server, user: str, host: str | None) -> None:
        super().__init__(server)
        self._user = user
        self._host = host
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def subsystem_requested(self, subsystem: str) -> bool:
        return subsystem == "netconf"

    def session_started(self) -> None:
        assert self._channel is not None
        self.begin(self._channel, Subject(self._user), self._host)

    def data_received(self, data: bytes, datatype: int | None) -> None:
        self.take(data)

    def eof_received(self) -> bool:
        self.take_eof()
        return True

    def pause_writing(self) -> None:
        self.block()

    def resume_writing(self) -> None:
        self.unblock()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost()

    def close(self) -> None:
        # Without an exit status OpenSSH's client reports a failure.
        if self._stream is not None and self._channel is not None:
            self._channel.exit(0)
        super().close()


def _host(connection: asyncssh.SSHServerConnection) -> str | None:
    """The peer's address; one of IPv4 on a socket for both families as such."""
    name = connection.get_extra_info("peername")
    if not name:
        return None
    address = str(name[0]).partition("%")[0]
    return address.removeprefix("::ffff:") if "." in address else address
