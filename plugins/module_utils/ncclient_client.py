# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A NETCONF session by ncclient; nothing else of the collection imports ncclient."""

from __future__ import annotations

import contextlib
import os
import socket
import traceback
from typing import Any, Callable

from ansible_collections.mcast.smcroute.plugins.module_utils.client import Client
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import (
    MissingLibrary,
    Refused,
    RpcError,
    Unreachable,
)

try:
    import ncclient.transport.session
    import ncclient.transport.unixSocket
    from ncclient import NCClientError
    from ncclient.manager import Manager, make_device_handler
    from ncclient.operations import RaiseMode
    from ncclient.operations.errors import TimeoutExpiredError
    from ncclient.transport.errors import AuthenticationError, SSHUnknownHostError

    NCCLIENT_ERROR = None
except ImportError:
    NCCLIENT_ERROR = traceback.format_exc()

POLL_SECONDS = 0.001
"""How long ncclient sleeps before it looks for something to send; its own 0.1 s is added
to every RPC."""

READ_BYTES = 65536
"""What ncclient reads at once; it looks at all it has with every read, and its own 4 KiB
make 10 000 entries slow."""

CLOSE_SECONDS = 2
"""How long to wait for the reply to close-session: the work is done by then."""


def over_unix_socket(path: str, timeout: int) -> Client:
    """A session over the agent's UNIX socket.

    path: of the socket; timeout: seconds to wait for the agent's hello and each reply.
    """
    _prepare()
    remedy = f"see that smcrouted runs on this host and has {path} for its --netconf-socket"
    session_class = ncclient.transport.unixSocket.UnixSocketSession
    session = _with_hello_timeout(session_class, timeout)(make_device_handler({}))
    try:
        session.connect(path, timeout)
    except (NCClientError, OSError) as error:
        reason = _UNIX_REASONS.get(type(error.__context__))
        if reason is None:
            raise Unreachable(
                f"no NETCONF session over the socket {path}: {_reason(error)}", remedy
            ) from error
        raise Unreachable(reason[0].format(path=path), reason[1] or remedy) from error
    return NcclientClient(session, f"the socket {path}", timeout)


def over_ssh(
    host: str,
    port: int,
    timeout: int,
    username: str | None = None,
    private_key_file: str | None = None,
    known_hosts_file: str | None = None,
    host_key_checking: bool = True,
) -> Client:
    """A session over SSH (RFC 6242).

    username: the one who runs the module when None; private_key_file: ssh-agent and the
    keys in ~/.ssh when None; known_hosts_file: ~/.ssh/known_hosts when None.
    """
    _prepare()
    where = f"{host} port {port}"
    for name, file in (
        ("private_key_file", private_key_file),
        ("known_hosts_file", known_hosts_file),
    ):
        if file is not None and not os.access(os.path.expanduser(file), os.R_OK):
            raise Unreachable(f"{name} is {file}, which cannot be read where the module runs")
    # ncclient does not say why it cannot connect, the socket does.
    try:
        connection = socket.create_connection((host, port), timeout)
    except OSError as error:
        raise Unreachable(
            f"no connection to {where}: {error.strerror or error}",
            "see that the host is right and that smcrouted there runs with --netconf-ssh, "
            "or sshd with its netconf subsystem",
        ) from error
    session = _ssh_session(known_hosts_file, timeout)
    try:
        session.connect(
            host,
            port=port,
            timeout=timeout,
            username=username,
            key_filename=private_key_file and os.path.expanduser(private_key_file),
            allow_agent=private_key_file is None,
            look_for_keys=private_key_file is None,
            hostkey_verify=host_key_checking,
            sock=connection,
        )
    except SSHUnknownHostError as error:
        _end(session, connection)
        raise Unreachable(
            f"the host key of {where} is not in {known_hosts_file or '~/.ssh/known_hosts'}",
            f"check the key and add it, as ssh-keyscan -p {port} {host} prints it",
        ) from error
    except AuthenticationError as error:
        _end(session, connection)
        raise Unreachable(
            f"{where} does not let {username or 'the user who runs the module'} in: {error}",
            "see that username is right and that the agent has the public key that belongs "
            "to private_key_file",
        ) from error
    except Exception as error:  # paramiko raises its own classes, and EOFError
        _end(session, connection)
        raise Unreachable(f"no NETCONF session with {where}: {_reason(error)}") from error
    return NcclientClient(session, where, timeout)


