"""A log handler for the local syslog daemon, as syslog(3) has it."""

from __future__ import annotations

import contextlib
import logging
import os
import socket

PATH = "/dev/log"

_DAEMON = 3 << 3  # the facility
_ERROR, _WARNING, _NOTICE, _INFO, _DEBUG = 3, 4, 5, 6, 7

MAX_LINE = 8000
"""Octets of a message at the most; syslog daemons cut longer ones."""


class SyslogHandler(logging.Handler):
    """Sends each line of a record as "IDENTITY[PID]: TEXT".

    It never waits: what a stopped or overrun syslog daemon does not take is lost, since
    routing is more important.  Raises OSError when there is no syslog daemon at the start;
    one that is restarted is found again.
    """

    def __init__(self, identity: str, path: str = PATH) -> None:
        super().__init__()
        self._tag = f"{identity}[{os.getpid()}]: "
        self._path = path
        self._socket = self._connect()

    def emit(self, record: logging.LogRecord) -> None:
        priority = f"<{_DAEMON | _severity(record.levelno)}>{self._tag}"
        for line in self.format(record).splitlines():
            self._send((priority + line).encode("utf-8", "backslashreplace")[:MAX_LINE])

    def close(self) -> None:
        self._socket.close()
        super().close()

    def _send(self, message: bytes) -> None:
        try:
            self._socket.send(message)
        except BlockingIOError:
            return
        except OSError:
            with contextlib.suppress(OSError):
                fresh = self._connect()
                self._socket.close()
                self._socket = fresh
                fresh.send(message)

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            connection.setblocking(False)
            connection.connect(self._path)
        except OSError:
            connection.close()
            raise
        return connection


def _severity(level: int) -> int:
    """RFC 5424, table 2; between INFO and WARNING lies our NOTICE."""
    if level >= logging.ERROR:
        return _ERROR
    if level >= logging.WARNING:
        return _WARNING
    if level > logging.INFO:
        return _NOTICE
    return _INFO if level >= logging.INFO else _DEBUG
