"""Fixtures of the NETCONF tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.agent.netconf.agent import Agent, Client, running


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    """A whole server, listening on a UNIX socket."""
    with running(tmp_path) as made:
        yield made


@pytest.fixture
def client(agent: Agent) -> Iterator[Client]:
    """A client of it with a session of base:1.1."""
    with agent.connect() as made:
        yield made
