"""users.py: who the kernel says is at the other end of a UNIX socket."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.scratch import scratch_directory
from smcroute_agent import users
from smcroute_agent.users import MAX_GROUPS, REMEMBERED, Peer, group_name, peer, user_name

CLIENT = """
import os, socket, sys
os.setgroups([int(gid) for gid in sys.argv[2].split(",")])
os.setgid(61_000)
os.setuid(61_001)
client = socket.socket(socket.AF_UNIX)
client.connect(sys.argv[1])
client.recv(1)
"""


def connected(directory: Path, groups: range) -> Peer:
    """A process of uid 61001, gid 61000 and these groups, as the kernel shows it to a server."""
    path = directory / "socket"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        path.chmod(0o777)
        server.listen()
        server.settimeout(10)
        client = subprocess.Popen(
            [sys.executable, "-c", CLIENT, str(path), ",".join(map(str, groups))]
        )
        with server.accept()[0] as connection:
            found = peer(connection)
            connection.send(b".")
        assert client.wait(10) == 0
        assert found.pid == client.pid
    return found


@pytest.fixture
def directory() -> Iterator[Path]:
    with scratch_directory() as name:
        yield Path(name)


@pytest.mark.parametrize("count", [1, 3, MAX_GROUPS])
def test_all_groups_of_the_process(directory: Path, count: int) -> None:
    groups = range(62_000, 62_000 + count)
    found = connected(directory, groups)
    assert (found.uid, found.gid) == (61_001, 61_000)
    assert found.groups == {61_000, *groups}
    subject = found.subject()
    assert subject.user == "61001"
    assert subject.groups == set(map(str, found.groups))
    assert not subject.recovery


def test_more_groups_than_can_be_asked_for(directory: Path) -> None:
    found = connected(directory, range(62_000, 62_000 + MAX_GROUPS + 1))
    assert found.groups == {61_000}


def test_root_is_the_recovery_session() -> None:
    left, right = socket.socketpair()
    with left, right:
        found = peer(left)
    assert found.pid == os.getpid()
    assert found.subject().recovery


def test_names_are_looked_up_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    now = -100.0  # long ago: whatever else is remembered is another moment's
    monkeypatch.setattr(users.time, "monotonic", lambda: now)
    for database, function in (("pwd", "getpwuid"), ("grp", "getgrgid")):

        def unknown(number: int) -> None:
            asked.append(number)
            raise KeyError(number)

        monkeypatch.setattr(getattr(users, database), function, unknown)
    for _ in range(3):
        assert (user_name(71_001), group_name(71_002)) == ("71001", "71002")
    assert asked == [71_001, 71_002]
    now += REMEMBERED
    assert (user_name(71_001), group_name(71_002)) == ("71001", "71002")
    assert asked == [71_001, 71_002] * 2
