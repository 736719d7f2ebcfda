"""The first packet of a new flow through a (*,G) rule: upcall, lookup, route, forwarding."""

from __future__ import annotations

import contextlib
import statistics
import time

from lab import Daemon, Lab
from lab.latency import Prober, groups

from .benchmark import Benchmark, Progress, Row
from .configurations import static_routes, templates
from .peers import PEERS, pinned

FLOWS = 200
PAUSE = 0.005
"""Seconds between two flows: the daemon has gone to sleep again, as on a router at rest."""

TARGET = 250.0
RULE = "mroute from in0 group 225.0.0.0/8 to out0\n"
BESIDE = {
    "no other rule": "",
    "1000 (*,G) rules": templates(1000),
    "10000 (*,G) rules": templates(10_000),
    "10000 (S,G) routes": static_routes(10_000),
}
"""What else is configured; the rule that the flows match stands in the middle of it."""

LOST = 1e6
"""Microseconds that a first packet counts for which does not arrive at all."""


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    rows = []
    for beside, others in BESIDE.items():
        progress(f"beside {beside}: both start")
        lines = others.splitlines(keepends=True)
        lines.insert(len(lines) // 2, RULE)
        with contextlib.ExitStack() as stack:
            probers = _start("".join(lines), stack)
            figures = []
            for number in range(rounds):
                progress(f"beside {beside}: round {number + 1} of {rounds}, flow by flow in turn")
                figures.append(_round(probers, number))
        for what, column in (("median", 0), ("p90", 1)):
            ours, theirs = (
                tuple(figure[peer.name][column] for figure in figures) for peer in PEERS
            )
            target = TARGET if what == "median" else None
            rows.append(Row(f"first packet beside {beside}, {what}", "µs", ours, theirs, target))
    return rows


def _start(configuration: str, stack: contextlib.ExitStack) -> dict[str, Prober]:
    """Both daemons, each in a lab of its own, at the same time; a prober for each."""
    probers = {}
    for peer in PEERS:
        lab = stack.enter_context(Lab(receivers=1))
        daemon = Daemon(lab.router, program=peer.program, configuration=configuration)
        stack.enter_context(daemon)
        stack.enter_context(pinned(daemon))
        probers[peer.name] = stack.enter_context(Prober(lab.sender, "192.0.2.10", lab.receivers[0]))
    return probers


def _round(probers: dict[str, Prober], number: int) -> dict[str, tuple[float, float]]:
    """Median and 90th percentile of each, in microseconds, over FLOWS new flows."""
    delays: dict[str, list[float]] = {name: [] for name in probers}
    for group in groups(f"225.{number}.0.1", FLOWS):
        for name, prober in probers.items():
            delay = prober.delay(group)
            delays[name].append(LOST if delay is None else delay * 1e6)
            time.sleep(PAUSE)
    return {
        name: (statistics.median(values), statistics.quantiles(values, n=10)[-1])
        for name, values in delays.items()
    }


BENCHMARK = Benchmark(
    "first-packet",
    f"{FLOWS} new flows a round, {PAUSE * 1000:g} ms apart, each to the one and to the other "
    "daemon in turn; from sendto() to recv() behind the router; the daemons on the first CPU, "
    "sender and receiver on the second",
    measure_all,
)
