"""Loading many (S,G) routes from smcroute.conf, until they are in the kernel."""

from __future__ import annotations

import statistics

from lab import Daemon, Lab

from .benchmark import Benchmark, Progress, Row
from .configurations import static_routes
from .peers import Peer, alternate, settled_cpu_seconds

ROUTES = 10_000
TIMES_LESS = 10
"""What ours is to take less CPU than Debian's."""


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    walls: dict[str, list[float]] = {"ours": [], "theirs": []}
    configuration = static_routes(ROUTES)
    with Lab() as lab:

        def measure(peer: Peer, number: int) -> float:
            progress(f"{ROUTES} routes, round {number + 1} of {rounds}: {peer.name}")
            daemon = Daemon(lab.router, program=peer.program, configuration=configuration)
            try:
                walls[peer.name].append(daemon.start())
                installed = len(lab.router.proc_net("ip_mr_cache").splitlines()) - 1
                if installed != ROUTES:
                    raise AssertionError(f"{peer.name}: {installed} of {ROUTES} routes installed")
                return settled_cpu_seconds(daemon)
            finally:
                daemon.close()

        cpu = alternate(rounds, measure)
    target = statistics.median(cpu["theirs"]) / TIMES_LESS
    what = f"load {ROUTES} (S,G)"
    return [
        Row(f"{what}, CPU", "s", tuple(cpu["ours"]), tuple(cpu["theirs"]), target),
        Row(f"{what}, wall until ready", "s", tuple(walls["ours"]), tuple(walls["theirs"])),
    ]


BENCHMARK = Benchmark(
    "load",
    "CPU time of all of the daemon's processes from exec until they rest, user and system; the "
    "target is a tenth of what Debian's takes",
    measure_all,
    rounds=2,
)
