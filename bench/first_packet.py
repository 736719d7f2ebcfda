"""The first packet of a new flow through a (*,G) rule: upcall, lookup, route, forwarding."""

from __future__ import annotations

import contextlib
import statistics
import time

from lab import Daemon, Lab
from lab.latency import Prober, groups

from .benchmark import Benchmark, Progress, Row
from .configurations import static_routes, templates
from .peers import PEERS, Peer, at_once, pinned

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


Case = tuple[str, str]
"""What else is configured, and whose daemon it is."""


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    """All at the same time, flow by flow in turn: the machine is the same for all of them."""
    with contextlib.ExitStack() as stack:
        probers: dict[Case, Prober] = {}
        for beside, others in BESIDE.items():
            progress(f"beside {beside}: both start")
            lines = others.splitlines(keepends=True)
            lines.insert(len(lines) // 2, RULE)
            for peer in PEERS:
                probers[beside, peer.name] = _start(peer, "".join(lines), stack)
        figures = []
        for number in range(rounds):
            progress(f"round {number + 1} of {rounds}, flow by flow in turn")
            figures.append(_round(probers, number))
    ours, theirs = PEERS
    return [
        Row(
            f"first packet beside {beside}, {what}",
            "µs",
            tuple(figure[beside, ours.name][column] for figure in figures),
            tuple(figure[beside, theirs.name][column] for figure in figures),
            target=TARGET if what == "median" else None,
        )
        for beside in BESIDE
        for column, what in enumerate(("median", "p90"))
    ]


def _start(peer: Peer, configuration: str, stack: contextlib.ExitStack) -> Prober:
    """A daemon in a lab of its own, and a prober for it."""
    lab = stack.enter_context(Lab(receivers=1))
    daemon = Daemon(lab.router, program=peer.program, configuration=configuration)
    stack.enter_context(daemon)
    stack.enter_context(pinned(daemon))
    return stack.enter_context(Prober(lab.sender, "192.0.2.10", lab.receivers[0]))


def _round(probers: dict[Case, Prober], number: int) -> dict[Case, tuple[float, float]]:
    """Median and 90th percentile of each, in microseconds, over FLOWS new flows."""
    delays: dict[Case, list[float]] = {case: [] for case in probers}
    with at_once():
        for group in groups(f"225.{number}.0.1", FLOWS):
            for case, prober in probers.items():
                delay = prober.delay(group)
                delays[case].append(LOST if delay is None else delay * 1e6)
                time.sleep(PAUSE)
    return {
        case: (statistics.median(values), statistics.quantiles(values, n=10)[-1])
        for case, values in delays.items()
    }


BENCHMARK = Benchmark(
    "first-packet",
    f"{FLOWS} new flows a round, {PAUSE * 1000:g} ms apart, each to all of these daemons in turn; "
    "from sendto() to recv() behind the router; the daemons on the first CPU; what sends and "
    "receives on the second, a real-time process",
    measure_all,
)
