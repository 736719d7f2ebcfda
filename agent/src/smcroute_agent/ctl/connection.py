"""Asks the daemon on its socket."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

from ..compat import ipc
from ..errors import SystemProblem

TIMEOUT = 300.0
"""Seconds to wait for the daemon; a reload of very many routes takes some."""


def call(path: str, letter: str, arguments: list[str]) -> str:
    """Send a command to the daemon and return its answer, "" for success.

    Raises SystemProblem when it cannot be reached or gives none.
    """
    return ask(path, ipc.encode_request(letter, arguments))


def ask(path: str, request: bytes) -> str:
    """As call(), with a request that ipc.encode_request() made."""
    octets = bytearray()
    with _connect(path) as connection:
        try:
            connection.sendall(request)
            while piece := connection.recv(64 * 1024):
                octets += piece
        except TimeoutError:
            raise _silent(path) from None
        except ConnectionError:
            octets.clear()
    text = ipc.decode_reply(bytes(octets))
    if text is None:
        raise _unanswered(path)
    return text


def answers(path: str, message: bytes) -> Iterator[str]:
    """Send a batch of commands and yield their answers as they come.

    Raises SystemProblem when the daemon cannot be reached, or gives no further answer.
    """
    with _connect(path) as connection:
        rest = b""
        try:
            connection.sendall(message)
            while piece := connection.recv(64 * 1024):
                *texts, rest = (rest + piece).split(b"\0")
                for text in texts:
                    yield ipc.decode_text(text)
        except TimeoutError:
            raise _silent(path) from None
        except ConnectionError:
            pass
    raise _unanswered(path)


def _connect(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # A socket that Python times would not wait for room in a full queue of connections.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(TIMEOUT))
    try:
        connection.connect(path)
    except OSError as error:
        connection.close()
        raise _unreachable(path, error) from None
    connection.settimeout(TIMEOUT)
    return connection


def _timeval(seconds: float) -> bytes:
    """struct timeval of <sys/time.h>."""
    return struct.pack("@ll", int(seconds), int(seconds % 1 * 1_000_000))


def _unreachable(path: str, error: OSError) -> SystemProblem:
    problem, remedy = f"cannot connect to {path}: {error.strerror or error}", None
    if isinstance(error, (FileNotFoundError, ConnectionRefusedError)):
        problem = f"no smcrouted answers on {path}"
        remedy = "start smcrouted; if it runs, name its identity with -i NAME or its socket with -u"
    elif isinstance(error, PermissionError):
        problem = f"no permission to use {path}"
        remedy = "become root, or join the group that 'ls -l' shows for the socket"
    elif isinstance(error, BlockingIOError):
        problem = f"smcrouted accepts nothing on {path} within {TIMEOUT:g} s"
        remedy = "see smcrouted's log"
    return SystemProblem(problem, remedy=remedy)


def _silent(path: str) -> SystemProblem:
    return SystemProblem(f"no answer on {path} within {TIMEOUT:g} s", remedy="see smcrouted's log")


def _unanswered(path: str) -> SystemProblem:
    return SystemProblem(
        f"the daemon closed {path} without an answer", remedy="see smcrouted's log"
    )
