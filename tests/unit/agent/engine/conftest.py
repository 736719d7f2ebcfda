"""The bench of kernels.py as a fixture."""

from __future__ import annotations

import pytest

from tests.unit.agent.engine.connected import Connected
from tests.unit.agent.engine.kernels import Bench


@pytest.fixture
def bench() -> Bench:
    """A router on a kernel of the tests' own, with eth0 to eth3."""
    return Bench()


@pytest.fixture
def connected(bench: Bench) -> Connected:
    """A client of the engine on that router."""
    return Connected(bench)
