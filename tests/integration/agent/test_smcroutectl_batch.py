"""smcroutectl -b, ours and Debian's C one, against our daemon and against Debian's."""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
import threading

import ncclient.operations
import pytest

from lab import wait_for
from lab.daemon import DEBIAN, DEBIAN_CLIENT, OUR_CLIENT
from lab.netconf import edit, mroute, running, unix_session
from smcroute_agent.compat import batch, ipc

CLIENTS = pytest.mark.parametrize("client", [OUR_CLIENT, DEBIAN_CLIENT], ids=["ours", "C"])
SOURCE = "192.0.2.10"


@pytest.fixture
def daemon(router):
    return router.start()


def send(router, daemon, lines, client=OUR_CLIENT):
    """Exit code, and what was said, without the numbers that only ours gives."""
    done = router.lab.router.run(
        str(client), "-u", str(daemon.control_socket), "-b",
        input="".join(f"{line}\n" for line in lines), check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout == ""
    return done.returncode, re.sub("line [0-9]+: ", "", done.stderr)


def entries(router):
    return len(router.lab.router.proc_net("ip_mr_cache").splitlines()) - 1


@CLIENTS
def test_a_batch_forwards(router, daemon, client):
    router.join("225.1.0.1", "225.1.0.150")
    adds = [f"add in0 {SOURCE} 225.1.0.{number} out0" for number in range(1, 151)]
    more = [f"add in0 {SOURCE} 225.1.0.{number} out1" for number in range(1, 151)]
    assert send(router, daemon, adds + more, client) == (0, "")
    assert entries(router) == 150
    assert router.exchange(SOURCE, "225.1.0.1") == [20, 20]
    assert router.exchange(SOURCE, "225.1.0.150") == [20, 20]
    removes = [f"remove in0 {SOURCE} 225.1.0.{number} out0" for number in range(1, 150)]
    assert send(router, daemon, removes, client) == (0, "")
    assert router.exchange(SOURCE, "225.1.0.1") == [0, 20]
    assert router.exchange(SOURCE, "225.1.0.150") == [20, 20]
    assert daemon.log().count(": done") == 449


def test_what_the_kernel_has_no_room_for_fails_line_by_line(wide_router):
    """33 out-interfaces beside in0: the kernel has VIFs for 31 of them."""
    outcomes = []
    for client in (OUR_CLIENT, DEBIAN_CLIENT):
        daemon = wide_router.start(identity=client.parent.name)
        adds = [f"add in0 {SOURCE} 225.1.0.{number} out{number}" for number in range(33)]
        code, said = send(wide_router, daemon, adds, client)
        assert (code, len(said.splitlines())) == (1 if client == OUR_CLIENT else 2, 2)
        outcomes.append((said, daemon.control("-p", "show", "routes").stdout))
        assert entries(wide_router) == 31
        daemon.stop()
    assert outcomes[0] == outcomes[1]


def test_a_batch_and_netconf_edits_at_the_same_time(router, daemon):
    """Neither loses anything, and each is told of its own only."""
    adds = [f"add in0 {SOURCE} 225.1.{n // 250}.{n % 250} out0" for n in range(1500)]
    with unix_session(daemon) as session:
        result = []
        client = threading.Thread(target=lambda: result.append(send(router, daemon, adds)))
        client.start()
        for number in itertools.count():
            edit(session, mroute("in0", SOURCE, f"225.2.0.{number % 250}", "out1"))
            if not client.is_alive():
                break
        client.join()
        assert result == [(0, "")]
        own = min(number + 1, 250)
        assert len(running(session)) == 1500 + own
    assert entries(router) == 1500 + own


@CLIENTS
def test_a_lock_refuses_every_line(router, daemon, client):
    lines = [f"add in0 {SOURCE} 225.1.0.{number} out0" for number in range(3)]
    with unix_session(daemon) as session, session.locked("running"):
        code, said = send(router, daemon, lines, client)
        assert code == (1 if client == OUR_CLIENT else 3)
        assert len(re.findall("is locked by session", said)) == 3
    assert entries(router) == 0
    assert send(router, daemon, lines, client) == (0, "")
    assert entries(router) == 3


def test_a_batch_is_one_change_for_those_who_listen(router, daemon):
    with unix_session(daemon) as session:
        session.create_subscription()
        assert send(router, daemon, [f"add in0 225.1.0.{n} out0" for n in range(90)]) == (0, "")
        heard = session.take_notification(timeout=10).notification_xml
        assert heard.count("<edit>") == 90
        assert heard.count("create") == 90
        assert "<username>root</username>" in heard
        with pytest.raises(ncclient.operations.RPCError):
            edit(session, mroute("in0", "*", "10.0.0.1", "out0"))


ADDS = [ipc.encode_request("a", ["in0", f"225.7.7.{number}", "out0"]) for number in range(3)]


BAD = {
    "half": batch.encode(ADDS)[:-1],
    "beginning": batch.encode(ADDS)[:20],
    "more": batch.encode(ADDS) + b"x",
    "many": batch.encode(ADDS * 34),
    "huge": ipc.HEADER.pack(2**63, ord("b"), 3) + b"".join(ADDS),
    "10 MB": ipc.HEADER.pack(10_000_000, ord("b"), 100) + b"x" * 10_000_000,
    "garbage": ipc.HEADER.pack(100_000, ord("b"), 100) + b"\xff" * 99_984,
}


def test_bad_batches_change_nothing_and_harm_nobody(router, daemon):
    replies = {name: talk(daemon, octets) for name, octets in BAD.items()}
    assert [name for name, reply in replies.items() if b"\0\0" in reply] == []
    assert "225.7.7" not in daemon.control("show", "routes").stdout
    assert send(router, daemon, ["add in0 225.8.8.8 out0", "add in0 225.8.8.9 out0"]) == (0, "")


def talk(daemon, octets):
    """What the daemon says to octets before it closes, or the client cannot send on."""
    reply = b""
    with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(ConnectionError):
        client.settimeout(20)
        client.connect(str(daemon.control_socket))
        client.sendall(octets)
        client.shutdown(socket.SHUT_WR)
        while piece := client.recv(65536):
            reply += piece
    return reply


def test_our_client_does_a_batch_at_debians_daemon_too(router):
    daemon = router.start(program=DEBIAN)
    adds = [f"add in0 {SOURCE} 225.1.0.{number} out0" for number in range(1, 21)]
    assert send(router, daemon, adds) == (0, "")
    wait_for(lambda: entries(router) == 20, "all routes")
    code, said = send(router, daemon, [*adds[:2], "add in0", "leave in0 225.9.9.9"])
    assert code == 1
    assert len(said.splitlines()) == 2
    assert daemon.running
