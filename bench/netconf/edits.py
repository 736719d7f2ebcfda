"""edit-config and get-config of many routes, and edits of one route beside many."""

from __future__ import annotations

import time
from collections import defaultdict

from ..benchmark import Benchmark, Progress, Row
from . import netopeer2, requests
from .agent import Agent, started
from .client import Client, all_of
from .clock import milliseconds

COUNTS = (1, 1000, 10_000)
EDITS = 200
"""Edits of one route that are made in a row."""

OTHERS = "227.0.0.0"
"""The first group of those."""

ORDER = ("edit-config", "get-config", "delete all", "one-route edits a second")

AIMS = {"edit-config": {10_000: 500.0}, "get-config": {10_000: 100.0}}

Samples = dict[tuple[str, str, int], list[float]]
"""(what, transport, routes) → milliseconds, or edits a second."""


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    samples: Samples = defaultdict(list)
    with started() as agent:
        for number in range(rounds):
            for transport, connect in agent.transports.items():
                progress(f"round {number + 1} of {rounds}: {transport}")
                with connect() as client:
                    for count in COUNTS:
                        _fill_and_empty(agent, client, transport, count, samples)
                    for count in (0, *COUNTS[1:]):
                        _one_by_one(client, transport, count, samples)
    rows = []
    noted = {"edit-config": netopeer2.EDIT, "get-config": netopeer2.GET_CONFIG}
    in_order = sorted(samples.items(), key=lambda item: (ORDER.index(item[0][0]), item[0][2]))
    for (what, transport, count), values in in_order:
        theirs = noted.get(what, {}).get(count)
        if what == "delete all":
            theirs = netopeer2.DELETE_ALL if count == 10_000 else None
        label, unit, target = f"{what}, {count} routes", "ms", AIMS.get(what, {}).get(count)
        more = what == "one-route edits a second"
        if more:
            label, unit = f"{what}, beside {count}", ""
            theirs, target = netopeer2.EDITS_A_SECOND[count], 200.0 if count == 10_000 else None
        rows.append(
            Row(
                f"{label}, {transport}",
                unit,
                tuple(values),
                () if theirs is None else (theirs,),
                target,
                more_is_better=more,
                peer=netopeer2.NAME,
            )
        )
    return rows


def _fill_and_empty(
    agent: Agent, client: Client, transport: str, count: int, samples: Samples
) -> None:
    """The time of an edit that adds so many routes, of reading them, and of deleting them."""
    edit = requests.edit(requests.routes(count))
    taken, _ = milliseconds(lambda: client.ask(edit))
    samples["edit-config", transport, count].append(taken)
    installed = len(agent.lab.router.proc_net("ip_mr_cache").splitlines()) - 1
    if installed != count:
        raise AssertionError(f"{installed} of {count} routes are in the kernel")
    taken, reply = milliseconds(lambda: client.ask(requests.get_config()))
    all_of([reply], "mroute", count)
    samples["get-config", transport, count].append(taken)
    taken, _ = milliseconds(lambda: client.ask(requests.delete_all()))
    samples["delete all", transport, count].append(taken)


def _one_by_one(client: Client, transport: str, count: int, samples: Samples) -> None:
    """How many edits of one route are done in a second, beside so many others."""
    if count:
        client.ask(requests.edit(requests.routes(count)))
    edits = [requests.edit([route]) for route in requests.routes(EDITS, OTHERS)]
    begin = time.perf_counter()
    for edit in edits:
        client.ask(edit)
    taken = time.perf_counter() - begin
    samples["one-route edits a second", transport, count].append(EDITS / taken)
    client.ask(requests.delete_all())


BENCHMARK = Benchmark(
    "netconf-edits",
    f"one session; from the request's first octet to the reply's last, the kernel included; "
    f"{EDITS} one-route edits in a row; SSH: OpenSSH's client with `-s netconf` and pipes",
    measure_all,
)
