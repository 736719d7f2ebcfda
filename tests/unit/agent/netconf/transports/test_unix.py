"""netconf/transports/unix.py and stream.py: bounds, hostile peers and ends, on real sockets."""

from __future__ import annotations

import asyncio
import itertools
import os
import select
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from lxml import etree

from smcroute_agent.netconf.admission import SessionLimits
from smcroute_agent.netconf.server import Limits
from smcroute_agent.netconf.transports import unix
from smcroute_agent.netconf.transports.stream import Refusals
from smcroute_agent.users import peer
from tests.unit.agent.netconf.agent import Agent, Client, edit, mroute, running, smcroute
from tests.unit.agent.netconf.wire import HELLO_1_0, HELLO_1_1, NC, chunk, messages, rpc


def silent(agent: Agent) -> socket.socket:
    """A connection that says nothing."""
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(str(agent.path))
    sock.settimeout(10)
    return sock


def everything(sock: socket.socket) -> bytes:
    """What comes until the server closes."""
    octets = b""
    while data := sock.recv(1 << 20):
        octets += data
    return octets


def test_the_user_is_the_peer_of_the_socket() -> None:
    left, right = socket.socketpair()
    with left, right:
        assert peer(left).subject().user == "root"


def test_the_user_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(uid: int) -> object:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.setattr("smcroute_agent.users._moment", lambda: -1)  # nothing is remembered of it
    left, right = socket.socketpair()
    with left, right:
        assert peer(left).subject().user == str(os.getuid())


def test_what_sessions_need_is_loaded_by_a_later_one_when_it_could_not_be(
    agent: Agent, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "smcroute_agent.netconf.service", None)
        patched.setattr("smcroute_agent.netconf.transports.stream.refusals", Refusals())
        with silent(agent) as sock:
            assert everything(sock) == b""
    assert "what sessions need cannot be loaded" in caplog.text
    assert agent.server.sessions == {}
    with agent.connect() as client:
        assert client.session_id == 1


def test_another_uid_is_another_user(agent: Agent) -> None:
    script = (
        "import os,socket,sys; os.setuid(65534); s=socket.socket(socket.AF_UNIX);"
        "s.connect(sys.argv[1]); s.sendall(sys.argv[2].encode()); s.recv(9999); sys.stdin.read()"
    )
    agent.path.chmod(0o777)
    shared = Path(tempfile.gettempdir())
    for parent in itertools.takewhile(lambda parent: parent != shared, agent.path.parents):
        parent.chmod(parent.stat().st_mode | 0o055)
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(agent.path), HELLO_1_1.decode()], stdin=subprocess.PIPE
    )
    try:
        agent.until(lambda: bool(agent.server.sessions))
        assert [s.user for s in agent.server.sessions.values()] == ["nobody"]
    finally:
        child.communicate(b"")
    agent.until(lambda: not agent.server.sessions)


def test_a_client_of_1_0_alone(agent: Agent) -> None:
    with silent(agent) as sock:
        sock.sendall(HELLO_1_0 + rpc("<get/>").encode() + b"]]>]]>")
        sock.sendall(rpc("<close-session/>", 2).encode() + b"]]>]]>")
        hello, got, closed = messages(everything(sock))
    assert hello.tag == f"{{{NC}}}hello"
    assert b"1.2.3" in etree.tostring(got)
    assert closed[0].tag == f"{{{NC}}}ok"


def test_a_client_that_sends_single_octets(agent: Agent) -> None:
    with silent(agent) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        octets = HELLO_1_1 + b"".join(
            b"\n#1\n%c" % octet for octet in rpc("<close-session/>").encode()
        )
        for i in range(len(octets)):
            sock.send(octets[i : i + 1])
        sock.send(b"\n##\n")
        assert len(messages(everything(sock))) == 2


def test_half_a_message_then_the_end(agent: Agent, client: Client) -> None:
    client.ok("<lock><target><running/></target></lock>")
    client.sock.sendall(b"\n#100\n<rpc")
    client.sock.close()
    agent.until(lambda: not agent.server.sessions)
    assert agent.datastores.locks.held == {}
    assert agent.server._memory.used == 0


def test_half_a_message_does_not_hold_up_others(agent: Agent, client: Client) -> None:
    client.sock.sendall(b"\n#100\n<rpc")
    with agent.connect() as other:
        other.ok(edit(smcroute(mroute("225.1.1.1", "eth1"))))


def test_a_client_that_stops_sending_gets_all_replies(agent: Agent) -> None:
    with silent(agent) as sock:
        sock.sendall(HELLO_1_1 + b"".join(chunk(rpc("<get/>", i)) for i in range(100)))
        sock.shutdown(socket.SHUT_WR)
        _, *replies = messages(everything(sock))
    assert [reply.get("message-id") for reply in replies] == [str(i) for i in range(100)]


