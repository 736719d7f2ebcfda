"""Packets of a flow that are lost while a further outgoing interface comes and goes.

`python -m bench.legs` is the kernel's call alone: it says when the entry is there, rewrites it as
often as it can until its standard input ends, and prints how often that was.
"""

from __future__ import annotations

import ipaddress
import itertools
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from lab import Daemon, Lab, Receiver, Sender
from lab.background import meanwhile
from lab.daemon import OUR_CLIENT
from smcroute_agent.engine.kernel.mroute import MAX_VIFS, Ipv4Routing

from .benchmark import Benchmark, Progress, Row

SOURCE, GROUP = "192.0.2.10", "225.1.2.3"
RULE = f"mroute from in0 source {SOURCE} group {GROUP} to out0\n"
CHANGES = "".join(f"{word} in0 {SOURCE} {GROUP} out1\n" for word in ("add", "remove")) * 25
RATE = 20_000
SECONDS = 1.5
AT_REST = 0.5
PIPE = 4096
"""Octets of commands that wait for smcroutectl."""
ARRIVAL = 1.0
"""Seconds in which a packet arrives, or is lost."""


class Outcome(NamedTuple):
    """What became of the flow during one way of rewriting its entry."""

    lost: int
    sent: int
    rewrites: int


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    rest: list[Outcome] = []
    ours: list[Outcome] = []
    kernel: list[Outcome] = []
    with (
        Lab() as lab,
        Sender(lab.sender) as sender,
        Receiver(lab.receivers[0], sender) as receiver,
    ):
        receiver.join(GROUP)
        flow = _Flow(sender, receiver)
        for number in range(rounds):
            progress(f"round {number + 1} of {rounds}")
            with Daemon(lab.router, configuration=RULE) as daemon:
                rest.append(flow.during(lambda: time.sleep(AT_REST)))
                ours.append(flow.during(partial(_by_smcroutectl, daemon)))
            kernel.append(_by_the_kernel_alone(lab, flow))
    what = "of a flow lost"
    return [
        Row(f"packets {what}, legs at rest", "", tuple(each.lost for each in rest), target=0),
        *(
            Row(
                text,
                "",
                tuple(float(getattr(each, column)) for each in ours),
                tuple(float(getattr(each, column)) for each in kernel),
                peer="the kernel's call alone",
            )
            for text, column in (
                (f"packets {what}, another leg comes and goes", "lost"),
                ("packets sent meanwhile", "sent"),
                ("rewrites meanwhile", "rewrites"),
            )
        ),
    ]


class _Flow:
    """Packets from the sender to the first receiver, as fast as RATE says."""

    def __init__(self, sender: Sender, receiver: Receiver) -> None:
        self._sender = sender
        self._receiver = receiver

    def during(self, rewrite: Callable[[], int | None]) -> Outcome:
        """Send until `rewrite` ends, which returns how often it has rewritten the entry."""
        sent: list[int] = []
        before = self._receiver.packets(SOURCE, GROUP)

        def send(over: threading.Event) -> None:
            sent.append(self._sender.send(SOURCE, GROUP, sys.maxsize, rate=RATE, until=over.is_set))

        with meanwhile(send):
            rewrites = rewrite() or 0
        deadline = time.monotonic() + ARRIVAL
        while True:
            lost = sent[0] - (self._receiver.packets(SOURCE, GROUP) - before)
            if not lost or time.monotonic() > deadline:
                return Outcome(lost, sent[0], rewrites)
            time.sleep(0.01)


def _by_smcroutectl(daemon: Daemon) -> int:
    """Add and remove a leg by turns, through one `smcroutectl -b`; returns how often."""
    changes = 0
    deadline = time.monotonic() + SECONDS
    command = (str(OUR_CLIENT), "-u", str(daemon.control_socket), "-b")
    with daemon.host.popen(command, stdin=subprocess.PIPE, text=True, pipesize=PIPE) as client:
        assert client.stdin is not None
        while time.monotonic() < deadline:
            client.stdin.write(CHANGES)
            client.stdin.flush()
            changes += CHANGES.count("\n")
        client.stdin.close()
        if client.wait(30):
            raise AssertionError(f"smcroutectl -b: exit code {client.returncode}")
    return changes


def _by_the_kernel_alone(lab: Lab, flow: _Flow) -> Outcome:
    command = (sys.executable, "-m", __name__)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    root = Path(__file__).parents[1]
    with lab.router.popen(command, cwd=root, **pipes) as rewriter:
        assert rewriter.stdout is not None
        rewriter.stdout.readline()
        outcome = flow.during(lambda: time.sleep(SECONDS))
        rewrites, _ = rewriter.communicate(timeout=30)
    return outcome._replace(rewrites=int(rewrites))


def _rewrite() -> None:
    """Rewrite the flow's entry in this process's network until standard input ends."""
    source, group = (int(ipaddress.ip_address(address)) for address in (SOURCE, GROUP))
    routing = Ipv4Routing(None)
    for vif, name in enumerate(("in0", "out0", "out1")):
        routing.add_vif(vif, socket.if_nametoindex(name), 1)
    legs = [bytes((0, 1, leg)).ljust(MAX_VIFS, b"\0") for leg in (0, 1)]
    routing.write_entry(source, group, 0, legs[0])
    print("ready", flush=True)
    for rewrites in itertools.count(1):
        routing.write_entry(source, group, 0, legs[rewrites % 2])
        if rewrites % 100 == 0 and select.select([sys.stdin], [], [], 0)[0]:
            print(rewrites)
            return


BENCHMARK = Benchmark(
    "legs",
    f"{SECONDS:g} s of up to {RATE} packets/s to an interface that stays in the entry, while "
    "another is added and removed by turns: by `smcroutectl -b`, and by setsockopt without "
    "any daemon, as often as each can",
    measure_all,
)


if __name__ == "__main__":
    _rewrite()
