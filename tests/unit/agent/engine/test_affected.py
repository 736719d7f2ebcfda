"""The flows that a change concerns, some a step."""

from __future__ import annotations

from smcroute_agent.engine import affected
from smcroute_agent.engine.addresses import IPV4
from smcroute_agent.engine.forwarding import STEP
from smcroute_agent.engine.matching import Route
from smcroute_agent.rules import Mroute
from tests.unit.agent.engine.kernels import Bench
from tests.unit.agent.engine.routes import G, mroute


def test_many_senders_of_one_group_take_many_steps():
    """Upcalls are looked after between two."""
    bench = Bench(cache_limit=1000)
    bench.apply([mroute("eth0", "*", G, "eth1")])
    for number in range(500):
        bench.packet("eth0", f"10.0.{number >> 8}.{number & 255 or 1}", G)
    routes = [Route(Mroute("eth0", "*", G, ("eth1",)))]
    steps = list(affected.by_routes(bench.router.forwarding[IPV4], routes))
    assert sum(map(len, steps)) > 490
    assert max(map(len, steps)) <= STEP
