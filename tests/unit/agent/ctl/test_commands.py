"""smcroutectl: what it does, what it prints, its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from smcroute_agent.ctl import terminal


@pytest.mark.parametrize(
    ("words", "calls", "left"),
    [
        (["add", "eth0", "225.1.2.3", "eth2"], ["edit"], 2),
        (["a", "eth0", "225.1.2.3"], ["edit"], 2),
        (["remove", "eth0", "10.0.0.1", "225.1.2.3"], ["edit"], 0),
        (["rem", "eth0", "10.0.0.1", "225.1.2.3"], ["edit"], 0),
        (["d", "eth0", "10.0.0.1", "225.1.2.3"], ["edit"], 0),
        (["j", "eth0", "225.1.2.3"], ["edit"], 2),
        (["fl"], ["flush"], 1),
        (["rel"], ["reload"], 1),
        (["restart"], ["reload"], 1),
        (["k"], ["kill"], 1),
    ],
)
def test_commands(server, run, words, calls, left):
    assert run(*words) == (0, "", "")
    assert server.router.calls == calls
    assert len(server.router.rules) == left


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["re"], "the command 're' is ambiguous; use one of: remove reload"),
        (["foo"], "unknown command 'foo'"),
        (["show", "foo"], "unknown subject 'foo'; use one of: routes groups interfaces pending"),
        (["add", "eth0"], "too few words for add; write: smcroutectl add IIF [SOURCE"),
        (["leave", "eth0", "225.1.2.3"], "(*, 225.1.2.3) on eth0 is not joined"),
        (["add", "eth0", "10.0.0.1", "10.0.0.2"], "no multicast group"),
        (["add", *["eth0"] * 300], "more than 1024"),
    ],
)
def test_errors(server, run, words, says):
    code, output, errors = run(*words)
    assert (code, output) == (1, "")
    assert errors.startswith("smcroutectl: ")
    assert errors.count("\n") == 1
    assert says in errors
    assert server.router.calls == []


def test_show(server, run):
    row = "(10.0.0.1, 225.1.2.3)                      eth0  eth1\n"
    code, output, _ = run("-t", "sh", "ro")
    assert (code, output) == (0, row * 2 + "\n")
    plain = run("-p")[1].splitlines()
    assert plain[:5] == [
        "_" * 79,
        "(S,G) Rules",
        "=" * 79,
        "ROUTE (S,G)                                IIF   OIFS",
        "=" * 79,
    ]
    inverse = run("show", "int")[1]
    assert inverse.startswith("\x1b[7m INDEX PHYINT  VIF  MIF" + " " * 56 + "\x1b[0m\n     1 lo ")
    assert run("show", "gr") == (0, "", "")
    assert json.loads(run("-j", "show", "groups")[1]) == {"groups": {"conf": [], "kernel": []}}
    assert "PACKETS" in run("-d")[1]


def test_a_heading_wider_than_the_terminal():
    wide = "x" * 90
    assert terminal.render(f"{wide}=\nrow\n", {"p"}) == f"{'=' * 90}\n{wide}\n{'=' * 90}\nrow\n\n"
    assert terminal.render(f"{wide}=\nrow\n", set()) == f"\x1b[7m{wide}{' ' * 11}\x1b[0m\nrow\n\n"


def test_a_reader_that_goes_away():
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "smcroute_agent.ctl", "-h"],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def _closing(number, *arguments):
    """Run smcroutectl with one of its standard streams closed."""
    return subprocess.run(
        [sys.executable, "-m", "smcroute_agent.ctl", *arguments],
        preexec_fn=lambda: os.close(number),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("number", "arguments", "expected"),
    [
        (0, ["-b"], (0, "", "")),
        (1, ["-v"], (0, "", "")),
        (2, ["bogus"], (1, "", "")),
    ],
)
def test_closed_standard_streams(number, arguments, expected):
    done = _closing(number, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == expected


def test_a_full_disk_under_the_output():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "smcroute_agent.ctl", "-h"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    said = "smcroutectl: standard input or output: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, said)


def test_only_the_standard_library_and_little_of_it():
    modules = subprocess.run(
        [sys.executable, "-c", "import sys, smcroute_agent.ctl; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"argparse", "asyncio", "logging", "lxml", "json", "subprocess"} & set(modules)
