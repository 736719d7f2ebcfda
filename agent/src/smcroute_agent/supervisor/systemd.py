"""What smcrouted tells systemd (sd_notify(3)), without its library."""

from __future__ import annotations

import contextlib
import os
import socket
import time

STOPPING = "STOPPING=1"

MAX_STATUS = 500
"""Characters; systemd drops messages of more than 4096 octets."""


PATIENCE = 1.0
"""Seconds until a service manager that does not read is not told."""


def ready(status: str) -> str:
    """The start or a reload is over; `systemctl status` shows the text."""
    return f"READY=1\nSTATUS={' '.join(status.split())[:MAX_STATUS]}"


def reloading() -> str:
    """A reload begins now (systemd.service(5), Type=notify-reload)."""
    return f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}"


def notify(state: str, descriptors: tuple[int, ...] = ()) -> None:
    """Tell the service manager, if one asked to be told; descriptors go beside the message."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address or address[0] not in "/@":
        return
    if address[0] == "@":
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock, contextlib.suppress(OSError):
        # Its queue may be as short as ten messages, and many memberships make many of them.
        sock.settimeout(PATIENCE)
        sock.connect(address)
        socket.send_fds(sock, [state.encode("utf-8", "backslashreplace")], descriptors)
