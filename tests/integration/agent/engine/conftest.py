"""An engine in the lab's router, with an agent's channel to it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab import Host
from tests.integration.agent.engine.process import Agent, Engine


@pytest.fixture
def engine() -> Iterator[Callable[..., Engine]]:
    """Starts engines in a host; they are ready."""
    with contextlib.ExitStack() as stack:

        def start(host: Host, *options: str, keep: bool = False, **more: Any) -> Engine:
            started = stack.enter_context(Engine(host, *options, **more))
            started.ready(keep=keep)
            return started

        yield start


@pytest.fixture
def agent(router, engine) -> Agent:
    """The agent's end of an engine in the router of `router`."""
    return engine(router.lab.router).agent()
