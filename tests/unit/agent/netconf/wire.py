"""A session's other end for tests: octets by hand, independent of the code under test."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence

from lxml import etree

from smcroute_agent.errors import Error
from smcroute_agent.nacm.guard import Subject
from smcroute_agent.netconf import parsing
from smcroute_agent.netconf.memory import Memory
from smcroute_agent.netconf.reply import OK, Reply
from smcroute_agent.netconf.session import Session

NC = "urn:ietf:params:xml:ns:netconf:base:1.0"
CHUNK = re.compile(rb"\n#([1-9][0-9]*)\n")


def hello(*versions: str) -> bytes:
    capabilities = "".join(
        f"<capability>urn:ietf:params:netconf:base:{version}</capability>" for version in versions
    )
    return f'<hello xmlns="{NC}"><capabilities>{capabilities}</capabilities></hello>]]>]]>'.encode()


HELLO_1_0 = hello("1.0")
HELLO_1_1 = hello("1.1")


def chunk(message: bytes | str) -> bytes:
    octets = message.encode() if isinstance(message, str) else message
    return b"\n#%d\n%s\n##\n" % (len(octets), octets)


def rpc(operation: str, message_id: int | str = 1) -> str:
    return f'<rpc message-id="{message_id}" xmlns="{NC}">{operation}</rpc>'


def unchunk(octets: bytes) -> list[bytes]:
    """The messages in octets of 1.1; they are nothing but whole messages."""
    messages, current, at = [], b"", 0
    while at < len(octets):
        if octets.startswith(b"\n##\n", at):
            messages.append(current)
            current, at = b"", at + 4
            continue
        header = CHUNK.match(octets, at)
        assert header, octets[at : at + 40]
        size = int(header[1])
        current += octets[header.end() : header.end() + size]
        at = header.end() + size
    assert current == b""
    return messages


def messages(octets: bytes) -> list[etree._Element]:
    """The server's <hello> and its replies."""
    first, _, rest = octets.partition(b"]]>]]>")
    if rest.startswith(b"\n#"):
        return [etree.fromstring(message) for message in [first, *unchunk(rest)]]
    parts = [first, *rest.split(b"]]>]]>")]
    assert parts.pop() == b""
    return [etree.fromstring(message) for message in parts]


def field(reply: etree._Element, name: str) -> str | None:
    """The text of a field of the one rpc-error in a reply."""
    return reply.findtext(f"{{{NC}}}rpc-error/{{{NC}}}{name}")


class Wire:
    """A connection.Transport that keeps what is written."""

    host: str | None = "192.0.2.7"
    identity = "ietf-netconf-monitoring:netconf-ssh"

    def __init__(self) -> None:
        self.octets = b""
        self.closed = False
        self.reading = True
        self.may_write = asyncio.Event()
        self.may_write.set()
        self.gone = False

    def write(self, pieces: Sequence[bytes | memoryview]) -> None:
        assert not self.closed
        self.octets += b"".join(pieces)

    async def drain(self) -> None:
        await self.may_write.wait()
        if self.gone:
            raise ConnectionResetError

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def close(self) -> None:
        self.closed = True

    async def wait_closed(self) -> None:
        assert self.closed


class Conversation:
    """A session with a handler that knows <ok/>, <slow/>, <fail/>, <crash/>, <big/>, <bye/>."""

    def __init__(self, max_message: int = 100_000, memory: Memory | None = None) -> None:
        self.wire = Wire()
        self.seen: list[str] = []
        self.ended: list[Session] = []
        self.release_slow = asyncio.Event()
        self.cancelled = False
        self.session = Session(
            7,
            Subject("alice"),
            self.wire,
            self.handle,
            announced=["urn:ietf:params:netconf:base:1.0", "urn:ietf:params:netconf:base:1.1"],
            prefixes={"ex": "urn:example"},
            on_end=self.ended.append,
            max_message=max_message,
            memory=memory or Memory(1 << 30),
        )
        self.session.start()

    async def handle(self, session: Session, element: etree._Element) -> Reply:
        name = etree.QName(element).localname
        self.seen.append(name)
        if name == "slow":
            try:
                await self.release_slow.wait()
            except asyncio.CancelledError:
                self.cancelled = True
                raise
        if name == "fail":
            raise Error("it failed", path="/ex:a/ex:b", remedy="do this", app_tag="why")
        if name == "crash":
            raise RuntimeError("secret")
        if name == "big":
            return Reply(data=b"<x>" + b"a" * 100_000 + b"</x>")
        if name == "bye":
            return Reply(ends_session=True)
        return OK

    async def settle(self) -> None:
        """Let everything happen that can."""
        for _ in range(20):
            await parsed()

    async def say(self, *octets: bytes) -> list[etree._Element]:
        """Send octets and return all messages of the server so far."""
        for piece in octets:
            self.session.received(piece)
        await self.settle()
        return messages(self.wire.octets)


async def parsed() -> None:
    """Return when all that has come is parsed, and the loop has turned."""
    thread = parsing._small.thread(0)
    await asyncio.get_running_loop().run_in_executor(thread, lambda: None)
    await asyncio.sleep(0)


def run(test: Callable[[Conversation], Awaitable[None]], **settings: object) -> None:
    """Hold a conversation on a loop of its own."""

    async def main() -> None:
        await test(Conversation(**settings))  # type: ignore[arg-type]

    asyncio.run(main())
