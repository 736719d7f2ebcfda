"""From exec to the pid file: how soon a router that boots forwards."""

from __future__ import annotations

from lab import Daemon, Lab

from .benchmark import Benchmark, Progress, Row
from .peers import Peer, alternate

CONFIGURATION = """\
phyint out1 enable ttl-threshold 3
mgroup from in0 group 225.1.2.3
mroute from in0 source 192.0.2.10 group 225.1.2.3 to out0 out1
mroute from in0 group 225.3.0.0/16 to out0 out1
mroute from in0 group ff1e::1 to out0
"""


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    with Lab() as lab:

        def measure(peer: Peer, number: int) -> float:
            progress(f"round {number + 1} of {rounds}: {peer.name}")
            daemon = Daemon(lab.router, program=peer.program, configuration=CONFIGURATION)
            try:
                return daemon.start()
            finally:
                daemon.close()

        samples = alternate(rounds, measure)
    return [Row("exec to pid file", "s", tuple(samples["ours"]), tuple(samples["theirs"]), 0.5)]


BENCHMARK = Benchmark(
    "ready", "wall time from exec until the pid file is there, five lines to load", measure_all, 9
)
