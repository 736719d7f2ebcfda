"""Where the SSH transport listens: `[ADDR:]PORT` becomes a bound socket.

This is apart from the transport itself because the process that binds is the privileged
one, and it imports neither asyncio nor asyncssh.
"""

from __future__ import annotations

import errno
import os
import socket

from ...errors import SystemProblem, UsageError

BACKLOG = 128

_REMEDIES = {
    errno.EADDRINUSE: "choose another port, or stop the program that listens there "
    "(`ss -ltnp` shows which)",
    errno.EACCES: "ports below 1024 need CAP_NET_BIND_SERVICE: start smcrouted as root or "
    "choose a higher port",
    errno.EADDRNOTAVAIL: "give an address that an interface of this machine has",
}


def parse(text: str) -> tuple[str, int]:
    """(address, port) of `PORT`, `ADDR:PORT` or `[ADDR]:PORT`; the address may be empty.

    Raises UsageError.
    """
    address, _, port = text.rpartition(":")
    if address.startswith("[") and address.endswith("]"):
        address = address[1:-1]
    elif ":" in address:
        raise UsageError(
            f"in {text!r} it is not clear where the address ends",
            remedy=f"write an IPv6 address in brackets: [{address}]:{port}",
        )
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise UsageError(
            f"{text!r} names no TCP port",
            remedy="write PORT, ADDRESS:PORT or [IPV6-ADDRESS]:PORT with a port from 1 to 65535",
        )
    return address, int(port)


def bind(address: str, port: int) -> socket.socket:
    """A listening socket; without an address it takes IPv4 and IPv6.

    Raises SystemProblem that says why not, and what to do.
    """
    try:
        found = socket.getaddrinfo(
            address or None,
            port,
            type=socket.SOCK_STREAM,
            flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV,
        )
    except socket.gaierror as error:
        raise SystemProblem(
            f"cannot listen for NETCONF over SSH on {address}: {error.strerror}",
            remedy="give an address of this machine",
        ) from None
    if not address:
        # One IPv6 socket takes both families, where the kernel has IPv6.
        found.sort(key=lambda entry: entry[0] != socket.AF_INET6)
    problem: OSError | None = None
    for family, kind, protocol, _, where in found:
        try:
            return _bind(family, kind, protocol, where, dual=not address)
        except OSError as error:
            problem = error
            if error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                break
    assert problem is not None
    number = problem.errno or 0
    raise SystemProblem(
        f"cannot listen for NETCONF over SSH on {address or 'any address'}, port {port}: "
        f"{os.strerror(number)}",
        remedy=_REMEDIES.get(number),
    )


def _bind(family: int, kind: int, protocol: int, where: object, *, dual: bool) -> socket.socket:
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if dual else 1)
        sock.bind(where)  # type: ignore[arg-type]
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock
