"""What smcrouted tells the agent on its command line."""

from __future__ import annotations

from typing import NamedTuple

from ..child_options import ChildOptions


class Options(NamedTuple):
    """Numbers are descriptors that smcrouted left open, None where there is none.

    netconf_timeout: in seconds.
    adopt: take the engine's rules as running, not startup's.
    again: the daemon was ready before: rules may have to wait.
    """

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
    netconf_timeout: int
    host_key: int | None
    authorized_keys: int | None
    adopt: bool
    again: bool


def parse(arguments: list[str]) -> Options:
    """The options of an agent's command line."""
    given = ChildOptions(arguments)
    return Options(
        control=given.number("control"),
        files=given.number("files"),
        identity=given.text("identity"),
        table=given.number("table"),
        config=given.text("config"),
        state=given.text("state"),
        uid=given.number("uid"),
        gid=given.number("gid"),
        log_level=given.text("log-level"),
        syslog=given.optional_text("syslog"),
        smcroutectl=given.optional_number("smcroutectl"),
        netconf=given.optional_number("netconf"),
        ssh=given.optional_number("ssh"),
        netconf_timeout=given.number("netconf-timeout"),
        host_key=given.optional_number("host-key"),
        authorized_keys=given.optional_number("authorized-keys"),
        adopt="adopt" in given,
        again="again" in given,
    )
