"""NETCONF over the agent's UNIX socket: every way in which there is no session."""

from __future__ import annotations

import socket

import pytest

from ansible_collections.mcast.smcroute.plugins.module_utils.errors import Unreachable
from ansible_collections.mcast.smcroute.plugins.module_utils.ncclient_unix import over_unix_socket
from ansible_collections.mcast.smcroute.tests.unit.plugins.wire import ScriptedServer


@pytest.fixture
def path(tmp_path):
    return tmp_path / "agent.sock"


def test_no_socket(path):
    with pytest.raises(Unreachable, match=r"there is no NETCONF socket .*agent.sock; see"):
        over_unix_socket(str(path), 5)


def test_nobody_listens(path):
    with socket.socket(socket.AF_UNIX) as unused:
        unused.bind(str(path))
        with pytest.raises(Unreachable, match=r"nothing listens on the NETCONF socket .* see that"):
            over_unix_socket(str(path), 5)


def test_no_permission(path, monkeypatch):
    def refuse(*_arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(Unreachable, match=r"may not use the NETCONF socket .*; set become: true"):
        over_unix_socket(str(path), 5)


def test_another_reason(tmp_path):
    with pytest.raises(
        Unreachable, match=r"over the socket .*xxx: AF_UNIX path too long; see that"
    ):
        over_unix_socket(str(tmp_path / ("x" * 200)), 5)


def test_no_hello(path):
    with (
        ScriptedServer(path, [], hello=False),
        pytest.raises(Unreachable, match="Capability exchange timed out; see that smcrouted"),
    ):
        over_unix_socket(str(path), 1)
