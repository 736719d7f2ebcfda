"""The engine killed under traffic: what is lost, and how long it takes until there is another."""

from __future__ import annotations

import os
import signal
import threading
import time

from lab import Daemon, Lab, Receiver, Sender, wait_for
from lab.background import meanwhile
from lab.latency import Prober

from .benchmark import Benchmark, Progress, Row
from .configurations import static_routes

ROUTES = 10_000
RATE = 2000
SOURCE, STATIC, LEARNED, NEW = "192.0.2.10", "225.1.2.3", "225.2.0.1", "225.2.1.{}"
RULES = f"mroute from in0 source {SOURCE} group {STATIC} to out0\n"
RULES += "mroute from in0 group 225.2.0.0/16 to out0\n"
NEW_FLOW_TIMEOUT = 10.0
"""The kernel keeps the first packets of an unknown flow so long (ipmr_queue_xmit)."""


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    lost: list[float] = []
    waits: list[float] = []
    with (
        Lab(receivers=1) as lab,
        Sender(lab.sender) as sender,
        Receiver(lab.receivers[0], sender) as receiver,
        Prober(lab.sender, SOURCE, lab.receivers[0]) as prober,
        Daemon(lab.router, configuration=RULES + static_routes(ROUTES)) as daemon,
    ):
        for group in (STATIC, LEARNED):
            receiver.join(group)
        for number in range(rounds):
            progress(f"round {number + 1} of {rounds}")
            missing, wait = _round(daemon, sender, receiver, prober, number)
            lost.append(missing)
            waits.append(wait)
    beside = f"beside {ROUTES} routes"
    return [
        Row(f"packets of 2 flows lost, engine killed, {beside}", "", tuple(lost), target=0),
        Row(f"a new flow waits for the next engine, {beside}", "s", tuple(waits)),
    ]


def _round(
    daemon: Daemon, sender: Sender, receiver: Receiver, prober: Prober, number: int
) -> tuple[int, float]:
    """Packets lost of the flows that there were, and the seconds that a new one waited."""

    def send(over: threading.Event) -> None:
        while not over.is_set():
            for group in (STATIC, LEARNED):
                sender.send(SOURCE, group)
            time.sleep(1 / RATE)

    before = {group: receiver.arrivals(SOURCE, group).packets for group in (STATIC, LEARNED)}
    start = {group: sender.sent(SOURCE, group) for group in before}
    with meanwhile(send):
        for group, packets in before.items():
            receiver.wait(SOURCE, group, packets + 100)
        old = daemon.engine_pid
        os.kill(old, signal.SIGKILL)
        wait = prober.delay(NEW.format(number + 1), timeout=NEW_FLOW_TIMEOUT)
        wait_for(lambda: daemon.engine_pid != old, "another engine")
    lost = 0
    for group, packets in before.items():
        sent = sender.sent(SOURCE, group) - start[group]
        deadline = time.monotonic() + 1
        while receiver.packets(SOURCE, group) - packets < sent and time.monotonic() < deadline:
            time.sleep(0.01)
        lost += sent - (receiver.packets(SOURCE, group) - packets)
    return lost, NEW_FLOW_TIMEOUT if wait is None else wait


BENCHMARK = Benchmark(
    "engine-death",
    f"SIGKILL of our engine under two flows of up to {RATE} packets/s; Debian's smcrouted has "
    "nobody to take its place",
    measure_all,
)
