"""smcroute-netconf, the command for sshd's `Subsystem netconf`.

stdin and stdout become the agent's UNIX socket.  sshd has authenticated the user and runs it
under the user's uid, which the agent learns from the socket.  It imports nothing but the
standard library, so that a login costs little.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading

DEFAULT_PATH = "/run/smcroute.netconf.sock"

PIECE = 64 * 1024
"""Octets that are read at once."""

HELP = f"""\
Usage: smcroute-netconf [SOCKET]

NETCONF on stdin and stdout, from smcrouted's socket (default {DEFAULT_PATH}).
It is meant for sshd_config(5):

    Subsystem netconf /opt/smcroute/bin/smcroute-netconf

Exit codes: 0 the session is over, 64 wrong command line, 69 smcrouted does not answer,
77 the user may not open the socket.
"""


def main(arguments: list[str]) -> int:
    """Relay until the agent closes; the exit code is one of sysexits.h, for sshd's client."""
    if arguments in (["-h"], ["--help"]):
        print(HELP, end="")
        return 0
    if len(arguments) > 1 or any(word.startswith("-") for word in arguments):
        print(HELP, end="", file=sys.stderr)
        return 64
    path = arguments[0] if arguments else DEFAULT_PATH
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
        try:
            agent.connect(path)
        except PermissionError:
            _complain(path, f"permission denied; {_who_may(path)}")
            return 77
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            _complain(path, f"{reason}; is smcrouted running?")
            return 69
        if os.isatty(0):
            _pass_octets_unchanged()
        # A thread of its own for what the client sends: it ends with the process, because a
        # read of stdin cannot be interrupted when the agent closes first.
        threading.Thread(target=_to_agent, args=(agent,), daemon=True).start()
        _from_agent(agent)
    return 0


def _pass_octets_unchanged() -> None:
    """Some clients ask sshd for a terminal, which would echo, and change the ends of lines."""
    import termios  # seldom needed
    import tty

    tty.setraw(0, termios.TCSANOW)


def _complain(path: str, why: str) -> None:
    """Tell whoever can hear it: sshd passes on the exit code of a subsystem, not its stderr."""
    import syslog  # seldom needed

    print(f"smcroute-netconf: {path}: {why}", file=sys.stderr)
    syslog.openlog("smcroute-netconf", syslog.LOG_PID, syslog.LOG_DAEMON)
    syslog.syslog(syslog.LOG_ERR, f"a session of {_user()} is refused: {path}: {why}")


def _user() -> str:
    import pwd  # seldom needed

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _who_may(path: str) -> str:
    """What to do for a user who may not open the socket."""
    import grp  # seldom needed

    try:
        group = grp.getgrgid(os.stat(path).st_gid).gr_name
    except (OSError, KeyError):
        return "see who may enter its directory"
    if group == "root":
        return "only root may use it; see the option -p of smcrouted"
    return f"add the user to the group {group}"


def _to_agent(agent: socket.socket) -> None:
    # A terminal that is hung up, and an agent that is gone, are the end as well.
    with contextlib.suppress(OSError):
        while data := os.read(0, PIECE):
            agent.sendall(data)
    with contextlib.suppress(OSError):
        agent.shutdown(socket.SHUT_WR)


def _from_agent(agent: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := agent.recv(PIECE):
            view = memoryview(data)
            while view:
                view = view[os.write(1, view) :]


def run() -> None:
    """Exit without waiting for the thread that may be reading stdin."""
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    run()
