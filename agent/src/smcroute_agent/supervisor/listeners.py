"""The listening sockets, bound with privilege and handed to the agent, who has none."""

from __future__ import annotations

import errno
import logging
import os
import socket
from pathlib import Path
from typing import NamedTuple

from ..errors import SystemProblem
from .options import Options, Place
from .ssh_files import open_authorized_keys, open_host_key

BACKLOG = 128
"""Connections that may wait to be accepted (listen(2))."""

_log = logging.getLogger(__name__)


class Listeners(NamedTuple):
    """What the agent serves; None where it does not."""

    smcroutectl: socket.socket | None
    netconf: socket.socket | None
    ssh: socket.socket | None
    host_key: int | None
    authorized_keys: int | None

    def arguments(self) -> tuple[list[str], tuple[int, ...]]:
        """The agent's options and the descriptors that they name."""
        sockets = {
            "--smcroutectl": self.smcroutectl,
            "--netconf": self.netconf,
            "--ssh": self.ssh,
        }
        descriptors = {
            **{name: sock.fileno() if sock else None for name, sock in sockets.items()},
            "--host-key": self.host_key,
            "--authorized-keys": self.authorized_keys,
        }
        present = {name: number for name, number in descriptors.items() if number is not None}
        options = [word for name, number in present.items() for word in (name, str(number))]
        return options, tuple(present.values())

    @classmethod
    def open(cls, options: Options) -> Listeners:
        """All that the command line asks for; raises SystemProblem."""
        ssh = host_key = authorized_keys = None
        if options.netconf_ssh is not None:
            ssh = tcp_listener(*options.netconf_ssh, "NETCONF over SSH")
            host_key = open_host_key(options.host_key)
            authorized_keys = open_authorized_keys(options.authorized_keys)
        gid = options.group
        if gid != options.user.gid:
            _log.info("the agent is %s: only root may use the sockets", options.user.name)
        smcroutectl = unix_listener(options.socket, gid, "smcroutectl")
        try:
            netconf = unix_listener(options.netconf_socket, gid, "NETCONF")
        except SystemProblem:
            if smcroutectl is not None:
                options.socket.path.unlink(missing_ok=True)
                smcroutectl.close()
            raise
        return cls(smcroutectl, netconf, ssh, host_key, authorized_keys)


def unix_listener(place: Place, gid: int, what: str) -> socket.socket | None:
    """A UNIX stream listener, mode 0660 and of the group `gid`.

    A socket that a process still answers on is not taken over; a file left behind by a
    dead one is replaced.  Raises SystemProblem when a path that was given cannot be used;
    a default one is warned about, and None returned.
    """
    try:
        return _bind(place.path, gid)
    except SystemProblem as problem:
        failure = problem
    except OSError as error:
        failure = SystemProblem(
            f"cannot listen on {place.path} for {what}: {error.strerror or error}",
            remedy="choose a path in a directory that exists and can be written",
        )
    if place.given:
        raise failure
    _log.warning("%s; going on without it", failure)
    return None


def _bind(path: Path, gid: int) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_stale(path)
        # Bound under another name first: a client never meets a socket that does not listen.
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        mask = os.umask(0o117)
        try:
            listener.bind(os.fspath(temporary))
        finally:
            os.umask(mask)
        try:
            # Whoever may write there may have put a link in its place.
            os.chown(temporary, -1, gid, follow_symlinks=False)
            listener.listen(BACKLOG)
            os.rename(temporary, path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
    except BaseException:
        listener.close()
        raise
    return listener


def _remove_stale(path: Path) -> None:
    """Make way for a new socket, unless someone answers there or it is no socket at all."""
    if not os.path.lexists(path):
        return
    if not path.is_socket():
        raise SystemProblem(
            f"{path} exists and is no socket", remedy="remove it, or choose another path"
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            return
        except BlockingIOError:
            pass  # its queue is full: it lives
    raise SystemProblem(
        f"another process answers on {path}",
        remedy="stop it, or choose another identity with -i NAME or another path",
    )


def tcp_listener(address: str, port: int, what: str) -> socket.socket:
    """A TCP listener; "::" serves IPv4 too.  Raises SystemProblem when it cannot be had."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return socket.create_server(
            (address, port), family=family, backlog=BACKLOG, dualstack_ipv6=address == "::"
        )
    except OSError as error:
        where = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        remedy = {
            errno.EADDRINUSE: "another program has the port: stop it (ss -ltnp shows it), or "
            "choose another port",
            errno.EADDRNOTAVAIL: "no interface has this address (ip address shows them)",
            errno.EACCES: "ports below 1024 need root or CAP_NET_BIND_SERVICE",
        }.get(error.errno or 0, "choose another address or port")
        raise SystemProblem(
            f"cannot listen on {where} for {what}: {os.strerror(error.errno or 0)}", remedy=remedy
        ) from None
