"""The agent's channel: hostile requests, agents that die, agents that do not read."""

from __future__ import annotations

import os
import signal
import socket

import pytest

from lab import wait_for
from lab.topology import Addresses
from smcroute_agent.channel import MAX_MESSAGE, ChannelClosed
from tests.integration.agent.engine.process import Refusal, fill
from tests.unit.agent.test_channel import lingering

S4, _ = Addresses.SENDER
G4 = "225.1.2.3"
RULE = ["mroute", "in0", S4, G4, ["out0"]]

BAD_REQUESTS = [
    {"do": "read", "what": "rules"},
    {"do": "read", "what": ["rules", "passwords"]},
    {"do": "read", "what": ["rules"] * 1000},
    {"do": "read", "what": [["rules"]]},
    {"do": "read"},
    {"do": "reboot"},
    {"do": ["apply"]},
    {},
    {"do": "apply", "add": {"a": 1}},
    {"do": "apply", "add": [None]},
    {"do": "apply", "add": [["mroute"] * 10000]},
    {"do": "apply", "add": [["mroute", "in0", "*", "10.1.1.1", []]]},
    {"do": "apply", "remove": "all"},
    {"do": "apply", "remove": [["mroute", {}, "*", "225.1.1.1"]]},
    {"do": "apply", "remove": [["mroute", "in0", "*", "225.9.9.9"]]},
    {"do": "apply", "add": [["phyint", "in0", None, None, 1e300]]},
    {"do": "apply", "add": [["mroute", "in0", "*", "225.1.1.1", ["\ud800"]]]},
]


@pytest.mark.parametrize("request_", BAD_REQUESTS)
def test_bad_request_is_answered_and_changes_nothing(router, agent, request_):
    agent.apply([RULE])
    with pytest.raises(Refusal) as caught:
        agent.answer(agent.send(**request_))
    assert caught.value.wire["kind"] == "invalid"
    assert agent.read("rules") == [RULE]


@pytest.mark.parametrize(
    "octets",
    [
        b"\xff\xfe",
        b"[]",
        b"{",
        b'{"id": "x", "do": "read"}',
        b'{"id": true, "do": "read"}',
        b'{"id": 1e999, "do": "read"}',
        b"[" * 100_000,
        b'{"id":1,"do":"apply","add":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b" " * (MAX_MESSAGE + 1000),
    ],
    ids=["binary", "list", "half", "text-id", "bool-id", "inf-id", "deep", "deep-add", "large"],
)
def test_garbage_is_answered(router, agent, octets):
    agent.channel.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    agent.channel.socket.send(octets)
    with pytest.raises(Refusal) as caught:
        agent.answer(None)
    assert caught.value.wire["kind"] == "invalid"
    agent.apply([RULE])
    assert agent.read("rules") == [RULE]


def test_descriptors_that_nobody_asked_for_hold_up_nobody(router, engine):
    """Sent before the engine can say that it takes none, as on a kernel before Linux 6.16."""
    started = engine(router.lab.router)
    agent = started.agent()
    agent.apply([RULE])
    before = len(os.listdir(f"/proc/{started.pid}/fd"))
    sock, peer = lingering()
    os.kill(started.pid, signal.SIGSTOP)
    hostile = started.agent()
    hostile.channel.send({"id": 1, "do": "read", "what": []}, (sock.fileno(),))
    os.close(sock.detach())
    os.kill(started.pid, signal.SIGCONT)
    with pytest.raises(ChannelClosed):
        hostile.receive()
    after = started.agent()
    assert after.read("rules") == [RULE]
    peer.close()
    wait_for(lambda: len(os.listdir(f"/proc/{started.pid}/fd")) == before, "they are closed")


def test_a_kernel_that_can_keeps_descriptors_out(router, agent):
    agent.read("rules")
    try:
        agent.channel.send({"id": 0, "do": "no"}, (0,))
    except PermissionError:
        assert agent.read("rules") == []  # Linux 6.16 and later
    else:
        with pytest.raises(ChannelClosed):
            agent.receive()


def test_too_many_rules_are_refused(router, agent):
    rules = [
        ["mroute", "in0", "*", f"22{5 + i // 100_000}.{i // 250 % 250}.{i % 250}.{i // 62500}", []]
        for i in range(200_001)
    ]
    with pytest.raises(Refusal, match="200000 rules"):
        agent.apply(rules)
    assert agent.read("rules") == []


def test_change_in_parts_is_void_when_one_part_is_bad(router, agent):
    number = agent.send(do="apply", add=[RULE], more=True)
    agent.channel.send({"id": number, "do": "apply", "add": [["bad"]], "more": True})
    agent.channel.send({"id": number, "do": "apply", "add": [RULE], "more": False})
    with pytest.raises(Refusal):
        agent.answer(number)
    assert agent.read("rules") == []


