"""Logging in smcroute's five levels, to stderr or to syslog."""

from __future__ import annotations

import contextlib
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


SYSLOG_PRIORITIES = {
    "CRITICAL": "crit",
    "ERROR": "err",
    "WARNING": "warning",
    "NOTICE": "notice",
    "INFO": "info",
    "DEBUG": "debug",
}


class _Syslog(logging.handlers.SysLogHandler):
    def mapPriority(self, levelName: str) -> str:
        return SYSLOG_PRIORITIES.get(levelName, "notice")


def setup(level: str, identity: str, syslog: bool) -> None:
    """Send the log of this process to syslog (facility daemon), or to stderr.

    Without a /dev/log, as in many containers, stderr is all there is.
    """
    logging.addLevelName(NOTICE, "NOTICE")
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if syslog:
        with contextlib.suppress(OSError):
            syslog_handler = _Syslog("/dev/log", facility=_Syslog.LOG_DAEMON)
            syslog_handler.ident = f"{identity}: "
            handler = syslog_handler
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LEVELS[level])
