# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What smcroute_flush does: entries that the kernel has only since their flows came go."""

from __future__ import annotations

from typing import Any

from ansible_collections.mcast.smcroute.plugins.module_utils import state
from ansible_collections.mcast.smcroute.plugins.module_utils.client import Client
from ansible_collections.mcast.smcroute.plugins.module_utils.codec import NAMESPACE

DYNAMIC = ("learned", "stop")
"""Origins of entries that flush removes."""


def flush(client: Client, check_mode: bool) -> dict[str, Any]:
    """Remove the learned and stop entries, if there are any; the result of the task."""
    queries = [state.flows(origin=origin) for origin in DYNAMIC]
    entries = state.forwarding_entries(client.get(state.query(*queries)))
    if entries and not check_mode:
        client.call(f'<flush xmlns="{NAMESPACE}"/>', "the flush")
    flushed = [
        {name: entry[name] for name in ("source", "group", "in_interface", "origin")}
        for entry in entries
    ]
    return {"changed": bool(entries), "flushed": flushed}
