"""Flows that go on while a playbook runs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator

from lab.multicast import Sender

INTERVAL = 0.01
"""Seconds between two packets of a flow."""


@contextlib.contextmanager
def traffic(sender: Sender, flows: Iterable[tuple[str, str]]) -> Iterator[None]:
    """A hundred packets a second of each flow, given as source and group."""
    flows = tuple(flows)
    over = threading.Event()

    def send() -> None:
        while not over.wait(INTERVAL):
            for source, group in flows:
                sender.send(source, group)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
