"""A second playbook run over many routes that are all there already."""

from __future__ import annotations

import json
import time
from pathlib import Path

from lab import Daemon, Lab
from lab.latency import groups
from lab.playbook import link_collection, run_playbook, write_inventory
from lab.scratch import scratch_directory

from .benchmark import Benchmark, Progress, Row

ROUTES = 10_000
TARGET = 4.0

PLAYBOOK = """\
- hosts: all
  gather_facts: false
  tasks:
    - mcast.smcroute.smcroute_route:
        state: overridden
        config: "{{ lookup('ansible.builtin.file', 'routes.json') | from_json }}"
        socket: "{{ smcroute_socket }}"
        timeout: 120
"""


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    link_collection()
    with (
        scratch_directory() as name,
        Lab() as lab,
        Daemon(lab.router) as daemon,
    ):
        directory = Path(name)
        book = directory / "routes.yml"
        book.write_text(PLAYBOOK)
        (directory / "routes.json").write_text(
            json.dumps(
                [
                    {
                        "interface": "in0",
                        "source": "192.0.2.10",
                        "group": group,
                        "out_interfaces": ["out0"],
                    }
                    for group in groups("226.0.0.0", ROUTES)
                ]
            )
        )
        inventory = write_inventory(directory, "local", {"socket": str(daemon.netconf_socket)})

        def play(what: str, changed: int) -> float:
            progress(f"{ROUTES} routes, {what}")
            begin = time.monotonic()
            recap = run_playbook(book, inventory, directory, timeout=300)
            if recap.changed != changed:
                raise AssertionError(f"{what}: changed={recap.changed}, not {changed}")
            return time.monotonic() - begin

        first = play("first run", 1)
        installed = len(lab.router.proc_net("ip_mr_cache").splitlines()) - 1
        if installed != ROUTES:
            raise AssertionError(f"{installed} of {ROUTES} routes are in the kernel")
        again = tuple(play(f"second run, round {number + 1}", 0) for number in range(rounds))
    return [
        Row(f"playbook, {ROUTES} new routes", "s", (first,)),
        Row(f"playbook, {ROUTES} routes unchanged", "s", again, target=TARGET),
    ]


BENCHMARK = Benchmark(
    "playbook",
    f"wall time of ansible-playbook: one task, {ROUTES} routes from a JSON file, over the UNIX "
    "socket; the first run makes them",
    measure_all,
)
