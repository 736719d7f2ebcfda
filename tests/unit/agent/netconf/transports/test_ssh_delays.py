"""TCP does not hold a login up."""

from __future__ import annotations

import socket
from typing import Any

from smcroute_agent.netconf.transports.login_watch import watch_login

QUICKACK = (socket.IPPROTO_TCP, socket.TCP_QUICKACK)


class Connecting:
    """As much of asyncssh's connection as tells whether its user is known."""

    def __init__(self, sock: socket.socket) -> None:
        self.known: dict[str, object] = {"socket": sock}
        self.received: list[bytes] = []

    def get_extra_info(self, name: str) -> object:
        return self.known.get(name)

    def data_received(self, data: bytes, datatype: int | None = None) -> None:
        self.received.append(data)


def test_nothing_is_acknowledged_late_until_the_user_is_known() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as server,
    ):
        connection: Any = Connecting(server)
        begun: list[bool] = []
        watch_login(connection, lambda: begun.append(True))
        assert not begun
        for data in (b"1", b"2"):
            server.setsockopt(*QUICKACK, 0)
            connection.data_received(data)
            assert server.getsockopt(*QUICKACK) == 1
        assert begun == [True]
        connection.known["username"] = "alice"
        connection.data_received(b"3")
        server.setsockopt(*QUICKACK, 0)
        connection.data_received(b"4")
        assert server.getsockopt(*QUICKACK) == 0
        assert connection.received == [b"1", b"2", b"3", b"4"]
