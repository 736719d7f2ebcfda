"""The first packet of a new flow through a (*,G) rule: upcall, lookup, route, forwarding."""

from __future__ import annotations

import statistics
import time

from lab import Daemon, Lab
from lab.latency import Prober, groups

from .configurations import static_routes, templates
from .peers import Peer, alternate, pinned
from .registry import Progress, Row, benchmark

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


@benchmark(
    "first-packet",
    f"{FLOWS} new flows a round, {PAUSE * 1000:g} ms apart; from sendto() to recv() behind the "
    "router, the daemon on the first CPU, sender and receiver on the second",
)
def first_packet(rounds: int, progress: Progress) -> list[Row]:
    rows = []
    for beside, others in BESIDE.items():
        tails: dict[str, list[float]] = {"ours": [], "theirs": []}
        lines = others.splitlines(keepends=True)
        lines.insert(len(lines) // 2, RULE)
        configuration = "".join(lines)
        with Lab() as lab:

            def measure(
                peer: Peer,
                number: int,
                lab: Lab = lab,
                beside: str = beside,
                configuration: str = configuration,
                tails: dict[str, list[float]] = tails,
            ) -> float:
                progress(f"beside {beside}, round {number + 1} of {rounds}: {peer.name}")
                median, tail = probe(lab, peer, configuration)
                tails[peer.name].append(tail)
                return median

            samples = alternate(rounds, measure)
        for what, figures in (("median", samples), ("p90", tails)):
            rows.append(
                Row(
                    f"first packet beside {beside}, {what}",
                    "µs",
                    tuple(figures["ours"]),
                    tuple(figures["theirs"]),
                    TARGET if what == "median" else None,
                )
            )
    return rows


def probe(lab: Lab, peer: Peer, configuration: str) -> tuple[float, float]:
    """Median and 90th percentile, in microseconds, over FLOWS new flows."""
    with (
        Daemon(lab.router, program=peer.program, configuration=configuration) as daemon,
        Prober(lab.sender, "192.0.2.10", lab.receivers[0]) as prober,
        pinned(daemon),
    ):
        delays = []
        for group in groups("225.1.0.0", FLOWS):
            delay = prober.delay(group)
            delays.append(LOST if delay is None else delay * 1e6)
            time.sleep(PAUSE)
    return statistics.median(delays), statistics.quantiles(delays, n=10)[-1]
