"""What is done about the octets of an SSH connection whose user is not known yet."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

import asyncssh


def watch_login(connection: asyncssh.SSHServerConnection, begun: Callable[[], None]) -> None:
    """Tell when a client says its first word, and be quick until it has logged in.

    TCP's acknowledgements are not delayed meanwhile.  OpenSSH's client says two small things after
    the key exchange, to which nobody answers, and its kernel sends the second when the first is
    acknowledged (Nagle): 40 ms later, unless the option is set when it has come; the kernel forgets
    it again (tcp(7), TCP_QUICKACK).
    """
    sock, received = connection.get_extra_info("socket"), connection.data_received
    has_begun = user_is_known = False

    def data_received(data: bytes, datatype: int | None = None) -> None:
        nonlocal has_begun, user_is_known
        if not has_begun:
            has_begun = True
            begun()
        if not user_is_known:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        received(data, datatype)
        user_is_known = user_is_known or bool(connection.get_extra_info("username"))

    connection.data_received = data_received  # type: ignore[method-assign]
