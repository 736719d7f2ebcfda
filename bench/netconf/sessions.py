"""Sessions that come and go, a hundred at once, and what the agent's memory is."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

from lab import process

from ..benchmark import Benchmark, Progress, Row
from . import netopeer2, requests
from .agent import Agent, started
from .client import END_1_0, HELLO, PATIENCE, Client, Failed, start_ssh
from .clock import milliseconds

SESSIONS = 100
CONNECTS = 20
ROUTES = 10_000
CONNECT_AIM, SESSIONS_AIM, MEMORY_AIM = 20.0, 5.0, 100.0


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    connects: dict[str, list[float]] = {"UNIX": [], "SSH": []}
    hundred: list[float] = []
    memory: dict[int, list[float]] = {0: [], ROUTES: []}
    for number in range(rounds):
        progress(f"round {number + 1} of {rounds}")
        with started() as agent:
            memory[0].append(_memory(agent))
            for transport, connect in agent.transports.items():
                _come_and_go(connect)
                connects[transport].append(
                    statistics.median(
                        milliseconds(partial(_come_and_go, connect))[0] for _ in range(CONNECTS)
                    )
                )
            with agent.ssh() as client:
                client.ask(requests.edit(requests.routes(ROUTES)))
                client.ask(requests.get_config())
                client.ask(requests.get())
                memory[ROUTES].append(_memory(agent))
                client.ask(requests.delete_all())
            hundred.append(_hundred(agent))
    rows = [
        Row(
            f"connect, hello, close, {transport}",
            "ms",
            tuple(values),
            (netopeer2.CONNECT,) if transport == "SSH" else (),
            CONNECT_AIM if transport == "SSH" else None,
            peer=netopeer2.NAME,
        )
        for transport, values in connects.items()
    ]
    rows.append(
        Row(
            f"{SESSIONS} sessions opened by {SESSIONS} ssh processes",
            "s",
            tuple(hundred),
            (netopeer2.HUNDRED_SESSIONS,),
            SESSIONS_AIM,
            peer=netopeer2.NAME,
        )
    )
    for routes, values in memory.items():
        what = f"after {routes} routes and reading them" if routes else "fresh"
        target = MEMORY_AIM if routes else None
        rows.append(
            Row(
                f"memory of the agent with SSH, {what}",
                "MB",
                tuple(values),
                (netopeer2.MEMORY[routes],),
                target,
                peer=netopeer2.NAME,
            )
        )
    return rows


def _come_and_go(connect: Callable[[], Client]) -> None:
    with connect():
        pass


def _memory(agent: Agent) -> float:
    return process.resident_octets(agent.daemon.agent_pid) / 1e6


def _hundred(agent: Agent) -> float:
    """Seconds from the start of the first ssh until the last has the agent's hello."""
    assert agent.lab.control is not None
    begin = time.perf_counter()
    clients = [start_ssh(agent.lab.control, agent.access) for _ in range(SESSIONS)]
    for client in clients:
        assert client.stdin is not None
        client.stdin.write(HELLO)
    for client in clients:
        assert client.stdout is not None
        octets = b""
        while not octets.endswith(END_1_0):
            piece = client.stdout.read(65536)
            if not piece:
                raise Failed("a session was not opened")
            octets += piece
    taken = time.perf_counter() - begin
    for client in clients:
        assert client.stdin is not None
        client.stdin.close()
    for client in clients:
        client.wait(PATIENCE)
    return taken


BENCHMARK = Benchmark(
    "netconf-sessions",
    f"a round's figure is the median of {CONNECTS} connections, over SSH with the time that an "
    "ssh process itself needs; memory: resident size, after an edit-config, a get-config and a "
    "get of everything over SSH",
    measure_all,
)
