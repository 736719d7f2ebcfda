"""smcroute_info, smcroute_flush and smcroute_wait_for while real packets come in."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.multicast import Sender
from lab.topology import Addresses
from tests.integration.collection.traffic import traffic

PLAYBOOK = Path(__file__).with_name("state.yml")
FLOWS = [(Addresses.SENDER[0], group) for group in ("225.1.0.1", "225.1.0.2", "225.9.9.9")]


@pytest.mark.parametrize("way", ["UNIX socket"], indirect=True)
def test_state(way):
    with Sender(way.lab.sender) as sender, traffic(sender, FLOWS):
        recap = way.play(PLAYBOOK)
    assert (recap.failed, recap.unreachable) == (0, 0)
