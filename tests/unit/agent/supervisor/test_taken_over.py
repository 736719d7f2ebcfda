"""An agent that has been taken over asks for what costs smcrouted most."""

import os
import signal
import threading
from pathlib import Path

import pytest

from smcroute_agent import channel
from smcroute_agent.supervisor.child import Child
from smcroute_agent.supervisor.hearing import take
from tests.unit.agent.supervisor.asking import ask

LINKS = 1500
"""More than Python's recursion is deep."""


def test_a_chain_of_links_is_not_followed_to_its_end(main: Path, tmp_path: Path) -> None:
    link = tmp_path / "0"
    link.symlink_to(main)
    for number in range(1, LINKS):
        link = tmp_path / str(number)
        link.symlink_to(tmp_path / str(number - 1))
    for do in ("read", "list"):
        assert ask(main, {"do": do, "path": str(link)})[0]["kept"] is False


def test_a_path_is_no_longer_than_the_kernel_takes(main: Path) -> None:
    for do in ("read", "list"):
        assert ask(main, {"do": do, "path": "/x" * 2048})[0]["error"] == "no path"


@pytest.mark.parametrize("error", [RecursionError, MemoryError, OverflowError, KeyError])
def test_whatever_a_message_raises_it_is_its_senders_end(error: type[Exception]) -> None:
    killed: list[bool] = []

    class Mute(Child):
        def kill(self) -> None:
            killed.append(True)

    def said(*_: object) -> None:
        raise error

    take(Mute("agent", "none", silent=True), said, {}, ())
    assert killed == [True]


def test_a_child_that_has_left_its_group_is_killed() -> None:
    child = Child("agent", "smcroute_agent.agent", silent=True)
    child._interpreter = lambda: ["python3", "-c", _LEAVE]  # type: ignore[method-assign]
    control = child.launch([])
    control.socket.setblocking(True)
    assert control.receive() == ({}, ())
    child.kill()
    assert child.reap() == f"killed by signal {signal.SIGKILL.value}"


_LEAVE = """\
import os, socket, sys, time
os.setpgid(0, os.getpgid(os.getppid()))
socket.socket(fileno=int(sys.argv[2])).send(b"{}")
time.sleep(60)
"""


def test_descriptors_are_closed_though_there_was_no_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = os.pipe()

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as none:
        none.setattr(threading.Thread, "start", refuse)
        channel._discard([first])
    os.fstat(first)
    channel._discard([second])
    for thread in threading.enumerate():
        if thread.name == "close":
            thread.join()
    for descriptor in (first, second):
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(descriptor)
