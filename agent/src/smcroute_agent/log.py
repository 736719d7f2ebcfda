"""Logging in smcroute's five levels, to stderr or to syslog."""

from __future__ import annotations

import logging
import logging.handlers
import sys

NOTICE = 25

LEVELS = {
    "none": logging.CRITICAL + 10,
    "err": logging.ERROR,
    "notice": NOTICE,
    "info": logging.INFO,
    "debug": logging.DEBUG,
}
"""smcrouted -l LEVEL; warnings are shown from `notice` on, as in smcroute."""


def setup(level: str, identity: str, syslog: bool) -> None:
    """Send the log of this process to syslog (facility daemon), or to stderr."""
    logging.addLevelName(NOTICE, "NOTICE")
    handler: logging.Handler
    if syslog:
        handler = logging.handlers.SysLogHandler(
            address="/dev/log", facility=logging.handlers.SysLogHandler.LOG_DAEMON
        )
        handler.mapPriority = lambda name: {  # type: ignore[method-assign]
            "NOTICE": "notice",
            "CRITICAL": "crit",
            "ERROR": "err",
            "WARNING": "warning",
            "INFO": "info",
            "DEBUG": "debug",
        }.get(name, "notice")
        handler.ident = f"{identity}: "
    else:
        handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LEVELS[level])
