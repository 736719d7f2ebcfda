"""An agent's channel to the engine, with the bench behind it."""

from __future__ import annotations

from smcroute_agent.channel import channel_pair
from smcroute_agent.engine.client import Client
from smcroute_agent.engine.jobs import JobQueue
from smcroute_agent.engine.succession import Inheritance, VifMemory
from tests.unit.agent.engine.kernels import Bench

ROUTES = [
    ["mroute", "eth0", f"10.0.{i // 250}.{i % 250}", "225.1.1.1", ["eth1"]] for i in range(1, 1001)
]


class Connected:
    """A client of the engine, and the agent's end of its channel."""

    def __init__(self, bench: Bench) -> None:
        for kernel in bench.kernels.values():
            kernel.inherited = False
        self.bench = bench
        self.jobs = JobQueue()
        self.agent, theirs = channel_pair()
        self.agent.socket.settimeout(10)
        inheritance = Inheritance(bench.router, VifMemory())
        self.client = Client(theirs, bench.router, self.jobs, inheritance)

    def send(self, rules: list, part: int = 200) -> None:
        """A change in parts; each is taken before the next is sent."""
        for start in range(0, len(rules), part):
            more = start + part < len(rules)
            add = rules[start : start + part]
            self.agent.send({"id": 1, "do": "apply", "add": add, "more": more})
            self.client.on_readable()
            while self.client.busy and not self.jobs:
                self.client.step()

    def work(self) -> None:
        while self.jobs or self.client.busy:
            if self.jobs:
                self.jobs.step()
            self.client.step()

    def answer(self) -> dict:
        received = self.agent.receive()
        assert received is not None
        return received[0]
