# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NETCONF over the agent's UNIX socket."""

from __future__ import annotations

from ansible_collections.mcast.smcroute.plugins.module_utils.client import Client
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import Unreachable
from ansible_collections.mcast.smcroute.plugins.module_utils.ncclient_client import (
    NcclientClient,
    prepare,
    reason,
    with_hello_timeout,
)

try:
    from ncclient import NCClientError
    from ncclient.manager import make_device_handler
    from ncclient.transport.unixSocket import UnixSocketSession
except ImportError:
    pass  # prepare() says so

_REASONS: dict[type, tuple[str, str | None]] = {
    # The socket's error: what is wrong, and what to do where that is not the usual.
    FileNotFoundError: ("on this host there is no NETCONF socket", None),
    ConnectionRefusedError: ("nothing listens on the NETCONF socket", None),
    PermissionError: (
        "the user who runs the module may not use the NETCONF socket",
        "set become: true, or let that user use the socket",
    ),
}


def over_unix_socket(path: str, timeout: int) -> Client:
    """A session over the agent's UNIX socket.

    path: of the socket; timeout: seconds to wait for the agent's hello and each reply.
    """
    prepare()
    remedy = f"see that smcrouted runs on this host and has {path} for its --netconf-socket"
    session = with_hello_timeout(UnixSocketSession, timeout)(make_device_handler({}))
    try:
        session.connect(path, timeout)
    except (NCClientError, OSError) as error:
        # ncclient does not say why it cannot connect; the socket's error is the context.
        cause = error.__context__ or error
        if type(cause) not in _REASONS:
            raise Unreachable(
                f"no NETCONF session over the socket {path}: {reason(cause)}", remedy
            ) from error
        said, better = _REASONS[type(cause)]
        raise Unreachable(f"{said} {path}", better or remedy) from error
    return NcclientClient(session, f"the socket {path}", timeout)
