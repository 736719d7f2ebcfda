"""smcroute_info, smcroute_flush and smcroute_wait_for while real packets come in."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

from lab.multicast import Sender
from lab.topology import Addresses

PLAYBOOK = Path(__file__).with_name("state.yml")
GROUPS = ("225.1.0.1", "225.1.0.2", "225.9.9.9")


@contextlib.contextmanager
def traffic(lab):
    """A hundred packets a second of each flow."""
    over = threading.Event()
    with Sender(lab.sender) as sender:

        def send():
            while not over.wait(0.01):
                for group in GROUPS:
                    sender.send(Addresses.SENDER[0], group)

        thread = threading.Thread(target=send)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def test_state(way):
    with traffic(way.lab):
        recap = way.play(PLAYBOOK)
    assert (recap.failed, recap.unreachable) == (0, 0)
