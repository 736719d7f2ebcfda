"""Rules about routes, and what is told of them, in the tests."""

from __future__ import annotations

from smcroute_agent.engine.status import status
from tests.unit.agent.engine.kernels import Bench

S, G = "10.0.0.1", "225.1.1.1"


def mroute(interface: str, source: str, group: str, *outs: str) -> list:
    return ["mroute", interface, source, group, list(outs)]


def key(interface: str, source: str, group: str) -> list:
    return ["mroute", interface, source, group]


def state_of(bench: Bench, *rule_key: str):
    row = status(bench.router, bench.router.rules[rule_key])
    return row.state, row.reason
