"""netconf/transports/relay.py: what sshd's subsystem runs, as a process."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.agent.netconf.agent import Agent
from tests.unit.agent.netconf.wire import HELLO_1_1, NC, chunk, messages, rpc


def relay(agent: Agent, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "smcroute_agent.netconf.transports.relay", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_the_relay_for_sshd(agent: Agent) -> None:
    with relay(agent, str(agent.path)) as process:
        out, _ = process.communicate(HELLO_1_1 + chunk(rpc("<get/>")), timeout=10)
    assert process.returncode == 0
    assert [message.tag for message in messages(out)] == [f"{{{NC}}}hello", f"{{{NC}}}rpc-reply"]


def test_the_relay_ends_when_the_agent_does(agent: Agent) -> None:
    with relay(agent, str(agent.path)) as process:
        agent.until(lambda: bool(agent.server.sessions))
        agent.call(agent.server.close())
        assert process.wait(10) == 0
        process.stdin.close()


def test_the_relay_without_an_agent(tmp_path: Path) -> None:
    with relay(None, str(tmp_path / "none")) as process:  # type: ignore[arg-type]
        _, complaint = process.communicate(timeout=10)
    assert process.returncode == 69
    assert b"No such file" in complaint
    assert b"is smcrouted running" in complaint


def test_the_relay_with_a_wrong_command_line(agent: Agent) -> None:
    with relay(agent, "a", "b") as process:
        assert b"Usage" in process.communicate(timeout=10)[1]
    assert process.returncode == 64


def test_the_relay_on_a_terminal_changes_no_octet(agent: Agent) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "smcroute_agent.netconf.transports.relay", str(agent.path)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, close_fds=True):
        os.close(theirs)
        octets = b""

        def until(end: bytes) -> None:
            nonlocal octets
            while end not in octets:
                octets += os.read(ours, 65536)

        until(b"]]>]]>")
        os.write(ours, HELLO_1_1 + chunk(rpc("<get/>")))
        until(b"\n##\n")
        os.close(ours)
    # Nothing of what was sent came back, and there is no carriage return.
    assert [message.tag for message in messages(octets)] == [
        f"{{{NC}}}hello",
        f"{{{NC}}}rpc-reply",
    ]


def test_the_relay_explains_itself(agent: Agent) -> None:
    with relay(agent, "--help") as process:
        out, complaint = process.communicate(timeout=10)
    assert (process.returncode, complaint) == (0, b"")
    assert b"Subsystem netconf" in out


@pytest.mark.parametrize("option", ["--socket=x", "-x"])
def test_the_relay_has_no_options(agent: Agent, option: str) -> None:
    with relay(agent, option) as process:
        assert b"Usage" in process.communicate(timeout=10)[1]
    assert process.returncode == 64


def test_the_relay_on_a_path_that_is_too_long(tmp_path: Path) -> None:
    with relay(None, str(tmp_path / ("x" * 200))) as process:  # type: ignore[arg-type]
        assert b"too long" in process.communicate(timeout=10)[1]
    assert process.returncode == 69


def test_the_relay_needs_only_the_standard_library() -> None:
    script = (
        "import sys; import smcroute_agent.netconf.transports.relay;"
        "print(sorted(m for m in ('lxml', 'asyncio', 'asyncssh') if m in sys.modules))"
    )
    out = subprocess.check_output([sys.executable, "-c", script], text=True)
    assert out.strip() == "[]"