def test_no_hello_in_time(tmp_path: Path) -> None:
    with running(tmp_path, Limits(hello_timeout=0.05)) as agent:
        with silent(agent) as sock:
            assert messages(everything(sock))[0].tag == f"{{{NC}}}hello"
        with silent(agent) as sock:
            sock.sendall(HELLO_1_1[:20])
            everything(sock)
        with agent.connect() as client:
            client.ok("<close-session/>")


def test_more_sessions_than_there_may_be(tmp_path: Path) -> None:
    with running(tmp_path, Limits(SessionLimits(total=3, for_recovery=0))) as agent:
        open_ones = [agent.connect() for _ in range(3)]
        for one in open_ones:
            one.ask("<get/>")
        with silent(agent) as sock:
            assert everything(sock) == b""
        open_ones.pop().close()
        agent.until(lambda: len(agent.server.sessions) == 2)
        with agent.connect() as client:
            client.ask("<get/>")
        for one in open_ones:
            one.close()


def test_more_sessions_than_a_user_may_have(tmp_path: Path) -> None:
    with (
        running(tmp_path, Limits(SessionLimits(per_user=1))) as agent,
        agent.connect() as client,
    ):
        client.ask("<get/>")
        with silent(agent) as sock:
            assert everything(sock) == b""


def test_many_connections_that_never_say_hello(tmp_path: Path) -> None:
    limits = Limits(SessionLimits(total=50, per_user=50), hello_timeout=0.2)
    with running(tmp_path, limits) as agent:
        silent_ones = [silent(agent) for _ in range(400)]
        agent.until(lambda: not agent.server.sessions)
        with agent.connect() as client:
            client.ask("<get/>")
        for sock in silent_ones:
            sock.close()


def test_a_client_that_never_reads_is_cut(tmp_path: Path) -> None:
    with running(tmp_path, Limits(write_timeout=0.1)) as agent, agent.connect() as other:
        routes = "".join(mroute(f"225.1.{i // 250}.{i % 250}", "eth1") for i in range(2000))
        other.ok(edit(smcroute(routes)))
        with agent.connect() as deaf:
            deaf.ok("<lock><target><running/></target></lock>")
            for _ in range(50):
                deaf.send("<get/>")
            agent.until(lambda: list(agent.server.sessions) == [other.session_id])
        assert agent.datastores.locks.held == {}
        other.ok("<lock><target><running/></target></lock>")


def test_a_closed_session_does_not_wait_for_ever_to_be_read(tmp_path: Path) -> None:
    with running(tmp_path, Limits(write_timeout=0.1)) as agent, agent.connect() as other:
        routes = "".join(mroute(f"225.1.{i // 250}.{i % 250}", "eth1") for i in range(2000))
        other.ok(edit(smcroute(routes)))
        with agent.connect() as deaf:
            deaf.sock.sendall(chunk(rpc("<get/>")) + chunk(rpc("<close-session/>")))
            deaf.sock.sendall(chunk(rpc("<get/>")))
            agent.until(lambda: list(agent.server.sessions) == [other.session_id])
            poll = select.poll()
            poll.register(deaf.sock, select.POLLRDHUP)
            assert poll.poll(10_000)


def test_a_slow_reader_gets_everything(agent: Agent, client: Client) -> None:
    routes = "".join(mroute(f"225.1.{i // 250}.{i % 250}", "eth1") for i in range(2000))
    client.ok(edit(smcroute(routes)))
    for _ in range(20):
        client.send("<get/>")
    sizes = {len(client.read()) for _ in range(20)}
    assert min(sizes) > 200_000


def test_the_server_ends_all_sessions(agent: Agent, client: Client) -> None:
    agent.call(agent.server.close())
    assert client.at_end()
    with silent(agent) as sock:
        assert everything(sock) == b""
    assert agent.server.sessions == {}


def test_the_unix_transport_does_not_import_asyncssh() -> None:
    script = (
        "import sys; import smcroute_agent.netconf.transports.unix;print('asyncssh' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", script], text=True).strip() == "False"


def test_closing_the_listener_leaves_the_sessions(tmp_path: Path) -> None:
    async def main() -> None:
        agent = Agent(tmp_path, None)
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(str(agent.path))
        listening = await unix.listen(agent.server, sock)
        reader, writer = await asyncio.open_unix_connection(str(agent.path))
        await reader.readuntil(b"]]>]]>")
        listening.close()
        writer.write(HELLO_1_1 + chunk(rpc("<get/>")))
        assert b"1.2.3" in await reader.readuntil(b"\n##\n")
        await agent.server.close()
        assert await reader.read() == b""
        writer.close()

    asyncio.run(main())
