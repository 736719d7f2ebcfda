"""The bench of kernels.py as a fixture."""

from __future__ import annotations

import pytest

from tests.unit.agent.engine.kernels import Bench


@pytest.fixture
def bench() -> Bench:
    """A router on a kernel of the tests' own, with eth0 to eth3."""
    return Bench()