def test_parts_of_two_changes_are_not_mixed(router, agent):
    first = agent.send(do="apply", add=[RULE], more=True)
    with pytest.raises(Refusal, match="has not been sent to its end"):
        agent.answer(agent.send(do="apply", add=[["phyint", "in0", None, None, 3]]))
    agent.channel.send({"id": first, "do": "apply"})
    agent.answer(first)
    assert agent.read("rules") == [RULE]


def test_agent_that_dies_leaves_rules_and_flows_as_they_are(router, engine):
    started = engine(router.lab.router)
    agent = started.agent()
    router.join(G4)
    agent.apply([RULE, ["mgroup", "in0", "*", G4]])
    with router.stream(S4, G4):
        router.receivers[0].wait(S4, G4, 10)
        agent.send(do="apply", add=[["phyint", "in0", False, None, None]], more=True)
        agent.channel.close()
        second = started.agent()
        assert second.read("rules") == [RULE, ["mgroup", "in0", "*", G4]]
        third = started.agent()
        assert third.apply([["phyint", "out0", True, None, None]])["ok"]
        with pytest.raises(ChannelClosed):
            second.receive()
    router.receivers[0].wait(S4, G4, router.sender.sent(S4, G4))
    assert router.receivers[0].arrivals(S4, G4).missing == ()


@pytest.mark.parametrize("reached", [0, 1, 1000, 3000])
def test_large_change_whose_agent_dies_is_undone_or_done_but_never_half(router, engine, reached):
    started = engine(router.lab.router)
    host = router.lab.router
    rules = [
        ["mroute", "in0", S4, f"226.0.{i // 250}.{i % 250}", ["out0", "out1"]] for i in range(8000)
    ]
    agent = started.agent()
    for start in range(0, len(rules), 1000):
        more = start + 1000 < len(rules)
        part = rules[start : start + 1000]
        agent.channel.send({"id": 1, "do": "apply", "add": part, "more": more})

    def in_kernel() -> int:
        return len(host.proc_net("ip_mr_cache").splitlines()) - 1

    wait_for(lambda: in_kernel() >= reached, "entries in the kernel", interval=0.0005)
    os.kill(started.pid, signal.SIGSTOP)
    complete = in_kernel() == len(rules)
    after = started.agent()
    os.kill(started.pid, signal.SIGCONT)
    held, entries = after.read("rules"), after.entries()
    assert (len(held), len(entries)) in ((0, 0), (8000, 8000))
    assert complete or not held
    after.apply(replace_all=True)
    assert after.vifs() == {}
    assert in_kernel() == 0


def test_agent_that_does_not_read_holds_up_nothing(router, engine):
    started = engine(router.lab.router)
    agent = started.agent()
    agent.apply(
        [["mroute", "in0", "*", "225.0.0.0/8", ["out0"]]]
        + [["mroute", "in0", S4, f"226.0.{i // 250}.{i % 250}", ["out0"]] for i in range(9000)]
    )
    fill(agent, {"id": 99, "do": "read", "what": ["rules", "statuses"]}, timeout=1)
    groups = [f"225.7.{i // 250}.{i % 250 + 1}" for i in range(1000)]
    router.join(*groups)
    for group in groups:
        router.sender.send(S4, group, 1)
    for group in groups:
        router.receivers[0].wait(S4, group, 1)
    fresh = started.agent()
    assert len(fresh.read("rules")) == 9001
    assert fresh.read("counters")["learned"] == 1000


def test_events_that_nobody_reads_are_dropped_and_counted(router, engine):
    started = engine(router.lab.router)
    agent = started.agent()
    agent.apply([["mroute", "in0", "*", "225.0.0.0/8", ["out0"]]])
    for number in range(12_000):
        router.sender.send(S4, f"225.{number // 62500}.{number // 250 % 250}.{number % 250 + 1}")
    second = started.agent()
    wait_for(lambda: second.read("counters")["learned"] == 12_000, "all flows learned")
    counters = second.read("counters")
    assert counters["events_dropped"] > 0


def test_reads_and_changes_at_once(router, agent):
    rules = [["mroute", "in0", S4, f"226.0.{i // 250}.{i % 250}", ["out0"]] for i in range(3000)]
    agent.apply(rules)
    numbers = [agent.send(do="read", what=["entries", "counters"]) for _ in range(5)]
    change = agent.send(do="apply", remove=[rule[:4] for rule in rules[:1000]])
    last = agent.send(do="read", what=["entries"])
    for number in numbers:
        assert len(agent.answer(number)["entries"]) == 3000
    assert agent.answer(change)["ok"]
    assert len(agent.answer(last)["entries"]) == 2000
