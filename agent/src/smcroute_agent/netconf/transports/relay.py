"""The command for sshd's `Subsystem netconf`: stdin and stdout become the agent's UNIX socket.

Usage: python -m smcroute_agent.netconf.transports.relay [PATH]

It imports nothing but the standard library, so that a login costs little.  sshd has
authenticated the user and runs it under the user's uid, which the agent learns from the
socket.
"""

from __future__ import annotations

import os
import socket
import sys
import threading

DEFAULT_PATH = "/run/smcroute.netconf.sock"

PIECE = 64 * 1024
"""Octets that are read at once."""


def main(arguments: list[str]) -> int:
    """Relay until the agent closes; the exit code is for sshd's log."""
    if len(arguments) > 1 or arguments[:1] in (["-h"], ["--help"]):
        print(__doc__, file=sys.stderr)
        return 64
    path = arguments[0] if arguments else DEFAULT_PATH
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
        try:
            agent.connect(path)
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            print(
                f"smcroute netconf: {path}: {reason}; is smcrouted running, and is this user "
                "allowed to use its socket?",
                file=sys.stderr,
            )
            return 69
        # A thread of its own for what the client sends: it ends with the process, because a
        # read of stdin cannot be interrupted when the agent closes first.
        threading.Thread(target=_to_agent, args=(agent,), daemon=True).start()
        _from_agent(agent)
    return 0


def _to_agent(agent: socket.socket) -> None:
    try:
        while data := os.read(0, PIECE):
            agent.sendall(data)
        agent.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def _from_agent(agent: socket.socket) -> None:
    try:
        while data := agent.recv(PIECE):
            view = memoryview(data)
            while view:
                view = view[os.write(1, view) :]
    except OSError:
        pass


def run() -> None:
    """Exit without waiting for the thread that may be reading stdin."""
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    run()
