# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of config that the router accepted and cannot act on yet, as warnings."""

from __future__ import annotations

from typing import Dict, Iterable, Optional

from ansible_collections.mcast.smcroute.plugins.module_utils import state
from ansible_collections.mcast.smcroute.plugins.module_utils.client import PENDING, Client
from ansible_collections.mcast.smcroute.plugins.module_utils.entries import Config, warning_about
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import RpcError, SmcrouteError
from ansible_collections.mcast.smcroute.plugins.module_utils.explain import locate
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import Key, Kind
from ansible_collections.mcast.smcroute.plugins.module_utils.reconcile import Edit

AUTO, ALWAYS, NEVER = "auto", "always", "never"
AUTO_ENTRIES = 1000
"""With how many entries the router is still asked: to look at the state of 10 000 routes takes
it ten times as long as to send their configuration."""

Foreseen = Dict[Key, Optional[str]]
"""Why entries would be pending; None for those that would not."""


def is_asked(when: str, entries: int) -> bool:
    """Whether a router that has so many entries is asked which of them are pending."""
    return when == ALWAYS or (when == AUTO and entries <= AUTO_ENTRIES)


def foreseen(kind: Kind, edits: Iterable[Edit], warnings: Iterable[RpcError]) -> Foreseen:
    """What a test has told of the entries that it was about."""
    told: Foreseen = {kind.key_of(edit.entry): None for edit in edits}
    for warning in warnings:
        key, _leaf = locate(kind, warning.path or "")
        if warning.app_tag == PENDING and key is not None:
            told[key] = warning.message or ""
    return told


def pending_warnings(client: Client, kind: Kind, wanted: Config, told: Foreseen) -> list[str]:
    """One warning for all entries of config that are pending, or none.

    told: in check mode, what is foreseen of entries of which the router's state says nothing.
    What was to be done is done by now, so a router that does not answer is a warning too.
    """
    try:
        rows = state.pending(client.get(state.query(state.pending_of(kind))))
    except SmcrouteError as error:
        return [f"whether the entries are pending is not known: {error}"]
    reasons = {**{kind.key_of(row): row["reason"] for row in rows}, **told}
    found = {key: reason for key, reason in reasons.items() if reason is not None}
    waiting = [
        f"config[{index}] ({kind.describe(key)}): {found[key]}"
        for key, (index, _entry) in wanted.items()
        if key in found
    ]
    return warning_about(
        "the router accepts what it cannot act on yet; it will by itself when the reason is gone:",
        waiting,
    )
