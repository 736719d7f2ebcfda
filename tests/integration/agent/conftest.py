"""The lab, our daemon in its router, and counted packets, for every integration test."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple

import pytest

from lab import Daemon, Lab, Receiver, Sender
from lab.background import meanwhile
from lab.requirements import check


def pytest_sessionstart(session):
    check(commands=("/usr/sbin/smcrouted", "ssh-keygen"))


class Router(NamedTuple):
    """A lab with traffic, and a way to start smcrouted in its router."""

    lab: Lab
    sender: Sender
    receivers: list[Receiver]
    start: Callable[..., Daemon]

    def join(self, *groups: str) -> None:
        """Let all receivers join these groups."""
        for receiver in self.receivers:
            for group in groups:
                receiver.join(group)

    def exchange(self, source: str, group: str, packets: int = 20, *, ttl: int = 8) -> list[int]:
        """Send packets of one flow; how many more each receiver has then.

        One packet goes ahead and is waited for if anybody gets it, so that the rest meets an
        entry of the kernel.  What must not arrive is given the time of a flow that does:
        the caller's own, sent afterwards.
        """
        before = [receiver.packets(source, group) for receiver in self.receivers]

        def received() -> list[int]:
            return [
                receiver.packets(source, group) - old
                for receiver, old in zip(self.receivers, before, strict=True)
            ]

        self.sender.send(source, group, 1, ttl=ttl)
        deadline = time.monotonic() + 0.5
        while not any(received()) and time.monotonic() < deadline:
            time.sleep(0.002)
        self.sender.send(source, group, packets - 1, ttl=ttl, rate=2000)
        deadline = time.monotonic() + 2
        while any(0 < count < packets for count in received()) and time.monotonic() < deadline:
            time.sleep(0.002)
        return received()

    def stream(
        self, source: str, group: str, *, rate: float = 1000
    ) -> AbstractContextManager[None]:
        """Send packets of one flow in the background, as long as the body runs."""

        def send(over: threading.Event) -> None:
            # The packets' numbers go on from where the flow is.
            self.sender.send(source, group, 10**9, rate=rate, until=over.is_set)

        return meanwhile(send)


def _router(lab: Lab, stack: contextlib.ExitStack) -> Router:
    sender = stack.enter_context(Sender(lab.sender))
    receivers = [stack.enter_context(Receiver(host, sender)) for host in lab.receivers]

    def start(configuration: str = "", *options: str, **more) -> Daemon:
        more.setdefault("host", lab.router)
        daemon = Daemon(configuration=configuration, options=options, **more)
        return stack.enter_context(daemon)

    return Router(lab, sender, receivers, start)


@pytest.fixture
def router() -> Iterator[Router]:
    """A router with in0, out0 and out1; no daemon yet."""
    with contextlib.ExitStack() as stack:
        yield _router(stack.enter_context(Lab()), stack)


@pytest.fixture(scope="module")
def module_router() -> Iterator[Router]:
    """One for all tests of a module, with the host `control` behind mgmt0."""
    with contextlib.ExitStack() as stack:
        yield _router(stack.enter_context(Lab(management=True)), stack)


@pytest.fixture
def managed_router() -> Iterator[Router]:
    """The same, with the host `control` behind mgmt0."""
    with contextlib.ExitStack() as stack:
        yield _router(stack.enter_context(Lab(management=True)), stack)


@pytest.fixture
def wide_router() -> Iterator[Router]:
    """A router with in0 and out0 to out32: more interfaces than the kernel has VIFs."""
    with contextlib.ExitStack() as stack:
        yield _router(stack.enter_context(Lab(outputs=33, receivers=1)), stack)
