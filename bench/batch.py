"""smcroutectl -b: many adds from one client, each answered when the kernel has it."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from lab import Daemon, Lab
from lab.daemon import DEBIAN_CLIENT, OUR_CLIENT
from lab.latency import groups

from .benchmark import Benchmark, Progress, Row
from .configurations import static_routes
from .peers import Peer, alternate

ADDS = ((1000, 0), (5000, 0), (1000, 10_000))
"""How many, and beside how many routes that are there already."""


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    with Lab() as lab:
        return [row for adds, beside in ADDS for row in _rows(lab, adds, beside, rounds, progress)]


def _rows(lab: Lab, adds: int, beside: int, rounds: int, progress: Progress) -> list[Row]:
    lines = "".join(f"add in0 192.0.2.10 {group} out0\n" for group in groups("230.0.0.0", adds))
    configuration = static_routes(beside)
    what = f"smcroutectl -b, {adds} adds{f' beside {beside} routes' if beside else ''}"
    with_their_client: list[float] = []

    def once(peer: Peer, client: Path) -> float:
        with Daemon(lab.router, program=peer.program, configuration=configuration) as daemon:
            command = (str(client), "-u", str(daemon.control_socket), "-b")
            begin = time.monotonic()
            lab.router.run(*command, input=lines, timeout=120)
            taken = time.monotonic() - begin
            installed = len(lab.router.proc_net("ip_mr_cache").splitlines()) - 1
        if installed != beside + adds:
            raise AssertionError(f"{peer.name}: {installed} routes installed")
        return taken

    def measure(peer: Peer, number: int) -> float:
        progress(f"{what}, round {number + 1} of {rounds}: {peer.name}")
        if peer.name != "ours":
            return once(peer, DEBIAN_CLIENT)
        with_their_client.append(once(peer, DEBIAN_CLIENT))
        return once(peer, OUR_CLIENT)

    samples = alternate(rounds, measure)
    theirs = tuple(samples["theirs"])
    target = None if adds < 5000 else statistics.median(theirs)
    return [
        Row(f"{what}, wall", "s", tuple(samples["ours"]), theirs, target),
        Row(f"{what}, wall, Debian's client", "s", tuple(with_their_client), theirs),
    ]


BENCHMARK = Benchmark(
    "batch",
    "wall time of `smcroutectl -b` with the adds on its standard input: ours to ours, Debian's to "
    "Debian's, and Debian's to ours; the target is what Debian's take",
    measure_all,
)
