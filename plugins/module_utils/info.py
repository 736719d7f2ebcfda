# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What smcroute_info reads."""

from __future__ import annotations

import time
from typing import Any, Callable, NamedTuple

from ansible_collections.mcast.smcroute.plugins.module_utils import state
from ansible_collections.mcast.smcroute.plugins.module_utils.client import Client
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import OptionError

ALL = "all"
LONGEST_INTERVAL = 3600


class Subset(NamedTuple):
    """A part of the state: what to ask for, and how the reply is read."""

    query: str
    read: Callable[[Any], Any]


SUBSETS: dict[str, Subset] = {
    "agent": Subset("<agent/>", state.agent),
    "interfaces": Subset("<interface/>", state.interfaces),
    "memberships": Subset("<membership/>", state.memberships),
    "forwarding_entries": Subset(state.flows(), state.forwarding_entries),
    "pending": Subset(state.PENDING_RULES, state.pending),
    "rule_warnings": Subset(state.WARNED_RULES, state.rule_warnings),
}
FLOWS = "forwarding_entries"


def check_options(params: dict[str, Any]) -> None:
    """Raise OptionError for an interval that cannot be right."""
    if not 0 <= params["interval"] <= LONGEST_INTERVAL:
        raise OptionError(
            f"interval is {params['interval']}: it is from 0 to {LONGEST_INTERVAL} seconds"
        )


def gather(
    client: Client,
    subset: list[str],
    interval: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """The state by subset; with an interval, rates in the forwarding entries.

    interval: seconds between two readings of the counters, 0 for one reading.
    """
    names = [name for name in SUBSETS if name in subset or ALL in subset]
    result: dict[str, Any] = {}
    seconds = 0.0
    before = None
    if interval and FLOWS in names:
        before = state.forwarding_entries(client.get(state.query(state.flows())))
        begin = clock()
        sleep(interval)
    data = client.get(state.query(*(SUBSETS[name].query for name in names)))
    if before is not None:
        seconds = clock() - begin
    for name in names:
        result[name] = SUBSETS[name].read(data)
    if before is not None:
        result[FLOWS] = state.with_rates(before, result[FLOWS], seconds)
        result["interval"] = round(seconds, 3)
    return result
