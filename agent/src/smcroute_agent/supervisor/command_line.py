"""The options of smcrouted as they are typed; the manual page is built from them too."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import NoReturn

from .. import __version__
from ..errors import UsageError
from ..log import LEVELS
from . import arguments
from .user import AGENT_USERS

EXAMPLES = """\
examples:
  smcrouted                                  daemon; /etc/smcroute.conf, log to syslog
  smcrouted -n -l debug -f ./test.conf       in the foreground, log to stderr
  smcrouted -i video -t 123 -p smcroute      a second daemon: /etc/video.conf, table 123
  smcrouted --netconf-ssh 830 --authorized-keys /etc/smcroute/keys
                                             NETCONF over SSH on port 830
  smcrouted -F /etc/smcroute.conf            check a file, start nothing

exit codes: 0 stopped in good order, 1 failed, 64 wrong command line,
  69 the kernel or a port cannot be had, 77 no privilege, 78 wrong configuration file
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message, remedy="smcrouted -h lists the options")


def parser() -> argparse.ArgumentParser:
    """Takes a command line apart; raises UsageError, and SystemExit for -h and -v."""
    built = _Parser(
        prog="smcrouted",
        description="Static multicast routing daemon: engine, NETCONF agent, smcroutectl socket.",
        epilog=EXAMPLES,
        formatter_class=partial(argparse.RawDescriptionHelpFormatter, width=80),
        allow_abbrev=False,
    )
    add = built.add_argument
    add(
        "-c",
        dest="expire",
        metavar="SEC",
        type=arguments.seconds,
        default=60,
        help="remove learned routes that were idle for SEC seconds (default 60, 0 never)",
    )
    add(
        "-d",
        dest="delay",
        metavar="SEC",
        type=arguments.seconds,
        default=0,
        help="wait SEC seconds before anything is done",
    )
    add(
        "-D",
        dest="duration",
        metavar="SEC",
        type=arguments.seconds,
        default=0,
        help="exit after SEC seconds (default 0, never)",
    )
    add(
        "-e",
        dest="script",
        metavar="CMD",
        type=arguments.command,
        default=(),
        help="call CMD reload when the file has been loaded, and CMD install when a (*,G) "
        "route is installed for a flow, which $source and $group tell; CMD is split into words, "
        "no shell",
    )
    add(
        "-f",
        dest="config",
        metavar="FILE",
        type=Path,
        help="configuration file, default /etc/NAME.conf",
    )
    add(
        "-F",
        dest="check",
        metavar="FILE",
        type=Path,
        help="check the syntax of FILE and exit (78: it is bad)",
    )
    add(
        "-i",
        "-I",
        dest="identity",
        metavar="NAME",
        type=arguments.identity,
        default="smcroute",
        help="name of the .conf, .pid and .sock files and in syslog (default smcroute)",
    )
    add(
        "-l",
        dest="log_level",
        metavar="LEVEL",
        choices=list(LEVELS),
        default="notice",
        help=f"log so much: {', '.join(LEVELS)} (default notice)",
    )
    add(
        "-m",
        dest="mrdisc_interval",
        metavar="SEC",
        type=arguments.mrdisc_interval,
        default=20,
        help="announce the router every SEC seconds, from 4 to 180, on interfaces whose phyint "
        "says mrdisc (default 20)",
    )
    add("-n", dest="foreground", action="store_true", help="stay in the foreground")
    add(
        "-N",
        action="store_true",
        help="take no VIF for an interface before a rule needs it: always so here, thus without "
        "effect",
    )
    add(
        "-p",
        dest="user",
        metavar="USER[:GROUP]",
        help="user of both processes; default: the engine stays root, the agent is "
        + " or ".join(AGENT_USERS),
    )
    add("-P", dest="pid_file", metavar="FILE", type=Path, help="pid file, default /run/NAME.pid")
    add("-s", dest="syslog", action="store_true", help="log to syslog also in the foreground")
    add(
        "-t",
        dest="table",
        metavar="ID",
        type=arguments.table,
        default=0,
        help="multicast routing table (default 0); packets need `ip mrule`s to find another",
    )
    add(
        "-u",
        dest="socket",
        metavar="FILE",
        type=Path,
        help="socket for smcroutectl, default /run/NAME.sock",
    )
    add(
        "--netconf-socket",
        metavar="PATH",
        type=Path,
        help="socket for NETCONF, default /run/NAME.netconf.sock",
    )
    add(
        "--netconf-ssh",
        metavar="[ADDR:]PORT",
        type=arguments.address_and_port,
        help="serve NETCONF over SSH there (off unless given)",
    )
    add(
        "--netconf-timeout",
        metavar="SEC",
        type=arguments.netconf_timeout,
        default=60,
        help="patience with a NETCONF client: end its session when for SEC seconds it does not log "
        "in, say hello, go on with a message or read what it asked for, or when a message takes "
        "five times as long (default 60)",
    )
    add(
        "--host-key",
        metavar="FILE",
        type=Path,
        help="ed25519 key of the SSH server, made on first use; default /etc/smcroute/host_key",
    )
    add(
        "--authorized-keys",
        metavar="DIR",
        type=Path,
        help="a file of public keys for each SSH user; default /etc/smcroute/authorized_keys",
    )
    add(
        "--state",
        metavar="DIR",
        type=Path,
        help="saved users and access rules, a file a module; default /var/lib/smcroute/NAME",
    )
    add(
        "--cache-limit",
        metavar="N",
        type=arguments.cache_limit,
        default=16384,
        help="learned and stop entries together at the most (default 16384)",
    )
    add(
        "-v",
        "--version",
        action="version",
        version=f"smcrouted {__version__} (mcast.smcroute)",
        help="show the version",
    )
    # Looking up the terminal's width takes imports: only for a text that is shown.
    built.formatter_class = argparse.RawDescriptionHelpFormatter
    return built