class NcclientClient(Client):
    """The session of an ncclient manager.

    where: what an error message calls the other side.
    """

    def __init__(self, session: Any, where: str, timeout: int) -> None:
        self._where = where
        self._broken = False
        self._manager = Manager(
            session, make_device_handler({}), timeout=timeout, raise_mode=RaiseMode.NONE
        )
        self._manager.huge_tree = True

    def get_config(self, subtree: str) -> Any:
        reply = self._request(
            "the get-config",
            lambda: self._manager.get_config("running", filter=("subtree", subtree)),
        )
        return reply.data_ele

    def edit_config(self, config: str) -> list[str]:
        reply = self._request(
            "the change",
            lambda: self._manager.edit_config(
                config=config, target="running", default_operation="none"
            ),
        )
        return [error.message or error.tag for error in reply.errors]

    def close(self) -> None:
        if not self._broken:
            self._manager.timeout = CLOSE_SECONDS
            with contextlib.suppress(Exception):  # whatever happens now, the work is done
                self._manager.close_session()
        _end(self._manager._session)

    def _request(self, operation: str, call: Callable[[], Any]) -> Any:
        self._broken = True
        try:
            reply = call()
        except TimeoutExpiredError as error:
            raise Unreachable(
                f"{self._where} has not answered {operation} in {self._manager.timeout} s, "
                "and whether it was carried out is not known",
                "give the task a longer timeout, or look at the agent's log",
            ) from error
        except Exception as error:  # of ncclient, paramiko, lxml or the socket
            raise Unreachable(
                f"the session with {self._where} broke during {operation}: {_reason(error)}",
                "look at the agent's log and run the task again",
            ) from error
        self._broken = False
        errors = tuple(_rpc_error(error) for error in reply.errors)
        if any(error.severity != "warning" for error in errors):
            raise Refused(operation, errors)
        return reply


def _rpc_error(error: Any) -> RpcError:
    def text(value: str | None) -> str | None:
        return value.strip() if value else None

    return RpcError(
        tag=text(error.tag) or "operation-failed",
        severity=text(error.severity) or "error",
        app_tag=text(error.app_tag),
        path=text(error.path),
        message=text(error.message),
    )


def _prepare() -> None:
    """Check that ncclient is there, and set its constants: here alone."""
    if NCCLIENT_ERROR is not None:
        raise MissingLibrary(
            "the Python library ncclient is missing where the module runs",
            "install it there (pip install ncclient), or set ansible_python_interpreter to a "
            "Python that has it, such as the agent's /opt/smcroute/bin/python",
        )
    ncclient.transport.session.TICK = POLL_SECONDS
    ncclient.transport.unixSocket.BUF_SIZE = READ_BYTES


def _with_hello_timeout(session_class: Any, timeout: int) -> Any:
    """The session class, which waits so long and not a minute for the other side's hello."""

    class Session(session_class):  # type: ignore[misc]
        def _post_connect(self, _timeout: int = 0) -> None:
            super()._post_connect(timeout)

    return Session


def _ssh_session(known_hosts_file: str | None, timeout: int) -> Any:
    # paramiko takes 0.3 s to import: only those who use SSH shall pay.
    import ncclient.transport.ssh as transport

    transport.BUF_SIZE = READ_BYTES

    class Session(_with_hello_timeout(transport.SSHSession, timeout)):  # type: ignore[misc]
        def load_known_hosts(self, filename: str | None = None) -> None:
            super().load_known_hosts(filename or known_hosts_file)

    return Session(make_device_handler({}))


def _end(session: Any, connection: socket.socket | None = None) -> None:
    """Close a session in whatever state it is, and the socket below it."""
    with contextlib.suppress(Exception):  # ncclient's close expects a connected session
        session.close()
    if connection is not None:
        connection.close()


def _reason(error: BaseException) -> str:
    text = str(error).strip().partition("\n")[0]
    return text or type(error).__name__


_UNIX_REASONS = {
    FileNotFoundError: ("there is no NETCONF socket {path} on this host", None),
    ConnectionRefusedError: ("nothing listens on the NETCONF socket {path}", None),
    PermissionError: (
        "the user who runs the module may not use the NETCONF socket {path}",
        "set become: true, or let that user use the socket",
    ),
}
