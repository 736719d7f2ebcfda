"""smcroutectl on a socket of the test's."""

from __future__ import annotations

import socket
import sys

import pytest

from smcroute_agent import ctl
from smcroute_agent.compat.tables import InterfaceRow
from smcroute_agent.rules import Mroute
from tests.unit.agent.compat.memory import MemoryRouter
from tests.unit.agent.compat.serving import serving

ROUTE = Mroute("eth0", "10.0.0.1", "225.1.2.3", ("eth1",))


@pytest.fixture
def server(tmp_path):
    router = MemoryRouter(ROUTE)
    router.known = [InterfaceRow(1, "lo", None, None)]
    with serving(tmp_path / "s", router) as made:
        yield made


@pytest.fixture
def run(capsys, tmp_path):
    """Run smcroutectl on the test's socket: exit code, output, errors."""

    def run(*words):
        code = ctl.main(["-u", str(tmp_path / "s"), *words])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def batch(run, monkeypatch, tmp_path):
    """Run smcroutectl -b with these octets on its standard input."""

    def batch(octets, *options):
        (tmp_path / "stdin").write_bytes(octets)
        with (tmp_path / "stdin").open() as file:
            monkeypatch.setattr(sys, "stdin", file)
            return run("-b", *options)

    return batch


@pytest.fixture
def mute(tmp_path):
    """A daemon that accepts and never answers."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen(1)
        yield listener
