"""SIGHUP with 10 000 (S,G) routes: nothing changed in the file, and one route changed."""

from __future__ import annotations

from lab import Daemon, Lab

from .benchmark import Benchmark, Progress, Row
from .configurations import static_routes
from .peers import PEERS, Peer, alternate, settled_cpu_seconds

ROUTES = 10_000
TARGET = 0.4


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    changed: dict[str, list[float]] = {peer.name: [] for peer in PEERS}
    before = static_routes(ROUTES)
    after = before.replace("to out0\n", "to out1\n", 1)
    with Lab() as lab:

        def measure(peer: Peer, number: int) -> float:
            progress(f"{ROUTES} routes, round {number + 1} of {rounds}: {peer.name}")
            with Daemon(lab.router, program=peer.program, configuration=before) as daemon:
                used = [settled_cpu_seconds(daemon)]
                for configuration in (before, after):
                    daemon.reload(configuration, timeout=120)
                    used.append(settled_cpu_seconds(daemon))
            changed[peer.name].append(used[2] - used[1])
            return used[1] - used[0]

        unchanged = alternate(rounds, measure)
    what = f"reload {ROUTES} (S,G)"
    return [
        Row(
            f"{what}, nothing changed, CPU",
            "s",
            tuple(unchanged["ours"]),
            tuple(unchanged["theirs"]),
            TARGET,
        ),
        Row(f"{what}, one changed, CPU", "s", tuple(changed["ours"]), tuple(changed["theirs"])),
    ]


BENCHMARK = Benchmark(
    "reload",
    "CPU time of all of the daemon's processes from SIGHUP until they rest",
    measure_all,
    rounds=2,
)
