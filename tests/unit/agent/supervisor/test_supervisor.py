"""What smcrouted makes of its children's words."""

import socket
from pathlib import Path

import pytest

from smcroute_agent.errors import PrivilegeProblem, SystemProblem
from smcroute_agent.supervisor.failure import StartFailed
from smcroute_agent.supervisor.options import parse
from smcroute_agent.supervisor.supervisor import Supervisor


class Started:
    """A supervisor as it is after its children have been started."""

    def __init__(self, directory: Path) -> None:
        self.pid_file = directory / "pid"
        self.told: list[None] = []
        self.supervisor = Supervisor(
            parse(["-n", "-P", str(self.pid_file)]), lambda: self.told.append(None)
        )

    def agent_says(self, **message: object) -> None:
        self.supervisor._agent_said(message, ())

    def engine_says(self, **message: object) -> None:
        self.supervisor._engine_said(message, ())

    @property
    def ready(self) -> bool:
        assert self.pid_file.exists() == bool(self.told)
        return bool(self.told)


@pytest.fixture
def started(tmp_path: Path) -> Started:
    return Started(tmp_path)


def test_ready_when_both_are_whichever_is_first(started: Started, tmp_path: Path) -> None:
    started.agent_says(ready=True)
    assert not started.ready
    started.engine_says(ready=True)
    assert started.ready
    other = Started(tmp_path / "other")
    other.pid_file.parent.mkdir()
    other.engine_says(ready=True)
    assert not other.ready
    other.agent_says(ready=True)
    assert other.ready


def test_ready_is_told_once(started: Started) -> None:
    for _ in range(2):
        started.engine_says(ready=True)
        started.agent_says(ready=True)
    assert len(started.told) == 1


def test_an_engine_that_fails_after_the_agent_is_ready_fails_the_start(started: Started) -> None:
    started.agent_says(ready=True)
    fatal = {"kind": "SystemProblem", "problems": [{"message": "no", "path": None, "remedy": ""}]}
    with pytest.raises(StartFailed) as caught:
        started.engine_says(fatal=fatal)
    assert caught.value.kind == "SystemProblem"
    assert not started.ready


def test_a_reload_that_fails_in_a_file_whose_name_is_no_utf8(
    started: Started, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        started.agent_says(reload_failed="/etc/smcroute.d/m\udce9.conf:1: no group\nMAINPID=1")
        assert manager.recv(4096) == (
            b"READY=1\nSTATUS=nothing is reloaded: "
            rb"/etc/smcroute.d/m\udce9.conf:1: no group MAINPID=1"
        )


def test_the_kind_of_an_error_is_a_class_that_every_process_knows() -> None:
    class MissingInKernel(SystemProblem):
        pass

    assert MissingInKernel("no").kind == "SystemProblem"
    assert PrivilegeProblem("no").kind == "PrivilegeProblem"
