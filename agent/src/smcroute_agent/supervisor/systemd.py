"""Readiness for systemd (sd_notify(3)), without its library."""

from __future__ import annotations

import contextlib
import os
import socket


def notify(state: str) -> None:
    """Tell the service manager, if one asked to be told: "READY=1", "STOPPING=1", ..."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address or address[0] not in "/@":
        return
    if address[0] == "@":
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock, contextlib.suppress(OSError):
        sock.setblocking(False)
        sock.sendto(state.encode(), address)
