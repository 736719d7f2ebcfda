"""What the command line asks for, and the defaults that follow from the identity."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from .command_line import parser
from .user import NOBODY, User, find_user

CONFIG_DIRECTORY = Path("/etc")
RUNTIME_DIRECTORY = Path("/run")
STATE_DIRECTORY = Path("/var/lib/smcroute")


class Place(NamedTuple):
    """A path, and whether the user named it: then it must work."""

    path: Path
    given: bool


class Options(NamedTuple):
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
    netconf_timeout: int
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

    def logging(self) -> list[str]:
        """The children's options about it."""
        to_syslog = ["--syslog", self.identity] if self.syslog else []
        return ["--log-level", self.log_level, *to_syslog]


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
        netconf_timeout=chosen.netconf_timeout,
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
