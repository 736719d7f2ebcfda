"""Whether the work grows with the number of routes: 100 000 beside 10 000."""

from __future__ import annotations

from lab import Daemon, Lab

from .benchmark import Benchmark, Progress, Row
from .configurations import static_routes
from .peers import settled_cpu_seconds

SMALL, LARGE = 10_000, 100_000
TARGET = 11.0


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    ratios = []
    large = []
    with Lab() as lab:
        for number in range(rounds):
            used = {}
            for routes in (SMALL, LARGE):
                progress(f"{routes} routes, round {number + 1} of {rounds}")
                configuration = static_routes(routes)
                with Daemon(lab.router, configuration=configuration) as daemon:
                    used[routes] = settled_cpu_seconds(daemon)
                    installed = len(lab.router.proc_net("ip_mr_cache").splitlines()) - 1
                if installed != routes:
                    raise AssertionError(f"{installed} of {routes} routes installed")
            large.append(used[LARGE])
            ratios.append(used[LARGE] / used[SMALL])
    return [
        Row(f"load {LARGE} (S,G), CPU", "s", tuple(large)),
        Row(f"the same, times that of {SMALL}", "", tuple(ratios), (), TARGET),
    ]


BENCHMARK = Benchmark(
    "scale",
    "CPU time from exec until the processes rest; Debian's needs minutes and is left out",
    measure_all,
    rounds=1,
)
