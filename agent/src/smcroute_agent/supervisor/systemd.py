"""Readiness for systemd (sd_notify(3)), without its library."""

from __future__ import annotations

import contextlib
import os
import socket
import time

STOPPING = "STOPPING=1"

MAX_STATUS = 500
"""Characters; systemd drops messages of more than 4096 octets."""


def ready(status: str) -> str:
    """The start or a reload is over; `systemctl status` shows the text."""
    return f"READY=1\nSTATUS={' '.join(status.split())[:MAX_STATUS]}"


def reloading() -> str:
    """A reload begins now (systemd.service(5), Type=notify-reload)."""
    return f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}"


def notify(state: str) -> None:
    """Tell the service manager, if one asked to be told."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address or address[0] not in "/@":
        return
    if address[0] == "@":
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock, contextlib.suppress(OSError):
        sock.setblocking(False)
        sock.sendto(state.encode(), address)
