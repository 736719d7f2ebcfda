"""Many new flows at once: how many of their first packets arrive."""

from __future__ import annotations

from lab import Daemon, Lab
from lab.latency import Prober, groups

from .benchmark import Benchmark, Progress, Row
from .peers import Peer, alternate

FLOWS = (1000, 2000)
RULE = "mroute from in0 group 225.0.0.0/8 to out0\n"


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    rows = []
    with Lab() as lab:
        for flows in FLOWS:

            def measure(peer: Peer, number: int, flows: int = flows) -> float:
                progress(f"{flows} flows, round {number + 1} of {rounds}: {peer.name}")
                with (
                    Daemon(lab.router, program=peer.program, configuration=RULE),
                    Prober(lab.sender, "192.0.2.10", lab.receivers[0]) as prober,
                ):
                    return prober.burst(groups("225.1.0.0", flows))

            samples = alternate(rounds, measure)
            rows.append(
                Row(
                    f"first packets of {flows} flows that arrive",
                    "",
                    tuple(samples["ours"]),
                    tuple(samples["theirs"]),
                    float(flows),
                    more_is_better=True,
                )
            )
    return rows


BENCHMARK = Benchmark(
    "burst", "one packet to each of so many new groups without a pause, not pinned", measure_all
)
