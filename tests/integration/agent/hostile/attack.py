"""A client that does what it should not, and what the others see of it meanwhile."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from lab import Daemon, process, wait_for
from lab.background import meanwhile
from lab.netconf import NETCONF, SMCROUTE

END = b"]]>]]>"
TIMEOUT = 60.0
MEGABYTE = 1 << 20


def hello(version: str = "1.1") -> bytes:
    return (
        f'<hello xmlns="{NETCONF}"><capabilities><capability>urn:ietf:params:netconf:base:{version}'
        "</capability></capabilities></hello>"
    ).encode() + END


def chunk(message: str | bytes) -> bytes:
    octets = message.encode() if isinstance(message, str) else message
    return b"\n#%d\n%s\n##\n" % (len(octets), octets)


def rpc(operation: str, attributes: str = "") -> str:
    return f'<rpc xmlns="{NETCONF}" message-id="1" {attributes}>{operation}</rpc>'


def edit(content: str) -> str:
    return (
        "<edit-config><target><running/></target>"
        f'<config><smcroute xmlns="{SMCROUTE}">{content}</smcroute></config></edit-config>'
    )


def route(number: int) -> str:
    group = f"225.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    return (
        f"<mroute><interface>in0</interface><source>*</source><group>{group}</group>"
        "<out-interface>out0</out-interface></mroute>"
    )


RUNNING = "<source><running/></source>"
LOCK = "<lock><target><running/></target></lock>"
NOTHING = f"<get-config>{RUNNING}<filter/></get-config>"


class Attacker:
    """A plain connection to the UNIX socket; what it sends need not make sense."""

    def __init__(self, daemon: Daemon, greeting: bytes = hello()) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        # Without a time-out it waits its turn, where many connect.
        self.socket.connect(str(daemon.netconf_socket))
        self.socket.settimeout(TIMEOUT)
        self.octets = b""
        self.session_id = 0
        if greeting:
            self.socket.sendall(greeting)
            greeted = etree.fromstring(self.until(END))
            self.session_id = int(greeted.findtext(f"{{{NETCONF}}}session-id") or 0)

    def until(self, end: bytes) -> bytes:
        """What comes before the next `end`; EOFError when it is closed before."""
        while end not in self.octets:
            data = self.socket.recv(MEGABYTE)
            if not data:
                raise EOFError(self.octets[-200:])
            self.octets += data
        found, _, self.octets = self.octets.partition(end)
        return found

    def send(self, octets: bytes) -> None:
        """Send as much as is taken."""
        with contextlib.suppress(ConnectionError):
            self.socket.sendall(octets)

    def say(self, octets: bytes) -> etree._Element | None:
        """Send a message and return the answer; None when the session is ended without one."""
        sender = threading.Thread(target=self.send, args=(octets,))
        sender.start()
        try:
            answer = self.until(b"\n##\n")
        except (EOFError, ConnectionError):
            return None
        finally:
            sender.join(TIMEOUT)
        return etree.fromstring(answer.lstrip(b"\n#0123456789"))

    def at_end(self) -> bool:
        """Whether the agent closes the connection; waits for it."""
        with contextlib.suppress(ConnectionError):
            while data := self.socket.recv(MEGABYTE):
                self.octets += data
        return True

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Attacker:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def tag(reply: etree._Element | None) -> str | None:
    """The error-tag of a reply; "ok" for <ok/>, "data" for <data>; None for no reply."""
    if reply is None:
        return None
    error = reply.findtext(f"{{{NETCONF}}}rpc-error/{{{NETCONF}}}error-tag")
    return error or etree.QName(reply[0]).localname


@contextlib.contextmanager
def sockets(count: int, connect: Callable[[], socket.socket]) -> Iterator[list[socket.socket]]:
    """So many connections, closed at the end."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(contextlib.closing(connect())) for _ in range(count)]


@contextlib.contextmanager
def flood(connect: Callable[[], socket.socket]) -> Iterator[Callable[[], int]]:
    """Connect again and again, and keep some hundred of the connections; how many there were."""
    connected: list[None] = []

    def work(over: threading.Event) -> None:
        kept: deque[socket.socket] = deque()
        while not over.is_set():
            with contextlib.suppress(OSError):
                kept.append(connect())
                connected.append(None)
            if len(kept) > 30:
                kept.popleft().close()
        for made in kept:
            made.close()

    with meanwhile(work, threads=8):
        yield lambda: len(connected)


class Bystander:
    """A well-behaved session that asks again and again, from before an attack to after it."""

    def __init__(self, daemon: Daemon) -> None:
        self._client = Attacker(daemon)
        self._stop = threading.Event()
        self._failure: Exception | None = None
        self.answers = 0
        self.longest = 0.0
        self._thread = threading.Thread(target=self._ask)

    def _ask(self) -> None:
        try:
            while not self._stop.is_set():
                begin = time.monotonic()
                assert tag(self._client.say(chunk(rpc(NOTHING)))) == "data"
                self.longest = max(self.longest, time.monotonic() - begin)
                self.answers += 1
                self._stop.wait(0.005)
        except Exception as error:
            self._failure = error

    def __enter__(self) -> Bystander:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            if exception == (None, None, None):
                self._wait_for_one_more()
        finally:
            self._stop.set()
            self._thread.join(TIMEOUT)
            self._client.close()
        assert self._failure is None, repr(self._failure)

    def _wait_for_one_more(self) -> None:
        answers = self.answers + 1
        wait_for(lambda: self.answers > answers or self._failure, "an answer", timeout=TIMEOUT)


class Memory:
    """The agent's memory from one moment on."""

    def __init__(self, daemon: Daemon) -> None:
        self._pid = daemon.agent_pid
        self.before = process.resident_octets(self._pid)
        # proc(5): the peak begins anew.
        Path(f"/proc/{self._pid}/clear_refs").write_text("5")

    @property
    def grown(self) -> int:
        """By how much it is more now, in octets."""
        return process.resident_octets(self._pid) - self.before

    @property
    def peak(self) -> int:
        """By how much it was more at the most, in octets."""
        return int(process.status(self._pid)["VmHWM"].split()[0]) * 1024 - self.before


CONFIGURATION = "mroute from in0 group 225.200.0.0/16 to out0\n"
_flows = (f"225.200.{number >> 8}.{number & 255}" for number in range(1 << 16))


@contextlib.contextmanager
def unharmed(router: Any, daemon: Daemon, *, most: int = 16 * MEGABYTE) -> Iterator[Memory]:
    """Around an attack: others are served, first packets are forwarded, memory is bounded.

    most: octets by which the agent's memory may grow meanwhile; it is given back afterwards, but
    for KEPT.  The daemon runs with CONFIGURATION.
    """
    agent = daemon.agent_pid
    memory = Memory(daemon)
    with Bystander(daemon):
        yield memory
        group = next(_flows)
        router.join(group)
        assert router.exchange("192.0.2.10", group) == [20, 0]
    assert memory.peak < most, f"{memory.peak >> 20} MB at the most"
    wait_for(lambda: memory.grown < KEPT, lambda: f"less: {memory.grown >> 20} MB are kept")
    assert daemon.agent_pid == agent, daemon.log()
    assert "Traceback" not in daemon.log()


KEPT = 32 * MEGABYTE
"""Octets that Python and the C library keep for later."""
