"""What smcrouted tells the engine on its command line."""

from __future__ import annotations

from typing import NamedTuple

from ..child_options import ChildOptions
from .cache import DEFAULT_LIMIT
from .discovery import DEFAULT_INTERVAL

DEFAULT_EXPIRY = 60.0
"""Seconds; smcrouted -c."""


class Options(NamedTuple):
    """Numbers are descriptors and ids; None where there is none.

    table: None is the default one.  inherited: what the engine before has left, by name.
    uid, gid: None stays who it is.  expire, mrdisc_interval: seconds.
    """

    control: int
    table: int | None
    inherited: dict[str, int]
    uid: int | None
    gid: int | None
    cache_limit: int
    expire: float
    mrdisc_interval: int
    log_level: str
    syslog: str | None
    notify_install: bool


def parse(arguments: list[str]) -> Options:
    """The options of an engine's command line."""
    given = ChildOptions(arguments)
    left = (item.partition("=") for item in given.all("inherit"))
    return Options(
        control=given.number("control"),
        table=given.optional_number("table"),
        inherited={name: int(number) for name, _, number in left},
        uid=given.optional_number("uid"),
        gid=given.optional_number("gid"),
        cache_limit=given.optional_number("cache-limit") or DEFAULT_LIMIT,
        expire=float(given.optional_text("expire") or DEFAULT_EXPIRY),
        mrdisc_interval=given.optional_number("mrdisc-interval") or DEFAULT_INTERVAL,
        log_level=given.optional_text("log-level") or "notice",
        syslog=given.optional_text("syslog"),
        notify_install="notify-install" in given,
    )
