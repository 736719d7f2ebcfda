"""Runs a command beside a router of the lab that has our daemon.

  python -m lab.around {unix,ssh} FILE COMMAND...

FILE gets the variables smcroute_NAME that tests/integration/targets hands to the modules, as JSON
(ansible-test calls it integration_config.yml).  COMMAND runs on the lab's control host, from where
the agent is reached over SSH; its exit code is ours.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
from pathlib import Path

from .daemon import Daemon
from .requirements import MissingRequirement, check
from .scratch import scratch_directory
from .ssh import SshAccess
from .topology import Addresses, Lab


def run(transport: str, file: Path, command: list[str]) -> int:
    """Lay the lab, run the command, remove the lab; the command's exit code."""
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(scratch_directory()))
        lab = stack.enter_context(Lab(management=True))
        assert lab.control is not None
        access = SshAccess(directory, Addresses.ROUTER_MANAGEMENT[0])
        daemon = stack.enter_context(Daemon(lab.router, options=access.daemon_options))
        over = access.module_options
        if transport == "unix":
            over = {"socket": str(daemon.netconf_socket)}
        variables = {f"smcroute_{name}": value for name, value in over.items()}
        file.write_text(json.dumps(variables, indent=2) + "\n")
        with lab.control.entered():
            return subprocess.run(command, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m lab.around")
    parser.add_argument("transport", choices=["unix", "ssh"])
    parser.add_argument("file", type=Path)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    try:
        check(["ssh-keygen"])
    except MissingRequirement as missing:
        print(missing, file=sys.stderr)
        return 1
    return run(arguments.transport, arguments.file, arguments.command)


if __name__ == "__main__":
    sys.exit(main())
