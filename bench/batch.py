"""smcroutectl -b: many adds from one client, each answered when the kernel has it."""

from __future__ import annotations

import time

from lab import Daemon, Lab
from lab.daemon import DEBIAN_CLIENT
from lab.latency import groups

from .benchmark import Benchmark, Progress, Row
from .peers import Peer, alternate

ADDS = (1000, 5000)


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    rows = []
    with Lab() as lab:
        for adds in ADDS:
            lines = "".join(
                f"add in0 192.0.2.10 {group} out0\n" for group in groups("226.0.0.0", adds)
            )

            def measure(peer: Peer, number: int, adds: int = adds, lines: str = lines) -> float:
                progress(f"{adds} adds, round {number + 1} of {rounds}: {peer.name}")
                with Daemon(lab.router, program=peer.program) as daemon:
                    command = (str(DEBIAN_CLIENT), "-u", str(daemon.control_socket), "-b")
                    begin = time.monotonic()
                    lab.router.run(*command, input=lines, timeout=120)
                    taken = time.monotonic() - begin
                    installed = len(lab.router.proc_net("ip_mr_cache").splitlines()) - 1
                if installed != adds:
                    raise AssertionError(f"{peer.name}: {installed} of {adds} routes installed")
                return taken

            samples = alternate(rounds, measure)
            rows.append(
                Row(
                    f"smcroutectl -b, {adds} adds, wall",
                    "s",
                    tuple(samples["ours"]),
                    tuple(samples["theirs"]),
                )
            )
    return rows


BENCHMARK = Benchmark(
    "batch",
    "wall time of Debian's `smcroutectl -b` with the adds on its standard input, for both daemons",
    measure_all,
)
