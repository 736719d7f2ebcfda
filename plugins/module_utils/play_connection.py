# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NETCONF over the play's own connection, ansible.netcommon.netconf.

The connection keeps its session from task to task.  ansible-core carries its end of the wire,
so no other collection is needed here.
"""

from __future__ import annotations

import json
from typing import Any

from ansible.module_utils.connection import Connection, ConnectionError

from ansible_collections.mcast.smcroute.plugins.module_utils.client import Client, edit_content
from ansible_collections.mcast.smcroute.plugins.module_utils.codec import NETCONF_NAMESPACE
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import (
    Refused,
    RpcError,
    Unreachable,
)

try:
    from lxml import etree
except ImportError:
    from xml.etree import ElementTree as etree  # type: ignore[no-redef]

WHERE = "the play's netconf connection"


class PlayConnection(Client):
    """The session of the connection plugin that listens on socket_path."""

    reconnects = False

    def __init__(self, socket_path: str) -> None:
        self._connection = Connection(socket_path)
        try:
            said = json.loads(self._connection.get_capabilities())
        except (ConnectionError, ValueError) as error:
            raise Unreachable(
                f"{WHERE} cannot be used: {_line(error)}",
                "see that the connection of the play is ansible.netcommon.netconf, and that "
                "ansible_host, ansible_port and ansible_user are right",
            ) from error
        if said.get("network_api") != "netconf":
            raise Unreachable(
                f"the play's connection is {said.get('network_api')}, which is not netconf",
                "set connection: ansible.netcommon.netconf, or give host",
            )
        self._capabilities = frozenset(said.get("server_capabilities") or ())

    @property
    def capabilities(self) -> frozenset[str]:
        return self._capabilities

    def get_config(self, subtree: str | None, datastore: str = "running") -> Any:
        source = f"<source><{datastore}/></source>"
        reply = self._request(_operation("get-config", source + _filter(subtree)), "the get-config")
        return reply.find(f"{{{NETCONF_NAMESPACE}}}data")

    def get(self, subtree: str) -> Any:
        reply = self._request(_operation("get", _filter(subtree)), "the get")
        return reply.find(f"{{{NETCONF_NAMESPACE}}}data")

    def edit_config(
        self, config: str, test_only: bool = False, tell_pending: bool = False
    ) -> list[RpcError]:
        content = edit_content(config, test_only, tell_pending)
        return list(_errors(self._request(_operation("edit-config", content), "the change")))

    def call(self, operation: str, purpose: str) -> None:
        self._request(operation, purpose)

    def close(self) -> None:
        """The session belongs to the play, which goes on."""

    def _request(self, operation: str, purpose: str) -> Any:
        try:
            return etree.fromstring(self._connection.rpc(operation).encode())
        except ConnectionError as error:
            reply = _element(str(error))
            errors = () if reply is None else _errors(reply)
            if errors and all(one.severity == "warning" for one in errors):
                return reply
            if errors:
                raise Refused(purpose, errors) from error
            raise Unreachable(
                f"{WHERE} broke during {purpose}: {_line(error)}",
                "look at the agent's log and run the task again",
            ) from error


def _operation(name: str, content: str) -> str:
    return f'<{name} xmlns="{NETCONF_NAMESPACE}">{content}</{name}>'


def _filter(subtree: str | None) -> str:
    return "" if subtree is None else f'<filter type="subtree">{subtree}</filter>'


def _element(text: str) -> Any:
    """The rpc-errors, which the plugin sends as the text of an exception; None for other texts."""
    try:
        return etree.fromstring(text.encode())
    except (etree.ParseError, ValueError):
        return None


def _errors(element: Any) -> tuple[RpcError, ...]:
    def text(error: Any, name: str) -> str | None:
        value = error.findtext(f"{{{NETCONF_NAMESPACE}}}{name}")
        return value.strip() if value else None

    return tuple(
        RpcError(
            tag=text(error, "error-tag") or "operation-failed",
            severity=text(error, "error-severity") or "error",
            app_tag=text(error, "error-app-tag"),
            path=text(error, "error-path"),
            message=text(error, "error-message"),
        )
        for error in element.iter(f"{{{NETCONF_NAMESPACE}}}rpc-error")
    )


def _line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
