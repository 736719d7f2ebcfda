"""A NETCONF peer that looks at every octet, over a UNIX socket or `ssh -s`."""

from __future__ import annotations

import contextlib
import os
import re
import select
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from lab.host import Host
from lab.netconf import NETCONF, TIMEOUT, config
from lab.ssh import SshAccess

END_OF_MESSAGE = b"]]>]]>"
END_OF_CHUNKS = b"\n##\n"
HEADER = re.compile(rb"\n#([1-9][0-9]{0,9})\n")


def hello(*versions: str) -> bytes:
    listed = "".join(
        f"<capability>urn:ietf:params:netconf:base:{version}</capability>" for version in versions
    )
    return (
        f'<hello xmlns="{NETCONF}"><capabilities>{listed}</capabilities></hello>'.encode()
        + END_OF_MESSAGE
    )


HELLO_1_0 = hello("1.0")
HELLO_1_1 = hello("1.1")


def rpc(operation: str, message_id: int | str = 1) -> bytes:
    return f'<rpc xmlns="{NETCONF}" message-id="{message_id}">{operation}</rpc>'.encode()


def chunk(message: bytes) -> bytes:
    return b"\n#%d\n%s%s" % (len(message), message, END_OF_CHUNKS)


REPLY_OK = f'<rpc-reply xmlns="{NETCONF}" message-id="1"><ok/></rpc-reply>'.encode()
"""The reply in chunks to what `Raw.ask` sends."""

GET_CONFIG = "<get-config><source><running/></source></get-config>"
LOCK = "<lock><target><running/></target></lock>"


def edit_config(*entries: str, target: str = "running") -> str:
    """An edit of entries of our model (lab.netconf)."""
    return f"<edit-config><target><{target}/></target>{config(*entries)}</edit-config>"


class Raw:
    """One connection: octets that are sent as they are, and messages cut out of what comes."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading = reading
        self._writing = writing
        self._octets = bytearray()

    def send(self, octets: bytes) -> None:
        view = memoryview(octets)
        while view:
            view = view[os.write(self._writing, view) :]

    def send_some(self, octets: bytes) -> None:
        """Send what is taken without waiting for the peer to read."""
        os.set_blocking(self._writing, False)
        view = memoryview(octets)
        with contextlib.suppress(BlockingIOError):
            while view:
                view = view[os.write(self._writing, view) :]

    def _more(self) -> None:
        """Take what comes next; EOFError at the end, AssertionError when nothing comes."""
        readable, _, _ = select.select([self._reading], [], [], TIMEOUT)
        assert readable, f"nothing came for {TIMEOUT} s; before: {bytes(self._octets[-500:])!r}"
        try:
            octets = os.read(self._reading, 1 << 20)
        except ConnectionResetError:
            octets = b""
        if not octets:
            raise EOFError(bytes(self._octets))
        self._octets += octets

    def delimited(self) -> bytes:
        """The next message that ends with ]]>]]>, without its end."""
        while (end := self._octets.find(END_OF_MESSAGE)) < 0:
            self._more()
        message = bytes(self._octets[:end])
        del self._octets[: end + len(END_OF_MESSAGE)]
        return message

    def chunked(self) -> bytes:
        """The next message in chunks; AssertionError when a single octet is out of place."""
        message = b""
        while True:
            while len(self._octets) < len(b"\n#1\n"):
                self._more()
            if self._octets.startswith(END_OF_CHUNKS):
                del self._octets[: len(END_OF_CHUNKS)]
                assert message
                return message
            while not (header := HEADER.match(self._octets)):
                assert re.fullmatch(rb"\n#[0-9]{1,10}", bytes(self._octets[:40])), self._octets[:40]
                self._more()
            end = header.end() + int(header[1])
            while len(self._octets) < end:
                self._more()
            message += self._octets[header.end() : end]
            del self._octets[:end]

    def greet(self, octets: bytes = HELLO_1_1) -> bytes:
        """Exchange hellos; returns the server's."""
        self.send(octets)
        return self.delimited()

    def ask(self, operation: str, message_id: int | str = 1) -> bytes:
        """The reply to one operation, in chunks."""
        self.send(chunk(rpc(operation, message_id)))
        return self.chunked()

    def rest(self) -> bytes:
        """All that comes until the peer closes, beyond what was read."""
        with contextlib.suppress(EOFError):
            while True:
                self._more()
        return bytes(self._octets)


@contextlib.contextmanager
def unix(path: Path) -> Iterator[Raw]:
    """A connection to smcrouted's UNIX socket, which is closed without a word."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.connect(str(path))
        yield Raw(sock.fileno(), sock.fileno())


class SshCommand:
    """OpenSSH's client as `ssh -s HOST netconf`, in a host of the lab."""

    def __init__(self, host: Host, access: SshAccess, user: str, *words: str) -> None:
        self.process = host.popen(
            [
                *("ssh", "-T", "-F", "none", "-i", str(access.private_key), "-p", str(access.port)),
                *("-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o", "BatchMode=yes"),
                *("-o", f"UserKnownHostsFile={access.known_hosts}"),
                *(f"{user}@{access.address}", *(words or ("-s", "netconf"))),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.raw = Raw(self.process.stdout.fileno(), self.process.stdin.fileno())

    def finish(self) -> tuple[int, str]:
        """Its exit code, which is the subsystem's, and what it said on stderr."""
        _, complaint = self.process.communicate(timeout=TIMEOUT)
        return self.process.returncode, complaint.decode()

    def __enter__(self) -> SshCommand:
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.kill()
        self.process.communicate()
