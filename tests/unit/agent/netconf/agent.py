"""A whole NETCONF server in a thread, for blocking clients on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

from lxml import etree

from smcroute_agent.datastore.datastores import Datastores
from smcroute_agent.datastore.events import Change
from smcroute_agent.errors import EngineError
from smcroute_agent.netconf.server import Limits, Server
from smcroute_agent.netconf.session import Session
from smcroute_agent.netconf.transports import unix
from smcroute_agent.yang.data import Container, Leaf, empty, replaced
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.reach import Reach
from smcroute_agent.yang.schema import Schema, packaged
from tests.unit.agent.netconf.wire import CHUNK, HELLO_1_1, NC, chunk, rpc

SMC = "urn:mcast:params:xml:ns:yang:smcroute"
ACM = "urn:ietf:params:xml:ns:yang:ietf-netconf-acm"
T = TypeVar("T")

TIMEOUT = 10.0
"""Seconds that a test waits for anything."""


class MemoryStartup:
    """A StartupStore that keeps the tree."""

    def __init__(self, schema: Schema) -> None:
        self.tree = empty(schema)

    async def load(self) -> Container:
        return self.tree

    async def save(self, tree: Container) -> None:
        self.tree = tree


class Agent:
    """The server, and what it did."""

    def __init__(self, directory: Path, limits: Limits | None) -> None:
        self.schema = packaged()
        self.path = directory / "netconf.sock"
        self.applied: list[tuple[Container, Container]] = []
        self.changes: list[Change] = []
        self.flushed: list[str] = []
        self.refuse: EngineError | None = None
        self.may_apply = asyncio.Event()
        self.may_apply.set()
        self.startup = MemoryStartup(self.schema)
        self.datastores = Datastores(self.schema, self.apply, self.startup)
        self.datastores.listeners.append(self.changes.append)
        self.server = Server(
            self.schema, self.datastores, self.operational, {f"{{{SMC}}}flush": self.flush}, limits
        )
        self.loop = asyncio.get_running_loop()

    async def apply(self, before: Container, after: Container) -> None:
        await self.may_apply.wait()
        if self.refuse is not None:
            raise self.refuse
        self.applied.append((before, after))

    async def operational(self, reach: Reach) -> Container:
        """running, and the agent's version for state."""
        tree = self.datastores.running
        top = tree.get("smcroute")
        if not isinstance(top, Container):
            top = Container(self.schema.node("smcroute"), {})
        node = self.schema.node("smcroute/agent")
        version = node.child("version")
        state = Container(node, {version.qname: Leaf(version, "1.2.3")})
        tree = replaced(tree, {top.schema.qname: replaced(top, {node.qname: state})})
        return self.server.guard.with_state(tree)

    async def flush(self, given: Container, session: Session) -> Container | None:
        self.flushed.append(session.user)
        return None

    def rules(self, content: str) -> None:
        """Let this be the content of the container nacm of running."""
        tree = parse(
            self.schema,
            etree.fromstring(f"<config><nacm xmlns='{ACM}'>{content}</nacm></config>"),
        )
        self.call(
            self.datastores.edit(0, lambda running: replaced(running, tree.children), user="root")
        )

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the server's loop, from the test's thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(TIMEOUT)

    def do(self, function: Callable[[], T]) -> T:
        """Call something on the server's loop, from the test's thread."""

        async def work() -> T:
            return function()

        return self.call(work())

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds on the server's loop."""

        async def work() -> None:
            while not condition():
                await asyncio.sleep(0.001)

        self.call(asyncio.wait_for(work(), TIMEOUT))

    def connect(self, greeting: bytes = HELLO_1_1) -> Client:
        """A client; the agent has taken its greeting, if it has one."""
        client = Client(self.path, greeting)

        def greeted() -> bool:
            session = self.server.sessions.get(client.session_id)
            return session is None or session.open

        if greeting:
            self.until(greeted)
        return client


@contextlib.contextmanager
def running(directory: Path, limits: Limits | None = None) -> Iterator[Agent]:
    """An agent that listens on DIRECTORY/netconf.sock."""
    started: list[Agent] = []
    ready, done = threading.Event(), threading.Event()

    async def main() -> None:
        agent = Agent(directory, limits)
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(str(agent.path))
        listening = await unix.listen(agent.server, sock)
        started.append(agent)
        ready.set()
        while not done.is_set():
            await asyncio.sleep(0.005)
        listening.close()
        agent.may_apply.set()
        await agent.server.close()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    try:
        assert ready.wait(TIMEOUT)
        yield started[0]
    finally:
        done.set()
        thread.join(TIMEOUT)


class Client:
    """A plain client of base:1.1 over a UNIX socket."""

    def __init__(self, path: Path, greeting: bytes) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(path))
        self.sock.settimeout(TIMEOUT)
        self.octets = b""
        self.message_id = 0
        if greeting:
            self.sock.sendall(greeting)
        self.hello = etree.fromstring(self.until(b"]]>]]>"))
        self.session_id = int(self.hello.findtext(f"{{{NC}}}session-id"))

    def until(self, end: bytes) -> bytes:
        """What comes before the next `end`."""
        while end not in self.octets:
            data = self.sock.recv(1 << 20)
            if not data:
                raise EOFError
            self.octets += data
        found, _, self.octets = self.octets.partition(end)
        return found

    def read(self) -> bytes:
        """The next message, which is in one chunk."""
        while True:
            header = CHUNK.match(self.octets)
            if header:
                end = header.end() + int(header[1])
                if len(self.octets) >= end + 4:
                    assert self.octets[end : end + 4] == b"\n##\n"
                    message, self.octets = self.octets[header.end() : end], self.octets[end + 4 :]
                    return message
            data = self.sock.recv(1 << 20)
            if not data:
                raise EOFError
            self.octets += data

    def send(self, operation: str) -> None:
        self.message_id += 1
        self.sock.sendall(chunk(rpc(operation, self.message_id)))

    def ask(self, operation: str) -> etree._Element:
        """The reply to one operation."""
        self.send(operation)
        reply = etree.fromstring(self.read())
        assert reply.get("message-id") == str(self.message_id)
        return reply

    def ok(self, operation: str) -> None:
        """Do one operation that has to succeed."""
        reply = self.ask(operation)
        assert [child.tag for child in reply] == [f"{{{NC}}}ok"], etree.tostring(reply).decode()

    def at_end(self) -> bool:
        """Whether the server closes the connection; waits for it."""
        try:
            while data := self.sock.recv(1 << 20):
                self.octets += data
        except ConnectionResetError:
            pass
        return True

    def close(self) -> None:
        self.sock.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def edit(config: str, *, target: str = "<running/>", more: str = "") -> str:
    return f"<edit-config><target>{target}</target>{more}<config>{config}</config></edit-config>"


def smcroute(content: str) -> str:
    return f'<smcroute xmlns="{SMC}">{content}</smcroute>'


def mroute(group: str, *out: str, interface: str = "eth0", source: str = "10.0.0.1") -> str:
    listed = "".join(f"<out-interface>{name}</out-interface>" for name in out)
    return (
        f"<mroute><interface>{interface}</interface><source>{source}</source>"
        f"<group>{group}</group>{listed}</mroute>"
    )
