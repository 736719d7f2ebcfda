"""smcroutectl -b: many adds from one client, each answered when the kernel has it."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from lab import Daemon, Lab
from lab.daemon import DEBIAN_CLIENT, OUR_CLIENT
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
            with_their_client: list[float] = []

            def once(peer: Peer, client: Path, lines: str = lines, adds: int = adds) -> float:
                with Daemon(lab.router, program=peer.program) as daemon:
                    command = (str(client), "-u", str(daemon.control_socket), "-b")
                    begin = time.monotonic()
                    lab.router.run(*command, input=lines, timeout=120)
                    taken = time.monotonic() - begin
                    installed = len(lab.router.proc_net("ip_mr_cache").splitlines()) - 1
                if installed != adds:
                    raise AssertionError(f"{peer.name}: {installed} of {adds} routes installed")
                return taken

            def measure(
                peer: Peer,
                number: int,
                adds: int = adds,
                with_their_client: list[float] = with_their_client,
            ) -> float:
                progress(f"{adds} adds, round {number + 1} of {rounds}: {peer.name}")
                if peer.name != "ours":
                    return once(peer, DEBIAN_CLIENT)
                with_their_client.append(once(peer, DEBIAN_CLIENT))
                return once(peer, OUR_CLIENT)

            samples = alternate(rounds, measure)
            theirs = tuple(samples["theirs"])
            what = f"smcroutectl -b, {adds} adds, wall"
            target = statistics.median(theirs) if adds == max(ADDS) else None
            rows += [
                Row(what, "s", tuple(samples["ours"]), theirs, target),
                Row(f"{what}, Debian's client", "s", tuple(with_their_client), theirs),
            ]
    return rows


BENCHMARK = Benchmark(
    "batch",
    "wall time of `smcroutectl -b` with the adds on its standard input: ours to ours, Debian's to "
    "Debian's, and Debian's to ours; the target is what Debian's take",
    measure_all,
)
