"""A test double at the wire: a NETCONF server on a UNIX socket that follows a script.

It checks framing and message-ids no further than a test needs; what the agent really
does is tested in tests/integration.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
SMCROUTE = "urn:mcast:params:xml:ns:yang:smcroute"
END = b"]]>]]>"
PATIENCE = 10
"""Seconds after which the double gives up on a client."""

SILENCE = object()
"""A reply that never comes."""

HANG_UP = object()
"""Instead of a reply the connection is closed."""


class Exchange(NamedTuple):
    """One RPC: its operation, and the content of the rpc-reply, or SILENCE or HANG_UP."""

    operation: str
    reply: Any


def get_config(content: str = "") -> Exchange:
    """A get-config that finds this content of the container smcroute."""
    inner = f'<smcroute xmlns="{SMCROUTE}">{content}</smcroute>' if content else ""
    return Exchange("get-config", f"<data>{inner}</data>")


def get(content: str = "") -> Exchange:
    """A get that finds this content of the container smcroute."""
    return get_config(content)._replace(operation="get")


def edit_config(reply: Any = "<ok/>") -> Exchange:
    return Exchange("edit-config", reply)


def rpc_error(
    tag: str,
    message: str | None = None,
    path: str | None = None,
    severity: str = "error",
    app_tag: str | None = None,
) -> str:
    """An rpc-error element; path uses the prefix smc."""
    optional = [
        f"<error-app-tag>{app_tag}</error-app-tag>" if app_tag else "",
        f'<error-path xmlns:smc="{SMCROUTE}">{path}</error-path>' if path else "",
        f'<error-message xml:lang="en">{message}</error-message>' if message else "",
    ]
    return (
        f"<rpc-error><error-type>application</error-type><error-tag>{tag}</error-tag>"
        f"<error-severity>{severity}</error-severity>{''.join(optional)}</rpc-error>"
    )


VALIDATE = "urn:ietf:params:netconf:capability:validate:1.1"


class ScriptedServer:
    """Listens on `path` for one session and answers it by the script.

    requests: the operations received, as elements, without close-session; surprise: what
    the client did against the script, None while all is well; capability: one that is announced
    besides what every module needs, or several with blanks between.
    """

    def __init__(
        self,
        path: Path,
        script: list[Exchange],
        *,
        hello: bool = True,
        capability: str | None = None,
    ) -> None:
        self.requests: list[Any] = []
        self.surprise: str | None = None
        self._script = list(script)
        self._hello = hello
        self._capability = capability
        self._done = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._listener.settimeout(PATIENCE)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._done.set()
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as wake:
            wake.connect(self._listener.getsockname())
        self._thread.join(PATIENCE)
        self._listener.close()

    @property
    def config(self) -> Any:
        """The config element of the last edit-config."""
        return self.requests[-1].find(f"{{{BASE}}}config")

    def operations(self) -> list[str]:
        return [etree.QName(request).localname for request in self.requests]

    def _serve(self) -> None:
        try:
            connection, _address = self._listener.accept()
        except OSError:
            return
        with connection:
            if self._done.is_set():
                return
            connection.settimeout(PATIENCE)
            if not self._hello:
                self._done.wait(PATIENCE)
                return
            more = "".join(
                f"<capability>{uri}</capability>" for uri in (self._capability or "").split()
            )
            connection.sendall(
                f'<hello xmlns="{BASE}"><capabilities>{more}'
                "<capability>urn:ietf:params:netconf:base:1.0</capability>"
                "<capability>urn:ietf:params:netconf:capability:writable-running:1.0</capability>"
                "</capabilities><session-id>7</session-id></hello>".encode()
                + END
            )
            for message in _messages(connection):
                if not self._answer(connection, etree.fromstring(message)):
                    return

    def _answer(self, connection: socket.socket, message: Any) -> bool:
        """Answer one message; whether the session goes on."""
        if etree.QName(message).localname == "hello":
            return True
        operation = message[0]
        name = etree.QName(operation).localname
        identity = message.get("message-id")
        if name == "close-session":
            _reply(connection, identity, "<ok/>")
            return False
        self.requests.append(operation)
        if not self._script or self._script[0].operation != name:
            self.surprise = f"{name} where the script has {self._script[:1]}"
            _reply(connection, identity, rpc_error("operation-failed", self.surprise))
            return True
        reply = self._script.pop(0).reply
        if reply is SILENCE:
            self._done.wait(PATIENCE)
            return False
        if reply is HANG_UP:
            return False
        _reply(connection, identity, reply)
        return True


def _reply(connection: socket.socket, identity: str, content: str) -> None:
    reply = f'<rpc-reply xmlns="{BASE}" message-id="{identity}">{content}</rpc-reply>'
    connection.sendall(reply.encode() + END)


def _messages(connection: socket.socket) -> Any:
    buffer = b""
    while True:
        message, end, rest = buffer.partition(END)
        if end:
            buffer = rest
            yield message
            continue
        data = connection.recv(65536)
        if not data:
            return
        buffer += data
