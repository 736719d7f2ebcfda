"""The first packet of a new flow while NETCONF clients keep the agent busy."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from lab.latency import Prober, groups

from ..benchmark import Benchmark, Progress, Row
from ..peers import at_once
from . import requests
from .agent import Agent, started
from .load import KINDS

FLOWS = 300
PAUSE = 0.005
LOST = 1e6
"""Microseconds that a first packet counts for which does not arrive at all."""


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    rows = []
    for place, kind in enumerate(KINDS):
        busy: list[tuple[float, float]] = []
        quiet: list[tuple[float, float]] = []
        with started() as agent:
            with agent.unix() as client:
                client.ask(requests.edit([requests.TEMPLATE]))
            with Prober(agent.lab.sender, requests.SOURCE, agent.lab.receivers[0]) as prober:
                for number in range(rounds):
                    progress(f"{kind}: round {number + 1} of {rounds}")
                    quiet.append(_flows(prober, f"225.{place}.{4 * number}.1"))
                    with _load(agent, kind):
                        busy.append(_flows(prober, f"225.{place}.{4 * number + 2}.1"))
        for what, column in (("median", 0), ("p90", 1)):
            rows.append(
                Row(
                    f"first packet during {kind}, {what}",
                    "µs",
                    tuple(figure[column] for figure in busy),
                    tuple(figure[column] for figure in quiet),
                    peer="quiet",
                )
            )
    return rows


@contextlib.contextmanager
def _load(agent: Agent, kind: str) -> Iterator[None]:
    """The load of bench/netconf/load.py, while the body runs."""
    command = [sys.executable, "-m", "bench.netconf.load", kind, str(agent.daemon.netconf_socket)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root) as client:
        try:
            assert client.stdout is not None
            if not client.stdout.readline():
                raise AssertionError(f"there is no load of {kind}")
            yield
        finally:
            client.kill()


def _flows(prober: Prober, first: str) -> tuple[float, float]:
    """Median and 90th percentile over FLOWS new flows, in microseconds."""
    delays = []
    with at_once():
        for group in groups(first, FLOWS):
            delay = prober.delay(group, timeout=0.1)
            delays.append(LOST if delay is None else delay * 1e6)
            time.sleep(PAUSE)
    return statistics.median(delays), statistics.quantiles(delays, n=10)[-1]


BENCHMARK = Benchmark(
    "netconf-undisturbed",
    f"{FLOWS} new flows through a (*,G) rule, {PAUSE * 1000:g} ms apart, without other work and "
    "then with; nothing is pinned, the client that makes the load is nice 19, and what sends and "
    "receives is a real-time process",
    measure_all,
)
