# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The course of a resource module: options, one get-config, at most one edit-config, result.

The states RENDERED and PARSED need no router and take another course: offline.py.
"""

from __future__ import annotations

from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mcast.smcroute.plugins.module_utils import codec
from ansible_collections.mcast.smcroute.plugins.module_utils.client import (
    PENDING,
    VALIDATE,
    Client,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.connection import (
    check_connection,
    connect,
    connection_arguments,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.entries import Config, from_config
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import (
    OptionError,
    Refused,
    RpcError,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.explain import explain
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import Kind
from ansible_collections.mcast.smcroute.plugins.module_utils.loops import loop_warnings
from ansible_collections.mcast.smcroute.plugins.module_utils.offline import (
    PARSED,
    RENDERED,
    parsed,
    rendered,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.pending import (
    ALWAYS,
    AUTO,
    NEVER,
    Foreseen,
    foreseen,
    is_asked,
    pending_warnings,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.reconcile import (
    STATES,
    Entries,
    reconcile,
    sorted_entries,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.task import end
from ansible_collections.mcast.smcroute.plugins.module_utils.yaml_diff import difference

GATHERED = "gathered"
NEEDS_CONFIG = ("merged", "replaced", "overridden", RENDERED)


def resource_arguments() -> dict[str, dict[str, Any]]:
    """The argument_spec of a resource module; entries.py checks the sub-options of config."""
    return {
        "config": {"type": "list", "elements": "dict"},
        "state": {
            "type": "str",
            "choices": [*STATES, GATHERED, RENDERED, PARSED],
            "default": "merged",
        },
        "running_config": {"type": "str"},
        "pending_warnings": {"type": "str", "choices": [AUTO, ALWAYS, NEVER], "default": AUTO},
        **connection_arguments(),
    }


def run(module: AnsibleModule, kind: Kind) -> None:
    """Do what the task asks for and end the module."""

    def connect_to(params: dict[str, Any]) -> Client:
        return connect(params, module._socket_path)

    end(module, lambda: perform(module, kind, connect_to), ("config", "running_config"))


def perform(
    module: AnsibleModule, kind: Kind, connect_to: Callable[[dict[str, Any]], Client]
) -> dict[str, Any]:
    """The result of a task; SmcrouteError when it fails."""
    params = module.params
    state = params["state"]
    if state == PARSED:
        return parsed(module, kind, params["running_config"])
    wanted = _wanted(kind, params)
    if state == RENDERED:
        return rendered(module, kind, wanted or {})
    check_connection(params)
    with connect_to(params) as client:
        have = _read(client, kind)
        if state == GATHERED:
            return {"changed": False, "gathered": sorted_entries(have)}
        change = reconcile(kind, have, wanted, state)
        result: dict[str, Any] = {"changed": bool(change.edits), "before": sorted_entries(have)}
        if state != "deleted":
            for warning in loop_warnings(kind, wanted or {}):
                module.warn(warning)
        ask = bool(wanted) and state != "deleted"
        ask = ask and is_asked(params["pending_warnings"], len(change.after))
        told: Foreseen = {}
        if change.edits:
            result["after"] = sorted_entries(change.after)
            result["rpc"] = codec.encode(kind, change.edits)
            warnings = _send(module, client, kind, wanted, result["rpc"], ask)
            if module.check_mode:
                told = foreseen(kind, change.edits, warnings)
        if ask:
            for warning in pending_warnings(client, kind, wanted or {}, told):
                module.warn(warning)
    if module._diff:
        result["diff"] = difference(kind, have, change.after)
    return result


def _wanted(kind: Kind, params: dict[str, Any]) -> Config | None:
    config = params["config"]
    if params["state"] == GATHERED:
        return None
    if config is None:
        if params["state"] in NEEDS_CONFIG:
            raise OptionError(
                f"config is missing, and state {params['state']} needs it",
                "give the entries; an empty list is allowed",
            )
        return None
    return from_config(kind, config)


def _read(client: Client, kind: Kind) -> Entries:
    try:
        return codec.decode(kind, client.get_config(codec.list_filter(kind)))
    except Refused as refused:
        raise explain(kind, None, refused) from refused


def _send(
    module: AnsibleModule,
    client: Client,
    kind: Kind,
    wanted: Config | None,
    config: str,
    ask: bool,
) -> list[RpcError]:
    """Send the change; in check mode only ask whether it would be accepted.

    ask: in check mode, which entries would be pending, too; the warnings tell.
    """
    check = module.check_mode
    if check and VALIDATE not in client.capabilities:
        return []
    try:
        warnings = client.edit_config(config, check, check and ask and client.tells_pending)
    except Refused as refused:
        said = explain(kind, wanted, refused)
        if module.check_mode and all(error.tag == "access-denied" for error in refused.errors):
            # Who may only read shall be able to see what differs.
            module.warn(f"without check mode this task would fail: {said}")
            return []
        raise said from refused
    for warning in warnings:
        if warning.app_tag != PENDING:
            module.warn(warning.message or warning.tag)
    return warnings
