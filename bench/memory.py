"""Resident memory of both processes when idle and with 10 000 routes."""

from __future__ import annotations

from lab import Daemon, Lab, process

from .benchmark import Benchmark, Progress, Row
from .configurations import static_routes
from .peers import settled_cpu_seconds

ROUTES = (0, 10_000)
TARGETS = {"engine": 45.0, "agent": 70.0}
"""MB when idle."""


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    rows = []
    with Lab() as lab:
        for routes in ROUTES:
            samples: dict[str, list[float]] = {"engine": [], "agent": [], "smcrouted": []}
            for number in range(rounds):
                progress(f"{routes} routes, round {number + 1} of {rounds}")
                with Daemon(lab.router, configuration=static_routes(routes)) as daemon:
                    settled_cpu_seconds(daemon)
                    pids = {
                        "engine": daemon.engine_pid,
                        "agent": daemon.agent_pid,
                        "smcrouted": daemon.pid,
                    }
                    for name, pid in pids.items():
                        samples[name].append(process.resident_octets(pid) / 1e6)
            what = f"with {routes} routes" if routes else "idle"
            rows += [
                Row(f"memory of {name} {what}", "MB", tuple(values), (), TARGETS.get(name))
                if not routes
                else Row(f"memory of {name} {what}", "MB", tuple(values))
                for name, values in samples.items()
            ]
    return rows


BENCHMARK = Benchmark(
    "memory", "resident size (VmRSS) once the processes rest", measure_all, rounds=1
)
