"""The command line of smcrouted and the defaults that follow from the identity."""

from __future__ import annotations

import argparse
import grp
import ipaddress
import os
import pwd
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from .. import __version__
from ..errors import UsageError
from ..log import LEVELS

CONFIG_DIRECTORY = Path("/etc")
RUNTIME_DIRECTORY = Path("/run")
STATE_DIRECTORY = Path("/var/lib/smcroute")

NOBODY = "nobody"
AGENT_USERS = ("smcroute", NOBODY)
"""Whom the agent runs as without -p: the first of them that the machine knows."""

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


@dataclass(frozen=True)
class User:
    """Whom the agent runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """A path, and whether the user named it: then it must work."""

    path: Path
    given: bool


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    identity: str
    foreground: bool
    log_level: str
    syslog: bool
    config: Place
    check: Path | None
    pid_file: Place
    socket: Place
    netconf_socket: Place
    netconf_ssh: tuple[str, int] | None
    host_key: Path
    authorized_keys: Path
    state: Path
    table: int
    user: User
    drop_engine_user: bool
    expire: int
    delay: int
    duration: int
    script: tuple[str, ...]
    cache_limit: int
    mrdisc_interval: int

    @property
    def group(self) -> int:
        """Whose members may use the sockets: the agent's group.

        Root's when the agent is nobody for want of better: of nobody's group is all that has
        no other, and it shall not control the router.
        """
        by_default = not self.drop_engine_user and self.user.name == NOBODY
        return 0 if by_default and os.geteuid() == 0 else self.user.gid


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message, remedy="smcrouted -h lists the options")


def _seconds(text: str) -> int:
    if not re.fullmatch("[0-9]{1,7}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return int(text)


def _mrdisc_interval(text: str) -> int:
    """AdvertisementInterval of RFC 4286, section 3.1.1."""
    if not re.fullmatch("[0-9]{1,3}", text) or not 4 <= int(text) <= 180:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 4 to 180")
    return int(text)


def _table(text: str) -> int:
    """A table id; 0 means the default table (include/uapi/linux/mroute.h, MRT_TABLE)."""
    if not re.fullmatch("[0-9]{1,10}", text) or int(text) >= 1_000_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no table id from 0 to 999999999")
    return int(text)


def _command(text: str) -> tuple[str, ...]:
    """The words of a command; a program named with a "/" is found from everywhere."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no command: {error}") from None
    if not words or not words[0]:
        raise argparse.ArgumentTypeError(f"{text!r} is no command")
    program, *rest = words
    return (os.path.abspath(program) if "/" in program else program, *rest)


def _cache_limit(text: str) -> int:
    if not re.fullmatch("[0-9]{1,7}", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 9999999")
    return int(text)


def _identity(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}", text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no identity: letters, digits and _ . @ -, at most 64"
        )
    return text


def _address_and_port(text: str) -> tuple[str, int]:
    """[ADDR:]PORT; an IPv6 address in brackets; without one, all addresses."""
    match = re.fullmatch(r"(?:\[(?P<six>[^]]+)\]:|(?P<four>[^:\[\]]+):)?(?P<port>[0-9]{1,5})", text)
    if not match or not 0 < int(match["port"]) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not [ADDR:]PORT, as in 192.0.2.1:830")
    address = match["six"] or match["four"] or "::"
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{address!r} is no IP address") from None
    return address, int(match["port"])


def parser() -> argparse.ArgumentParser:
    """The options themselves; the manual page is built from them too."""
    built = _Parser(
        prog="smcrouted",
        description="Static multicast routing daemon: engine, NETCONF agent, smcroutectl socket.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = built.add_argument
    add(
        "-c",
        dest="expire",
        metavar="SEC",
        type=_seconds,
        default=60,
        help="remove learned routes that were idle for SEC seconds (default 60, 0 never)",
    )
    add(
        "-d",
        dest="delay",
        metavar="SEC",
        type=_seconds,
        default=0,
        help="wait SEC seconds before anything is done",
    )
    add(
        "-D",
        dest="duration",
        metavar="SEC",
        type=_seconds,
        default=0,
        help="exit after SEC seconds (default 0, never)",
    )
    add(
        "-e",
        dest="script",
        metavar="CMD",
        type=_command,
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
        type=_identity,
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
        type=_mrdisc_interval,
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
        type=_table,
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
        type=_address_and_port,
        help="serve NETCONF over SSH there (off unless given)",
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
        type=_cache_limit,
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
    return built


def find_user(text: str | None) -> User:
    """The user of USER[:GROUP], or the agent's default one.

    Raises UsageError when the machine does not know the user or the group.
    """
    if text is None:
        for name in AGENT_USERS:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return User(name, entry.pw_uid, entry.pw_gid)
        raise UsageError(
            "there is neither a user smcroute nor a user nobody for the agent",
            remedy="create one, or name another with -p USER[:GROUP]",
        )
    name, colon, group = text.partition(":")
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise UsageError(f"-p: there is no user {name!r}", remedy="useradd makes one") from None
    try:
        gid = grp.getgrnam(group).gr_gid if colon else entry.pw_gid
    except KeyError:
        raise UsageError(f"-p: there is no group {group!r}", remedy="groupadd makes one") from None
    return User(name, entry.pw_uid, gid)


def parse(arguments: list[str]) -> Options:
    """The options of a command line; raises UsageError, and SystemExit for -h and -v."""
    chosen = parser().parse_args(arguments)
    identity: str = chosen.identity

    def place(given: Path | None, default: Path) -> Place:
        return Place(Path(os.path.abspath(given or default)), given is not None)

    return Options(
        identity=identity,
        foreground=chosen.foreground,
        log_level=chosen.log_level,
        syslog=chosen.syslog or not chosen.foreground,
        config=place(chosen.config, CONFIG_DIRECTORY / f"{identity}.conf"),
        check=chosen.check,
        pid_file=place(
            # A bare name is a file of the runtime directory, as in smcroute(8).
            chosen.pid_file and RUNTIME_DIRECTORY / chosen.pid_file
            if chosen.pid_file and len(chosen.pid_file.parts) == 1
            else chosen.pid_file,
            RUNTIME_DIRECTORY / f"{identity}.pid",
        ),
        socket=place(chosen.socket, RUNTIME_DIRECTORY / f"{identity}.sock"),
        netconf_socket=place(chosen.netconf_socket, RUNTIME_DIRECTORY / f"{identity}.netconf.sock"),
        netconf_ssh=chosen.netconf_ssh,
        host_key=chosen.host_key or CONFIG_DIRECTORY / "smcroute" / "host_key",
        authorized_keys=chosen.authorized_keys or CONFIG_DIRECTORY / "smcroute" / "authorized_keys",
        state=Path(os.path.abspath(chosen.state or STATE_DIRECTORY / identity)),
        table=chosen.table,
        user=find_user(chosen.user),
        drop_engine_user=chosen.user is not None,
        expire=chosen.expire,
        delay=chosen.delay,
        duration=chosen.duration,
        script=chosen.script,
        cache_limit=chosen.cache_limit,
        mrdisc_interval=chosen.mrdisc_interval,
    )
