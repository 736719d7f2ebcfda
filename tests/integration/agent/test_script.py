"""smcrouted -e CMD: what the program is told, and that nobody waits for it."""

from __future__ import annotations

import signal

import pytest

from lab import wait_for
from lab.scratch import scratch_directory

NOBODY = 65534
CONFIGURATION = (
    "mroute from in0 group 225.2.0.0/16 to out0\n"
    "mroute from in0 source 192.0.2.10 group 225.1.2.3 to out0\n"
    "mroute from in0 group ff1e::/16 to out0\n"
)


class Program:
    """A shell script of a test; each call writes one line: event, uid, source, group."""

    def __init__(self, directory):
        self.path = directory / "program"
        self._calls = directory / "calls"
        self._calls.touch()
        self._calls.chmod(0o666)
        self.then("true")

    def then(self, text):
        """What it does after it has written its line."""
        self.path.write_text(
            f'#!/bin/sh\necho "$1 $(id -u) $source $group" >> {self._calls}\n{text}\n'
        )
        self.path.chmod(0o755)

    def calls(self):
        return [line.rstrip() for line in self._calls.read_text().splitlines()]

    def wait(self, *expected):
        wait_for(lambda: self.calls() == list(expected), lambda: f"{expected}: {self.calls()}")


@pytest.fixture
def program(tmp_path):
    with scratch_directory() as directory:
        yield Program(tmp_path.__class__(directory))


@pytest.mark.parametrize(("user", "uid"), [(None, 0), ("nobody", NOBODY)], ids=["root", "p-nobody"])
def test_it_sees_reload_and_install(router, program, user, uid):
    router.join("225.2.0.1", "225.1.2.3", "ff1e::1")
    daemon = router.start(CONFIGURATION, "-e", str(program.path), user=user)
    program.wait(f"reload {uid}")
    # A static route is no learned one: the program hears nothing of it.
    assert router.exchange("192.0.2.10", "225.1.2.3") == [20, 0]
    assert router.exchange("192.0.2.10", "225.2.0.1") == [20, 0]
    program.wait(f"reload {uid}", f"install {uid} 192.0.2.10 225.2.0.1")
    assert router.exchange("2001:db8::10", "ff1e::1") == [20, 0]
    daemon.reload()
    program.wait(
        f"reload {uid}",
        f"install {uid} 192.0.2.10 225.2.0.1",
        f"install {uid} 2001:db8::10 ff1e::1",
        f"reload {uid}",
    )


def test_smcroutectl_reload_calls_it_too(router, program):
    daemon = router.start(CONFIGURATION, "-e", str(program.path))
    program.wait("reload 0")
    daemon.control("reload")
    program.wait("reload 0", "reload 0")


def test_a_bad_file_at_reload_does_not_call_it(router, program):
    daemon = router.start(CONFIGURATION, "-e", str(program.path))
    program.wait("reload 0")
    daemon.configuration_file.write_text("nonsense\n")
    assert daemon.control("reload", check=False).returncode == 1
    daemon.reload(CONFIGURATION)
    program.wait("reload 0", "reload 0")


def test_words_without_a_shell(router, program):
    program.then(f'echo "$1|$2|$3|$#" >> {program.path}.words')
    router.start("", "-e", f"{program.path} 'two words' $HOME;id")
    words = program.path.with_name("program.words")
    wait_for(words.exists, "the call")
    wait_for(words.read_text, "its words")
    assert words.read_text() == "two words|$HOME;id|reload|3\n"


def test_one_that_hangs_delays_neither_routing_nor_reload_nor_the_end(router, program):
    router.join("225.2.0.1", "225.2.0.2", "225.4.0.1")
    program.then("trap '' TERM HUP; while :; do sleep 0.05; done")
    daemon = router.start(CONFIGURATION, "-e", str(program.path))
    program.wait("reload 0")
    assert router.exchange("192.0.2.10", "225.2.0.1") == [20, 0]
    daemon.reload(CONFIGURATION + "mroute from in0 group 225.4.0.1 to out1\n")
    assert router.exchange("192.0.2.10", "225.4.0.1") == [0, 20]
    daemon.control("add", "in0", "225.2.0.2", "out1")
    assert router.exchange("192.0.2.10", "225.2.0.2") == [20, 20]
    assert program.calls() == ["reload 0"]
    assert daemon.stop(signal.SIGTERM) == 0
    wait_for(lambda: not router.lab.router.processes(), "all processes gone")


def test_a_burst_of_flows_calls_it_for_each(router, program):
    router.join(*(f"225.2.0.{n}" for n in range(1, 41)))
    router.start(CONFIGURATION, "-e", str(program.path))
    for n in range(1, 41):
        router.sender.send("192.0.2.10", f"225.2.0.{n}", 1)
    flows = [f"install 0 192.0.2.10 225.2.0.{n}" for n in range(1, 41)]
    program.wait("reload 0", *flows)


def test_a_failing_one_is_logged_and_called_again(router, program):
    program.then("exit 7")
    daemon = router.start(CONFIGURATION, "-e", str(program.path))
    wait_for(lambda: "program reload: exit code 7" in daemon.log(), daemon.log)
    daemon.reload()
    wait_for(lambda: daemon.log().count("reload: exit code 7") == 2, daemon.log)


def test_a_missing_one_is_logged_and_the_daemon_runs(router):
    router.join("225.2.0.1")
    daemon = router.start(CONFIGURATION, "-e", "/nonexistent/program")
    assert router.exchange("192.0.2.10", "225.2.0.1") == [20, 0]
    wait_for(
        lambda: "/nonexistent/program cannot be run: No such file or directory" in daemon.log(),
        daemon.log,
    )
