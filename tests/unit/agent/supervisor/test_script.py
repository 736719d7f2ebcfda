"""The program of -e: real processes, one at a time."""

import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.scratch import scratch_directory
from lab.wait import wait_for
from smcroute_agent.supervisor import script as script_module
from smcroute_agent.supervisor.script import RELOAD, Event, Script
from smcroute_agent.supervisor.user import find_user

INSTALL = Event("install", "192.0.2.10", "225.1.2.3")

Make = Callable[..., Script]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes scripts of a shell text; what still runs at the end is stopped."""
    made: list[Script] = []

    def script(text: str, *, arguments: tuple[str, ...] = (), **options: float) -> Script:
        tmp_path.chmod(0o755)
        program = tmp_path / "script"
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
        made.append(Script((str(program), *arguments), None, **options))
        return made[-1]

    yield script
    for one in made:
        one.stop()


def run(script: Script, *events: Event) -> None:
    """Add the events and step until all calls are over, as smcrouted does."""
    for event in events:
        script.add(event)
    script.step()
    end = time.monotonic() + 20
    while script.pidfd is not None:
        assert time.monotonic() < end, "the script does not end"
        left = None if script.deadline is None else max(0.0, script.deadline - time.monotonic())
        select.select([script.pidfd], [], [], left)
        script.step()


def test_it_sees_the_event_its_own_arguments_and_a_small_environment(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("source", "somebody else's")
    monkeypatch.setenv("SECRET", "1")
    said = tmp_path / "said"
    script = make(
        f'(echo "$1 $2" "$#"; env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= | sort; pwd) >> {said}',
        arguments=("a b",),
    )
    run(script, RELOAD, INSTALL)
    lines = said.read_text().splitlines()
    path = next(line for line in lines if line.startswith("PATH="))
    assert lines == [
        *("a b reload 2", path, "/"),
        *("a b install 2", path, "group=225.1.2.3", "source=192.0.2.10", "/"),
    ]


def test_one_at_a_time_in_order(make: Make, tmp_path: Path) -> None:
    said, lock = tmp_path / "said", tmp_path / "lock"
    script = make(f"mkdir {lock} || echo together >> {said}; echo $source >> {said}; rmdir {lock}")
    run(script, *(Event("install", f"192.0.2.{n}", "225.1.2.3") for n in range(10)))
    assert said.read_text().split() == [f"192.0.2.{n}" for n in range(10)]


def test_an_event_that_waits_already_is_not_added_again(make: Make, tmp_path: Path) -> None:
    said = tmp_path / "said"
    script = make(f"echo $1 >> {said}")
    script.add(RELOAD)
    script.step()
    run(script, INSTALL, RELOAD, INSTALL, RELOAD)
    assert said.read_text().split() == ["reload", "install", "reload"]


def test_the_queue_is_bounded_and_what_is_left_out_is_counted(
    make: Make, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script_module, "MAX_WAITING", 20)
    script = make("read line")
    for n in range(27):
        script.add(Event("install", f"192.0.2.{n}", "225.1.2.3"))
    assert "20 calls wait; further ones are left out" in caplog.text
    run(script)
    assert "7 calls were left out" in caplog.text


def test_a_failure_is_logged(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    run(make("exit 3"), INSTALL)
    assert "install for (192.0.2.10, 225.1.2.3): exit code 3" in caplog.text
    run(make("kill -11 $$"), RELOAD)
    assert "script reload: killed by signal 11" in caplog.text


@pytest.mark.parametrize("program", ["/nonexistent/program", "no-such-program-anywhere", "/etc"])
def test_a_program_that_cannot_be_run_is_logged(
    program: str, caplog: pytest.LogCaptureFixture
) -> None:
    run(Script((program,), None), RELOAD, INSTALL)
    assert caplog.text.count(f"{program} cannot be run: ") == 2


def test_one_that_hangs_is_killed_with_its_children(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    child, said = tmp_path / "child", tmp_path / "said"
    hangs = f"trap '' TERM; sleep 1000 & echo $! > {child}; wait"
    script = make(f'echo $1 >> {said}; [ "$1" = reload ] || {{ {hangs}; }}', max_seconds=0.3)
    run(script, INSTALL, RELOAD)
    assert "takes more than 0.3 s; it is killed" in caplog.text
    assert said.read_text().split() == ["install", "reload"]
    pid = int(child.read_text())
    wait_for(lambda: not os.path.exists(f"/proc/{pid}") or is_zombie(pid), "the child's end")


def is_zombie(pid: int) -> bool:
    return ") Z " in Path(f"/proc/{pid}/stat").read_text()


def test_stop_ends_a_call_and_starts_no_other(make: Make, tmp_path: Path) -> None:
    said = tmp_path / "said"
    script = make(f"trap '' TERM; echo $1 >> {said}; while :; do sleep 0.01; done")
    script.add(RELOAD)
    script.step()
    script.add(INSTALL)
    wait_for(said.exists, "the script's start")
    script.stop()
    assert script.pidfd is None
    script.step()
    assert script.pidfd is None
    assert said.read_text() == "reload\n"


def test_it_runs_as_the_user_without_capabilities() -> None:
    nobody = find_user("nobody")
    with scratch_directory() as directory:
        said = Path(directory, "said")
        said.touch()
        said.chmod(0o666)
        program = Path(directory, "script")
        program.write_text(f"#!/bin/sh\ncat /proc/self/status > {said}\n")
        program.chmod(0o755)
        run(Script((str(program),), nobody), RELOAD)
        fields = dict(line.split(":\t", 1) for line in said.read_text().splitlines())
    assert set(fields["Uid"].split()) == {str(nobody.uid)}
    assert set(fields["Gid"].split()) == {str(nobody.gid)}
    assert fields["Groups"].split() == []
    assert {int(fields[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapBnd")} == {0}
    assert fields["NoNewPrivs"] == "1"


@pytest.mark.parametrize(
    "told",
    [
        {"event": "reload", "source": "192.0.2.10", "group": "225.1.2.3"},
        {"event": "install", "source": "192.0.2.10\0", "group": "225.1.2.3"},
        {"event": "install", "source": "$(reboot)", "group": "225.1.2.3"},
        {"event": "install", "source": "192.0.2.10", "group": None},
        {"event": "install", "source": "192.0.2.10"},
        {"event": ["install"], "source": "192.0.2.10", "group": "225.1.2.3"},
        ["install"],
    ],
)
def test_what_no_engine_tells_is_no_event(told: object) -> None:
    """It would wait, and end smcrouted when its turn comes."""
    with pytest.raises((LookupError, TypeError, ValueError)):
        Event.told(told)


def test_what_the_engine_tells_is_an_event() -> None:
    for source, group in (("192.0.2.10", "225.1.2.3"), ("2001:db8::1", "ff1e::1")):
        told = {"event": "install", "source": source, "group": group}
        assert Event.told(told) == Event("install", source, group)


def test_signals_are_as_a_new_program_expects_them(make: Make, tmp_path: Path) -> None:
    said = tmp_path / "said"
    old = signal.signal(signal.SIGHUP, lambda *_: None)
    try:
        run(make(f"kill -HUP $$; echo alive > {said}"), RELOAD)
    finally:
        signal.signal(signal.SIGHUP, old)
    assert not said.exists()
