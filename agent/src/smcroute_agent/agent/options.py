"""What smcrouted tells the agent on its command line; a person has no need of it."""

from __future__ import annotations

import argparse
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """Numbers are descriptors that smcrouted left open, None where there is none."""

    control: int
    files: int
    identity: str
    table: int
    config: str
    state: str
    uid: int
    gid: int
    log_level: str
    syslog: str | None
    smcroutectl: int | None
    netconf: int | None
    ssh: int | None
    host_key: int | None
    authorized_keys: int | None
    adopt: bool
    again: bool


def parse(arguments: list[str]) -> Options:
    """The options of an agent's command line."""
    parser = argparse.ArgumentParser(prog="smcroute_agent.agent", allow_abbrev=False)
    for name in ("control", "files", "table", "uid", "gid"):
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in ("identity", "config", "state", "log-level"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("smcroutectl", "netconf", "ssh", "host-key", "authorized-keys"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--syslog")
    parser.add_argument(
        "--adopt", action="store_true", help="take the engine's rules as running, not startup's"
    )
    parser.add_argument(
        "--again", action="store_true", help="the daemon was ready before: rules may have to wait"
    )
    return Options(**vars(parser.parse_args(arguments)))
