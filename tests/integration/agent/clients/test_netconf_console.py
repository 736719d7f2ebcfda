"""netconf-console2, as a person types it."""

from __future__ import annotations

import re
import subprocess

import pytest

from lab.netconf import SMCROUTE, mroute, running, unix_session
from tests.integration.agent.clients.conftest import CLIENTS

FLOW = ("in0", "192.0.2.10", "225.1.2.3")


@pytest.fixture
def console(place, tmp_path):
    """Run it with some commands, which share a session."""
    access = place.builtin

    def run(*words: str, content: str = "") -> subprocess.CompletedProcess[str]:
        file = tmp_path / "content.xml"
        file.write_text(f'<smcroute xmlns="{SMCROUTE}">{content}</smcroute>')
        return place.control.run(
            str(CLIENTS / "bin/netconf-console2"),
            *("--host", access.address, "--port", str(access.port), "--user", access.user),
            # Without a file it has a password, and does not read a key that has none.
            *("--privKeyFile", str(access.private_key), "--ssh-config", "/dev/null"),
            *("--ns", f"s={SMCROUTE}"),
            *(str(file) if word == "FILE" else word for word in words),
            check=False,
        )

    return run


def test_hello_and_schema(console):
    done = console("--hello", "--get-schema", "smcroute")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "urn:ietf:params:netconf:base:1.1" in done.stdout
    assert "module smcroute {" in done.stdout


def test_an_edit_of_the_candidate(console, place):
    done = console(
        *("--db", "candidate", "--lock", "--edit-config", "FILE", "--validate", "candidate"),
        *("--commit", "--unlock", "--copy-running-to-startup"),
        content=mroute(*FLOW, "out0", "out1"),
    )
    assert (done.returncode, done.stdout.count("<ok ")) == (0, 6), done.stdout + done.stderr
    assert place.daemon.configuration_file.read_text().split()[-2:] == ["out0", "out1"]
    done = console("--get-config", "-x", "/s:smcroute/s:mroute[s:group='225.1.2.3']/s:source")
    assert re.findall("<source>(.*)</source>", done.stdout) == ["192.0.2.10"]
    assert "out0" not in done.stdout
    key = "/s:smcroute/mroute[interface=in0][source=192.0.2.10][group=225.1.2.3]"
    done = console("--delete", key, "--get-config", "--copy-running-to-startup")
    assert (done.returncode, done.stdout.count("<ok ")) == (0, 2), done.stdout + done.stderr
    with unix_session(place.daemon) as session:
        assert running(session) == set()


def test_an_error(console):
    done = console("--edit-config", "FILE", content=mroute("in0", "*", "192.0.2.1", "out0"))
    assert done.returncode == 255
    assert re.search("<(nc:)?error-tag>invalid-value</", done.stdout), done.stdout
    assert "not a valid ipv4-multicast-group-address" in done.stdout


def test_notifications(console):
    done = console(
        *("--create-subscription", "NETCONF", "--edit-config", "FILE", "--sleep", "1"),
        content=mroute(*FLOW, operation="remove") + mroute("in0", "*", "225.3.3.3", "out0"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "<username>netops</username>" in done.stdout
    console("--edit-config", "FILE", content=mroute("in0", "*", "225.3.3.3", operation="delete"))
