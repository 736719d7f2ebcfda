"""Fixtures of the SSH tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ncclient import manager

from smcroute_agent.netconf.transports import ssh
from tests.unit.agent.netconf.agent import Agent
from tests.unit.agent.netconf.transports.ssh_server import (
    USER,
    Ssh,
    connect,
    serve,
)


@pytest.fixture
def server(agent: Agent, tmp_path: Path) -> Ssh:
    return serve(agent, tmp_path, ssh.SshLimits())


@pytest.fixture
def ncclient(server: Ssh) -> Iterator[manager.Manager]:
    server.allow()
    server.agent.rules(
        f"<groups><group><name>staff</name><user-name>{USER}</user-name></group></groups>"
        "<rule-list><name>staff</name><group>staff</group>"
        "<rule><name>all</name><action>permit</action></rule></rule-list>"
    )
    with connect(server) as made:
        yield made
