"""Listening sockets: never taken over, never wider open than meant."""

import os
import socket
from pathlib import Path

import pytest

from smcroute_agent.errors import SystemProblem
from smcroute_agent.supervisor.listeners import Listeners, tcp_listener, unix_listener
from smcroute_agent.supervisor.options import Place, parse


def test_a_new_socket_listens_with_a_closed_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with unix_listener(Place(path, given=True), os.getgid(), "test") as listener:
        assert path.stat().st_mode & 0o777 == 0o660
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            listener.accept()[0].close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.sock"]


def test_the_socket_of_a_dead_process_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    listener = unix_listener(Place(path, given=True), os.getgid(), "test")
    assert listener is not None
    with listener, socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def test_the_socket_of_a_living_process_is_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with socket.socket(socket.AF_UNIX) as living:
        living.bind(str(path))
        living.listen(0)
        with pytest.raises(SystemProblem, match="another process answers") as caught:
            unix_listener(Place(path, given=True), os.getgid(), "test")
        assert "-i NAME" in str(caught.value)


def test_a_file_that_is_no_socket_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    path.write_text("precious")
    with pytest.raises(SystemProblem, match="no socket"):
        unix_listener(Place(path, given=True), os.getgid(), "test")
    assert path.read_text() == "precious"


def test_a_default_path_that_cannot_be_used_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = Place(tmp_path / "missing" / "a.sock", given=False)
    assert unix_listener(place, os.getgid(), "NETCONF") is None
    assert "going on without it" in caplog.text


def test_a_given_path_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    place = Place(tmp_path / "missing" / "a.sock", given=True)
    with pytest.raises(SystemProblem, match="cannot listen on"):
        unix_listener(place, os.getgid(), "NETCONF")


def test_a_taken_port_is_named_with_a_remedy() -> None:
    with tcp_listener("127.0.0.1", 0, "test") as first:
        port = first.getsockname()[1]
        with pytest.raises(SystemProblem, match=f"127.0.0.1:{port}") as caught:
            tcp_listener("127.0.0.1", port, "NETCONF over SSH")
    assert "another program has the port" in str(caught.value)


def test_an_address_of_no_interface_is_named_with_a_remedy() -> None:
    with pytest.raises(SystemProblem, match="no interface has this address"):
        tcp_listener("192.0.2.77", 8300, "NETCONF over SSH")


def test_a_link_that_takes_the_place_of_a_new_socket_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s")
    change_owner = os.chown

    def race(path: Path, uid: int, gid: int, **more: bool) -> None:
        path.unlink()
        path.symlink_to(secret)
        change_owner(path, uid, gid, **more)

    monkeypatch.setattr(os, "chown", race)
    listener = unix_listener(Place(tmp_path / "a.sock", given=False), 65534, "test")
    if listener is not None:
        listener.close()
    assert secret.stat().st_gid == os.getgid()


def test_nothing_is_left_behind_when_one_socket_cannot_be_had(tmp_path: Path) -> None:
    control = tmp_path / "ctl.sock"
    taken = tmp_path / "no directory" / "netconf.sock"
    options = parse(["-n", "-u", str(control), "--netconf-socket", str(taken)])
    with pytest.raises(SystemProblem, match="NETCONF"):
        Listeners.open(options)
    assert not control.exists()
