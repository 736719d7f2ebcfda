# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes whose packets go out where they came in: legitimate on a multi-access link, and rare."""

from __future__ import annotations

from ansible_collections.mcast.smcroute.plugins.module_utils.entries import Config, warning_about
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import Kind
from ansible_collections.mcast.smcroute.plugins.module_utils.values import WILDCARD


def _loops(interface: str, out: str) -> bool:
    """Whether packets go out where they came in; an out-interface wildcard leaves that one out."""
    if out.endswith(WILDCARD):
        return False
    if interface.endswith(WILDCARD):
        return out.startswith(interface[:-1])
    return interface == out


def loop_warnings(kind: Kind, wanted: Config) -> list[str]:
    """One warning for all entries that have their interface among out_interfaces, or none."""
    looping = [
        f"config[{index}] ({kind.describe(key)})"
        for key, (index, entry) in wanted.items()
        if any(_loops(entry["interface"], out) for out in entry.get("out_interfaces") or ())
    ]
    said = "packets are sent out on the interface that they came in on by"
    return warning_about(said, looping)
