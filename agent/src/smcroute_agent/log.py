"""Logging in smcroute's five levels, to stderr or to syslog."""

from __future__ import annotations

import logging
import sys

from .syslog import SyslogHandler

NOTICE = 25
"""Between INFO and WARNING: what an operator wants to see of a daemon that is well."""

LEVELS = {
    "none": logging.CRITICAL + 10,
    "err": logging.ERROR,
    "notice": NOTICE,
    "info": logging.INFO,
    "debug": logging.DEBUG,
}
"""smcrouted -l LEVEL; warnings are shown from `notice` on, as in smcroute."""


_CONTROLS = {code: repr(chr(code))[1:-1] for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}
"""Control characters, and Unicode's ends of a line."""


class _OneLine(logging.Formatter):
    """What is told may be a client's words: none of them begins a line of its own, or steers a
    terminal.  Only a traceback has further lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record)
        return line if line.isprintable() else line.translate(_CONTROLS)


def setup(level: str, identity: str, syslog: bool) -> bool:
    """Send the log of this process to syslog (facility daemon), or to stderr.

    Returns whether it goes to syslog: where there is no syslog daemon it goes to stderr.
    """
    logging.addLevelName(NOTICE, "NOTICE")
    _leave_out_what_is_not_shown()
    handler = SyslogHandler(identity) if syslog else logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("%(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LEVELS[level])
    return isinstance(handler, SyslogHandler) and handler.present()


def _leave_out_what_is_not_shown() -> None:
    """Python's "Logging HOWTO", Optimization: a line for each smcroutectl is on its way."""
    logging._srcfile = None
    logging.logThreads = False
    logging.logProcesses = False
    logging.logMultiprocessing = False
