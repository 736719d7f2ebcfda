"""NETCONF over SSH (RFC 6242) with asyncssh.

Importing asyncssh takes 0.3 s and 39 MB: import this module only when SSH is asked for.
The server offers public keys, passwords of local users, and the subsystem `netconf`: no
shell, command, file transfer or forwarding.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import asyncssh

from ...accounts.accounts import Accounts
from ...accounts.crypt_hash import supported, verify
from ...errors import Error
from ..server import Server
from . import authorized_keys
from .brake import Brake
from .login_watch import watch_login
from .ssh_channel import SshChannel
from .startups import Startups
from .stream import refusals

MAX_PASSWORDS = 3
"""Passwords that are looked at on one connection."""

KEY_EXCHANGES = "-diffie-hellman-*,rsa2048-*"
"""All of asyncssh but those whose arithmetic takes up to 0.1 s, which the client may choose."""

WINDOW = 128 * 1024
"""Octets that a client may send ahead on a channel; they wait in memory when the session is at
work."""

RECEIVE_BUFFER = 128 * 1024
"""Octets of one connection that wait in the kernel (SO_RCVBUF of socket(7))."""

BACKLOG, AT_ONCE = 128, 8
"""Connections that may wait to be accepted, and those that are before others are listened to: what
who logs in has said is read before the next come."""

_hashing = ThreadPoolExecutor(1, "password")
"""One after the other: whoever guesses waits for others who guess, and nobody else does."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SshLimits:
    """Bounds on connections.

    connections: TCP connections at the same time, connections_per_user: those of one user;
    unauthenticated: those whose user has not logged in yet (startups.py); channels: those of
    one connection.  Times in seconds: login_timeout until a login is complete; idle_timeout
    without a channel; a silent peer is asked every keepalive_interval whether it is alive,
    and given up when it has not answered keepalive_count times.
    """

    connections: int = 512
    connections_per_user: int = 128
    unauthenticated: int = 128
    channels: int = 16
    login_timeout: float = 60.0
    idle_timeout: float = 60.0
    keepalive_interval: float = 30.0
    keepalive_count: int = 3

    @classmethod
    def patient(cls, seconds: float) -> SshLimits:
        """Those of an agent that waits so long for a client."""
        return cls(login_timeout=seconds, idle_timeout=seconds)


@dataclass
class Listener:
    """A listening SSH server and what its connections share."""

    server: Server
    keys: int
    limits: SshLimits
    accounts: Accounts | None = None
    connections: int = 0

    def __post_init__(self) -> None:
        self.startups: Startups[SshConnection] = Startups(self.limits.unauthenticated)
        self.users: Counter[str] = Counter()
        """Connections of those who have logged in."""


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
    # Less is read at once, so that nobody waits long while it is worked off.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    acceptor = await asyncssh.listen(
        sock=sock,
        backlog=AT_ONCE,
        server_factory=lambda: SshConnection(shared),
        server_host_keys=[host_key],
        encoding=None,
        public_key_auth=True,
        password_auth=accounts is not None,
        kbdint_auth=False,
        host_based_auth=False,
        gss_host=None,
        # Some clients ask for a terminal, and leave when they get none.  There is no real one.
        allow_pty=True,
        line_editor=False,
        agent_forwarding=False,
        x11_forwarding=False,
        allow_scp=False,
        compression_algs=["none"],
        kex_algs=KEY_EXCHANGES,
        window=WINDOW,
        login_timeout=limits.login_timeout,
        keepalive_interval=limits.keepalive_interval,
        keepalive_count_max=limits.keepalive_count,
    )
    sock.listen(BACKLOG)
    return acceptor


class SshConnection(asyncssh.SSHServer):
    """One TCP connection: who may log in, and what a user may ask for."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._connection: asyncssh.SSHServerConnection | None = None
        self._brake: Brake | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._asked_as: str | None = None
        """The user as whom it wants to log in."""
        self._user: str | None = None
        """The user who has logged in."""
        self._passwords = 0

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        listener = self._listener
        if listener.connections >= listener.limits.connections:
            refusals.add("an SSH connection is refused: there are as many as there may be")
            conn.abort()
            return
        watch_login(conn, lambda: listener.startups.progressed(self))
        self._connection = conn
        self._brake = Brake(conn, listener.server.limits.write_timeout, self._cut)
        listener.connections += 1
        makes_way = listener.startups.add(self, _host(conn))
        if makes_way is not None:
            makes_way._cut("too many have not logged in")

    def connection_lost(self, exc: Exception | None) -> None:
        listener = self._listener
        if self._connection is None or self._brake is None:
            return
        self._connection = None
        self._brake.end()
        if self._idle is not None:
            self._idle.cancel()
        listener.startups.remove(self)
        listener.connections -= 1
        if self._user is not None:
            listener.users[self._user] -= 1
            listener.users += Counter()  # forgets who has none

    def begin_auth(self, username: str) -> bool:
        assert self._connection is not None
        if self._asked_as is not None:
            # It may (RFC 4252, section 5), but nobody does, and each costs a millisecond.
            self._cut("it asks for another user")
            return True
        self._asked_as = username
        # The key exchange is done.
        self._listener.startups.progressed(self)
        accounts = self._listener.accounts
        configured = accounts.keys(username) if accounts is not None else ()
        found = authorized_keys.read(self._listener.keys, username, configured)
        if found is not None:
            self._connection.set_authorized_keys(found)
        return True

    def public_key_auth_supported(self) -> bool:
        # Also for those who have no key: otherwise it were told who has one.
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
        assert self._connection is not None
        assert self._brake is not None
        listener = self._listener
        listener.startups.remove(self)
        self._brake.logged_in()
        self._user = str(self._connection.get_extra_info("username"))
        listener.users[self._user] += 1
        if listener.users[self._user] > listener.limits.connections_per_user:
            self._cut(f"{self._user} has as many as one may have")
            return
        self._wait_for_channel()

    def session_requested(self) -> SshChannel | bool:
        assert self._connection is not None
        assert self._brake is not None
        if self._user is None or len(self._brake.channels) >= self._listener.limits.channels:
            return False
        # It counts from now on: asyncssh opens it later, and others may be asked for before.
        channel = SshChannel(
            self._listener.server, self._user, _host(self._connection), self._channel_closed
        )
        self._brake.add(channel)
        if self._idle is not None:
            self._idle.cancel()
        return channel

    def _channel_closed(self, channel: SshChannel) -> None:
        assert self._brake is not None
        self._brake.channels.discard(channel)
        if not self._brake.channels and self._connection is not None:
            self._wait_for_channel()

    def _wait_for_channel(self) -> None:
        timeout = self._listener.limits.idle_timeout
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(timeout, self._cut, "it has no session")

    def _cut(self, why: str) -> None:
        if self._connection is not None:
            refusals.add(f"an SSH connection is cut: {why}")
            self._connection.abort()


def _host(connection: asyncssh.SSHServerConnection) -> str | None:
    """The peer's address; one of IPv4 on a socket for both families as such."""
    name = connection.get_extra_info("peername")
    if not name:
        return None
    address = str(name[0]).partition("%")[0]
    return address.removeprefix("::ffff:") if "." in address else address
