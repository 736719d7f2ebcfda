"""Flows that go on while a playbook runs."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import AbstractContextManager

from lab.background import meanwhile
from lab.multicast import Sender

INTERVAL = 0.01
"""Seconds between two packets of a flow."""


def traffic(sender: Sender, flows: Iterable[tuple[str, str]]) -> AbstractContextManager[None]:
    """A hundred packets a second of each flow, given as source and group."""
    flows = tuple(flows)

    def send(over: threading.Event) -> None:
        while not over.wait(INTERVAL):
            for source, group in flows:
                sender.send(source, group)

    return meanwhile(send)
