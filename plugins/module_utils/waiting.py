# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What smcroute_wait_for waits for: a flow that the kernel forwards as a task says."""

from __future__ import annotations

import ipaddress
import time
from typing import Any, Callable, NamedTuple

from ansible_collections.mcast.smcroute.plugins.module_utils import state, values
from ansible_collections.mcast.smcroute.plugins.module_utils.client import Client
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import (
    OptionError,
    SmcrouteError,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.state import Row

SHORTEST_POLL = 0.05
_NO_ENTRY = (
    "the kernel has no entry for it: no packet of it has come in on an interface that a rule names"
)


class Flow(NamedTuple):
    """The flow, and what is wanted of it.

    source: "*" for any sender; in_interface: None for any; packets: how many at least.
    """

    source: str
    group: str
    in_interface: str | None
    out_interfaces: tuple[str, ...]
    packets: int

    def __str__(self) -> str:
        return f"source {self.source}, group {self.group}"


class NotForwarded(SmcrouteError):
    """The time is over, and something is still missing."""


def flow_of(params: dict[str, Any]) -> Flow:
    """The flow that a task's options name; OptionError for what cannot be."""
    for name, lowest in (("wait_timeout", 0), ("poll_interval", SHORTEST_POLL), ("packets", 0)):
        if not params[name] >= lowest:  # nor NaN
            raise OptionError(f"{name} is {params[name]}: it is at least {lowest}")
    flow = Flow(
        _value(params, "source", values.source),
        _value(params, "group", values.group),
        params["in_interface"],
        tuple(params["out_interfaces"] or ()),
        params["packets"],
    )
    for name in ("source", "group"):
        if "/" in getattr(flow, name):
            raise OptionError(f"{name} is {params[name]}: wait for one flow, not for a range")
    if flow.source != values.ANY_SOURCE and values.is_ipv6(flow.source) != values.is_ipv6(
        flow.group
    ):
        raise OptionError(
            f"source {flow.source} and group {flow.group} are of different address families"
        )
    named = [(f"out_interfaces[{n}]", name) for n, name in enumerate(flow.out_interfaces)]
    if flow.in_interface is not None:
        named.append(("in_interface", flow.in_interface))
    for option, name in named:
        try:
            values.interface(name)
        except values.BadValue as error:
            raise OptionError(f"{option} is {name!r}: {error}") from None
        if name.endswith(values.WILDCARD):
            raise OptionError(
                f"{option} is {name!r}: the kernel knows no wildcards; name each interface"
            )
    return flow


def _value(params: dict[str, Any], name: str, check: Callable[[str], str]) -> str:
    try:
        return check(params[name])
    except values.BadValue as error:
        raise OptionError(f"{name} is {params[name]!r}: {error}") from None


def wait(
    client: Client,
    flow: Flow,
    timeout: float,
    interval: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Ask every `interval` seconds until an entry is as wanted; the result of the task.

    Raises NotForwarded, which says what is missing, after `timeout` seconds.
    """
    begin = clock()
    source = None if flow.source == values.ANY_SOURCE else flow.source
    query = state.query(state.flows(source, flow.group))
    while True:
        entries = state.forwarding_entries(client.get(query))
        for entry in entries:
            if not missing(flow, entry):
                elapsed = round(clock() - begin, 3)
                return {"changed": False, "entry": entry, "elapsed": elapsed}
        left = timeout - (clock() - begin)
        if left <= 0:
            raise _not_forwarded(client, flow, entries, timeout)
        sleep(min(interval, left))


def missing(flow: Flow, entry: Row) -> list[str]:
    """What an entry of the kernel lacks, as parts of a sentence; empty when it is as wanted."""
    lacks = []
    if flow.in_interface not in (None, entry["in_interface"]):
        lacks.append(f"it comes in on {entry['in_interface']} and not on {flow.in_interface}")
    absent = [name for name in flow.out_interfaces if name not in entry["out_interfaces"]]
    if absent:
        lacks.append(f"it does not go out on {', '.join(absent)}")
    elif not entry["out_interfaces"]:
        lacks.append("it goes out nowhere")
    if entry["origin"] == "stop":
        lacks.append("no rule matches it")
    if (entry["packets"] or 0) < flow.packets:
        lacks.append(f"{entry['packets']} of {flow.packets} packets have come")
    return lacks


def _not_forwarded(client: Client, flow: Flow, entries: list[Row], timeout: float) -> NotForwarded:
    said = [
        f"the flow from {entry['source']}: " + ", ".join(missing(flow, entry)) for entry in entries
    ]
    if not said:
        said = [_NO_ENTRY]
    rules = state.pending(client.get(state.query(state.PENDING_RULES)))
    said += [
        f"the {rule['kind']} of interface {rule['interface']}, source {rule['source']}, "
        f"group {rule['group']} is pending: {rule['reason']}"
        for rule in rules
        if _covers(rule.get("group"), flow.group)
    ]
    return NotForwarded(
        f"{flow} is not forwarded as wanted after {timeout:g} s; " + "; ".join(said)
    )


def _covers(pattern: str | None, group: str) -> bool:
    if pattern is None or values.is_ipv6(pattern) != values.is_ipv6(group):
        return False
    return ipaddress.ip_address(group) in ipaddress.ip_network(pattern)
