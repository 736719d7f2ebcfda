"""One channel of an SSH connection, and the NETCONF session on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncssh

from ...nacm.guard import Subject
from ..server import Server
from .stream import StreamTransport


class SshChannel(StreamTransport, asyncssh.SSHServerSession[bytes]):
    """One channel; it becomes a NETCONF session when the subsystem is asked for.

    closed: called when it is gone.
    """

    identity = "ietf-netconf-monitoring:netconf-ssh"

    def __init__(
        self,
        server: Server,
        user: str,
        host: str | None,
        closed: Callable[[SshChannel], None],
    ) -> None:
        super().__init__(server)
        self._user = user
        self._host = host
        self._when_closed = closed
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan
        # Variables of the environment: asyncssh would keep them, however many come.
        chan._process_env_request = lambda packet: False  # type: ignore[method-assign]
        timeout = self._server.limits.hello_timeout
        self._timer = asyncio.get_running_loop().call_later(timeout, chan.abort)

    def subsystem_requested(self, subsystem: str) -> bool:
        return subsystem == "netconf"

    def session_started(self) -> None:
        assert self._channel is not None
        if self._timer is not None:
            self._timer.cancel()
        self.begin(self._channel, Subject(self._user), self._host)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._when_closed(self)
        super().connection_lost(exc)

    def close(self) -> None:
        # Without an exit status OpenSSH's client reports a failure.
        if self._stream is not None and self._channel is not None:
            self._channel.exit(0)
        super().close()
