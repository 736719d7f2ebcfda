"""smcroutectl show routes beside 10 000 of them: brief, detailed, JSON."""

from __future__ import annotations

import time

from lab import Daemon, Lab
from lab.daemon import DEBIAN_CLIENT, OUR_CLIENT

from .benchmark import Benchmark, Progress, Row
from .configurations import static_routes
from .peers import Peer, alternate

ROUTES = 10_000
TARGET = 0.3
REPEATS = 5


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    detailed: dict[str, list[float]] = {"ours": [], "theirs": []}
    as_json: list[float] = []
    configuration = static_routes(ROUTES)
    with Lab() as lab:

        def show(daemon: Daemon, *words: str) -> float:
            """The quickest of some, as one person would see it on a machine at rest."""
            client = OUR_CLIENT if "-j" in words else DEBIAN_CLIENT
            best = float("inf")
            for _ in range(REPEATS):
                begin = time.monotonic()
                shown = daemon.control(*words, client=client).stdout
                best = min(best, time.monotonic() - begin)
                if shown.count("226.") < ROUTES:
                    raise AssertionError("routes are missing in what is shown")
            return best

        def measure(peer: Peer, number: int) -> float:
            progress(f"{ROUTES} routes, round {number + 1} of {rounds}: {peer.name}")
            with Daemon(lab.router, program=peer.program, configuration=configuration) as daemon:
                detailed[peer.name].append(show(daemon, "-d", "show", "routes"))
                if peer.name == "ours":
                    as_json.append(show(daemon, "-j", "show", "routes"))
                return show(daemon, "show", "routes")

        brief = alternate(rounds, measure)
    what = f"show {ROUTES} routes"
    return [
        Row(f"{what}, wall", "s", tuple(brief["ours"]), tuple(brief["theirs"]), TARGET),
        Row(f"{what}, detailed", "s", tuple(detailed["ours"]), tuple(detailed["theirs"]), TARGET),
        Row(f"{what}, JSON", "s", tuple(as_json), (), TARGET),
    ]


BENCHMARK = Benchmark(
    "show",
    f"wall time of Debian's smcroutectl (-j: ours), the best of {REPEATS} a round",
    measure_all,
    rounds=2,
)
