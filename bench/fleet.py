"""A playbook over many routers: 200 routes each, new and unchanged."""

from __future__ import annotations

import time
from pathlib import Path

from lab.fleet import Fleet
from lab.latency import groups
from lab.playbook import link_collection, run_for_all
from lab.scratch import scratch_directory

from .benchmark import Benchmark, Progress, Row
from .playbook import PLAYBOOK, write_routes

ROUTERS, ROUTES, FORKS = 50, 200, 25
NAMES = [f"router{number}" for number in range(1, ROUTERS + 1)]


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    link_collection()
    rows: list[Row] = []
    with scratch_directory() as name:
        directory = Path(name)
        book = directory / "routes.yml"
        book.write_text(PLAYBOOK)
        progress(f"starting {ROUTERS} routers")
        with Fleet(NAMES, directory) as fleet:
            for transport, over_ssh in (("the UNIX socket", False), ("SSH", True)):
                # Other routes for each transport, so that the first run changes all of them.
                first = "226.1.0.0" if over_ssh else "226.0.0.0"
                write_routes(directory, groups(first, ROUTES), "eth0", "eth1")
                inventory = fleet.inventory(over_ssh=over_ssh)
                for what, changed in (("new", 1), ("unchanged", 0)):
                    progress(f"{what} routes, over {transport}")
                    begin = time.monotonic()
                    recaps = run_for_all(
                        book,
                        inventory,
                        directory,
                        f"--forks={FORKS}",
                        hosts=fleet.names,
                        timeout=900,
                        host=fleet.control,
                    )
                    seconds = time.monotonic() - begin
                    wrong = [host for host, recap in recaps.items() if recap.changed != changed]
                    if wrong:
                        raise AssertionError(f"{what}: not changed={changed}: {', '.join(wrong)}")
                    title = f"{ROUTERS} routers with {ROUTES} routes, {what}, over {transport}"
                    rows.append(Row(title, "s", (seconds,)))
                    rows.append(Row("the same, a router", "s", (seconds / ROUTERS,)))
    return rows


BENCHMARK = Benchmark(
    "fleet",
    f"wall time of ansible-playbook -f {FORKS} for {ROUTERS} smcrouted in network namespaces of "
    "this machine, which also runs the modules: one task",
    measure_all,
    rounds=1,
)
