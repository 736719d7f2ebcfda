# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options of every module: their specification, and the session they ask for."""

from __future__ import annotations

from typing import Any

from ansible_collections.mcast.smcroute.plugins.module_utils.client import Client
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import OptionError
from ansible_collections.mcast.smcroute.plugins.module_utils.ncclient_ssh import over_ssh
from ansible_collections.mcast.smcroute.plugins.module_utils.ncclient_unix import (
    over_unix_socket,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.play_connection import (
    PlayConnection,
)

DEFAULT_SOCKET = "/run/smcroute.netconf.sock"

SSH_OPTIONS = (
    "port",
    "username",
    "private_key_file",
    "known_hosts_file",
    "host_key_checking",
)


def connection_arguments() -> dict[str, dict[str, Any]]:
    """The part of an argument_spec that plugins/doc_fragments/connection.py documents."""
    return {
        "socket": {"type": "path", "default": DEFAULT_SOCKET},
        "host": {"type": "str"},
        "port": {"type": "int", "default": 830},
        "username": {"type": "str"},
        "private_key_file": {"type": "path"},
        "known_hosts_file": {"type": "path"},
        "host_key_checking": {"type": "bool", "default": True},
        "timeout": {"type": "int", "default": 30},
    }


def check_connection(params: dict[str, Any]) -> None:
    """Raise OptionError for a connection option that cannot be right."""
    if not 1 <= params["port"] <= 65535:
        raise OptionError(f"port is {params['port']}: a TCP port is from 1 to 65535")
    for name in ("host", "username", "socket"):
        if params[name] is not None and not params[name].strip():
            raise OptionError(f"{name} is empty", f"give one, or leave {name} out")
    if params["timeout"] < 1:
        raise OptionError(f"timeout is {params['timeout']}: it is at least 1 second")


def connect(params: dict[str, Any], play_socket: str | None = None) -> Client:
    """The session that a task asks for: SSH with a host, else the play's, else the UNIX socket.

    play_socket: where the play's connection plugin listens, AnsibleModule._socket_path.
    """
    if params["host"] is None and play_socket is not None:
        return PlayConnection(play_socket)
    if params["host"] is None:
        return over_unix_socket(params["socket"], params["timeout"])
    ssh = {name: params[name] for name in SSH_OPTIONS}
    return over_ssh(params["host"], timeout=params["timeout"], **ssh)
