"""NETCONF clients for the tests: ncclient over the UNIX socket and over SSH, and edits as XML."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

import ncclient.manager
import ncclient.transport.session
from ncclient.transport.unixSocket import UnixSocketSession

from .daemon import Daemon
from .host import Host
from .ssh import SshAccess

NETCONF = "urn:ietf:params:xml:ns:netconf:base:1.0"
SMCROUTE = "urn:mcast:params:xml:ns:yang:smcroute"

TIMEOUT = 20
"""Seconds that an RPC may take."""

# How often ncclient looks for something to send: its own 0.1 s is added to every RPC.
ncclient.transport.session.TICK = 0.001


def _close(self: Any) -> None:
    """As ncclient's, which closes the socket under the thread that polls it: that never ends."""
    self._closing.set()
    with contextlib.suppress(OSError):
        self._socket.shutdown(socket.SHUT_RDWR)
    if threading.current_thread() is not self and self.is_alive():
        self.join(TIMEOUT)
    self._socket.close()
    self._connected = False


UnixSocketSession.close = _close


@contextlib.contextmanager
def unix_session(daemon: Daemon) -> Iterator[Any]:
    """An ncclient manager over the daemon's UNIX socket."""
    session = ncclient.manager.connect_uds(path=str(daemon.netconf_socket), timeout=TIMEOUT)
    session.timeout = TIMEOUT
    with session:
        yield session


@contextlib.contextmanager
def ssh_session(host: Host, access: SshAccess) -> Iterator[Any]:
    """An ncclient manager over SSH, from a host of the lab, with the host key checked."""
    with host.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.settimeout(TIMEOUT)
        connection.connect((access.address, access.port))
        session = ncclient.manager.connect_ssh(
            host=access.address,
            port=access.port,
            username=access.user,
            key_filename=str(access.private_key),
            hostkey_verify=True,
            unknown_host_cb=lambda *_: False,
            allow_agent=False,
            look_for_keys=False,
            ssh_config=None,
            sock=connection,
            timeout=TIMEOUT,
            hostkey_b64=access.host_key.with_name("host_key.pub").read_text().split()[1],
        )
        session.timeout = TIMEOUT
        with session:
            yield session


def element(name: str, content: str, operation: str | None = None) -> str:
    """One element; `content` is XML, `operation` a value of nc:operation."""
    attribute = f' xmlns:nc="{NETCONF}" nc:operation="{operation}"' if operation else ""
    return f"<{name}{attribute}>{content}</{name}>"


def leaf(name: str, value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name}>{escape(text)}</{name}>"


def mroute(
    interface: str, source: str, group: str, *out_interfaces: str, operation: str | None = None
) -> str:
    """A multicast route."""
    keys = leaf("interface", interface) + leaf("source", source) + leaf("group", group)
    outs = "".join(leaf("out-interface", name) for name in out_interfaces)
    return element("mroute", keys + outs, operation)


def mgroup(interface: str, source: str, group: str, operation: str | None = None) -> str:
    """A group to join."""
    keys = leaf("interface", interface) + leaf("source", source) + leaf("group", group)
    return element("mgroup", keys, operation)


def phyint(name: str, operation: str | None = None, **leaves: object) -> str:
    """An interface; leaves by their YANG name, with _ for -."""
    content = "".join(leaf(key.replace("_", "-"), value) for key, value in leaves.items())
    return element("phyint", leaf("name", name) + content, operation)


def config(*entries: str) -> str:
    """The <config> of an edit-config."""
    body = f'<smcroute xmlns="{SMCROUTE}">{"".join(entries)}</smcroute>'
    return f'<config xmlns="{NETCONF}">{body}</config>'


def edit(session: Any, *entries: str) -> None:
    """Edit running; raises ncclient.operations.RPCError."""
    session.edit_config(target="running", config=config(*entries))


def running(session: Any) -> set[tuple[str, ...]]:
    """All configured rules: kind, then the text of every leaf in the document's order."""
    data = session.get_config("running").data_ele
    return {
        (entry.tag.rpartition("}")[2], *(child.text or "" for child in entry))
        for container in data.iter(f"{{{SMCROUTE}}}smcroute")
        for entry in container
    }
