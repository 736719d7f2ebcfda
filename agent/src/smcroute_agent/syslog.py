"""A log handler for the local syslog daemon, as syslog(3) has it."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sys

PATH = "/dev/log"

_DAEMON = 3 << 3  # the facility
_ERROR, _WARNING, _NOTICE, _INFO, _DEBUG = 3, 4, 5, 6, 7

MAX_LINE = 8000
"""Octets of a message at the most; syslog daemons cut longer ones."""


class SyslogHandler(logging.Handler):
    """Sends each line of a record as "IDENTITY[PID]: TEXT".

    It never waits: what a stopped or overrun syslog daemon does not take is lost, since
    routing is more important.  Where there is no syslog daemon, as in many containers, the
    line goes to stderr; one that comes later, or is restarted, is found by the next line.
    """

    def __init__(self, identity: str, path: str = PATH) -> None:
        super().__init__()
        self._tag = f"{identity}[{os.getpid()}]: "
        self._path = path
        self._socket: socket.socket | None = None

    def emit(self, record: logging.LogRecord) -> None:
        priority = f"<{_DAEMON | _severity(record.levelno)}>{self._tag}"
        for line in self.format(record).splitlines():
            if not self._send((priority + line).encode("utf-8", "backslashreplace")[:MAX_LINE]):
                with contextlib.suppress(OSError):
                    print(line, file=sys.stderr, flush=True)

    def close(self) -> None:
        self._disconnect()
        super().close()

    def present(self) -> bool:
        """Whether there is a syslog daemon now."""
        return self._connected() or self._connect()

    def _send(self, message: bytes) -> bool:
        """Send, on a new socket when the old one leads nowhere; whether anybody is there."""
        for attempt in (self._connected, self._connect):
            if not attempt():
                continue
            assert self._socket is not None
            try:
                self._socket.send(message)
            except BlockingIOError:
                return True
            except OSError:
                self._disconnect()
            else:
                return True
        return False

    def _connected(self) -> bool:
        return self._socket is not None

    def _connect(self) -> bool:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        connection.setblocking(False)
        try:
            connection.connect(self._path)
        except OSError:
            connection.close()
            return False
        self._socket = connection
        return True

    def _disconnect(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _severity(level: int) -> int:
    """RFC 5424, table 2; between INFO and WARNING lies our NOTICE."""
    if level >= logging.ERROR:
        return _ERROR
    if level >= logging.WARNING:
        return _WARNING
    if level > logging.INFO:
        return _NOTICE
    return _INFO if level >= logging.INFO else _DEBUG
