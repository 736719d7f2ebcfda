# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NETCONF over SSH (RFC 6242)."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from typing import Any

from ansible_collections.mcast.smcroute.plugins.module_utils.client import Client
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import Unreachable
from ansible_collections.mcast.smcroute.plugins.module_utils.ncclient_client import (
    READ_BYTES,
    NcclientClient,
    end,
    prepare,
    reason,
    with_hello_timeout,
)

try:
    from ncclient.manager import make_device_handler
    from ncclient.transport.errors import AuthenticationError, SSHUnknownHostError
except ImportError:
    pass  # prepare() says so

_SSH_SERVER = (
    "smcrouted there runs with --netconf-ssh, or sshd with its netconf subsystem, on that port"
)


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
    prepare()
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
            f"see that the host is right and that {_SSH_SERVER}",
        ) from error
    session = _ssh_session(known_hosts_file, timeout)
    # ncclient and paramiko wait without end for some of what a login takes.
    silent = threading.Event()
    watch = threading.Timer(timeout, _give_up, (connection, silent))
    watch.start()
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
    except Exception as error:  # paramiko raises its own classes, and EOFError
        end(session, connection)
        if silent.is_set():
            raise Unreachable(
                f"no NETCONF session with {where}: no answer in {timeout} s",
                "see what the router does, or give the task a longer timeout",
            ) from error
        raise _failure(error, host, port, username, known_hosts_file) from error
    finally:
        watch.cancel()
    return NcclientClient(session, where, timeout)


def _failure(
    error: Exception, host: str, port: int, username: str | None, known_hosts_file: str | None
) -> Unreachable:
    """Why a login has failed, and what to do."""
    where = f"{host} port {port}"
    if isinstance(error, SSHUnknownHostError):
        return Unreachable(
            f"the host key of {where} is not in {known_hosts_file or '~/.ssh/known_hosts'}",
            f"check the key and add it, as ssh-keyscan -p {port} {host} prints it",
        )
    if isinstance(error, AuthenticationError):
        return Unreachable(
            f"{where} does not let {username or 'the user who runs the module'} in: "
            + reason(error),
            "see that username is right and that the agent has the public key that belongs "
            "to private_key_file",
        )
    return Unreachable(
        f"no NETCONF session with {where}: {reason(error)}", f"see that {_SSH_SERVER}"
    )


def _give_up(connection: socket.socket, silent: threading.Event) -> None:
    """End a login that takes too long; whoever waits for it is told that the peer has gone."""
    silent.set()
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _ssh_session(known_hosts_file: str | None, timeout: int) -> Any:
    # paramiko takes 0.3 s to import: only those who use SSH shall pay.
    import ncclient.transport.ssh as transport

    transport.BUF_SIZE = READ_BYTES

    class Session(with_hello_timeout(transport.SSHSession, timeout)):  # type: ignore[misc]
        def load_known_hosts(self, filename: str | None = None) -> None:
            super().load_known_hosts(filename or known_hosts_file)

    return Session(make_device_handler({}))
