"""How engine and agent are started: what smcrouted says is what they hear, and no more is imported
than they need."""

from __future__ import annotations

import subprocess
import sys

import pytest

from smcroute_agent.agent import options as agent_options
from smcroute_agent.child_options import ChildOptions
from smcroute_agent.engine import options as engine_options

AGENT = [
    *("--control", "3", "--files", "4", "--identity", "video", "--table", "7"),
    *("--config", "/etc/video --odd.conf", "--state", "/var/lib/smcroute/video"),
    *("--uid", "65534", "--gid", "0", "--log-level", "info", "--netconf-timeout", "60"),
]


def test_an_agent_with_nothing_to_serve() -> None:
    options = agent_options.parse(AGENT)
    assert (options.control, options.files, options.table) == (3, 4, 7)
    assert (options.identity, options.config) == ("video", "/etc/video --odd.conf")
    assert (options.uid, options.gid, options.log_level) == (65534, 0, "info")
    assert options.netconf_timeout == 60
    assert (options.syslog, options.netconf, options.ssh) == (None, None, None)
    assert (options.adopt, options.again) == (False, False)


def test_an_agent_with_everything() -> None:
    served = ["--smcroutectl", "5", "--netconf", "6", "--ssh", "7", "--host-key", "8"]
    options = agent_options.parse(
        [*AGENT, *served, "--authorized-keys", "9", "--syslog", "video", "--adopt", "--again"]
    )
    assert (options.smcroutectl, options.netconf, options.ssh) == (5, 6, 7)
    assert (options.host_key, options.authorized_keys, options.syslog) == (8, 9, "video")
    assert (options.adopt, options.again) == (True, True)


def test_an_engine_by_default() -> None:
    options = engine_options.parse(["--control", "3"])
    assert options == (3, None, {}, None, None, 16384, 60.0, 20, "notice", None, False)


def test_an_engine_with_everything() -> None:
    options = engine_options.parse(
        [
            *("--control", "3", "--table", "0", "--inherit=IPv4=4", "--inherit=IPv6=5"),
            *("--uid", "0", "--gid", "0", "--cache-limit", "5", "--expire", "0"),
            *("--mrdisc-interval", "180", "--log-level", "debug", "--syslog", "video"),
            "--notify-install",
        ]
    )
    inherited = {"IPv4": 4, "IPv6": 5}
    assert options == (3, 0, inherited, 0, 0, 5, 0.0, 180, "debug", "video", True)


@pytest.mark.parametrize("words", [["3"], ["--control", "3", "4"], ["--control=3", "4"]])
def test_a_word_of_no_option(words: list[str]) -> None:
    with pytest.raises(ValueError, match="belongs to no option"):
        ChildOptions(words)


def test_a_value_that_is_missing() -> None:
    with pytest.raises(KeyError):
        engine_options.parse([])
    with pytest.raises(IndexError):
        engine_options.parse(["--control"])


@pytest.mark.parametrize("which", ["agent", "engine"])
def test_nothing_is_imported_in_vain(which: str) -> None:
    """Three interpreters start before the router forwards: each module counts."""
    heavy = {"argparse", "asyncssh", "hashlib", "importlib.resources", "platform", "ssl"}
    code = f"import sys, smcroute_agent.{which}.__main__; print(*{heavy!r} & sys.modules.keys())"
    command = [sys.executable, "-I", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
