"""The engine between an agent that says anything and a network that sends anything.

The kernel of the tests asserts that no entry names a VIF that is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from smcroute_agent.engine import protocol
from smcroute_agent.engine.addresses import FAMILIES, IPV4, IPV6
from smcroute_agent.engine.interfaces import IFF_MULTICAST
from smcroute_agent.engine.kernel.mroute import NOCACHE, WRONGVIF
from smcroute_agent.engine.kernel.netlink import LinkState
from smcroute_agent.errors import EngineError
from tests.effort import effort
from tests.fuzz.messages import bent, mostly
from tests.unit.agent.engine.connected import Connected
from tests.unit.agent.engine.kernels import Bench

interfaces = st.sampled_from(["eth0", "eth1", "eth2", "eth3", "eth4", "eth+"])
flows = st.sampled_from(
    [("10.0.0.1", "225.1.1.1"), ("*", "225.1.1.1"), ("*", "225.1.1.2"), ("2001:db8::1", "ff1e::1")]
)
ranges = st.sampled_from([("10.0.0.0/8", "225.0.0.0/8"), ("*", "ff1e::/16")])
senders = {IPV4: st.sampled_from([0x0A000001, 0x0A000002]), IPV6: st.just(0x20010DB8 << 96 | 1)}
groups = {IPV4: st.sampled_from([0xE1010101, 0xE1010102]), IPV6: st.just(0xFF1E << 112 | 1)}


@st.composite
def proper_rules(draw: Any) -> list[Any]:
    kind = draw(st.sampled_from(["mroute", "mroute", "mgroup", "phyint"]))
    name = draw(interfaces)
    if kind == "phyint":
        switches = st.sampled_from([None, True, False])
        return [kind, name, draw(switches), draw(switches), draw(st.sampled_from([None, 1, 255]))]
    if kind == "mgroup":
        return [kind, name, *draw(flows)]
    return [kind, name, *draw(flows | ranges), draw(st.lists(interfaces, max_size=4))]


def keys_of(rule: list[Any]) -> list[Any]:
    return rule[: 2 if rule[0] == "phyint" else 4]


keys = proper_rules().map(keys_of)
numbers = st.integers(0, 2)
changes = st.fixed_dictionaries(
    {
        "id": numbers,
        "do": st.just(protocol.APPLY),
        "add": st.lists(proper_rules(), max_size=5),
    },
    optional={
        "remove": st.lists(keys, max_size=2),
        **dict.fromkeys(("replace_all", "lenient", "rehearsal", "pending", "flush"), st.booleans()),
        "more": st.sampled_from([False, False, True]),
    },
)
questions = st.fixed_dictionaries(
    {
        "id": numbers,
        "do": st.just(protocol.READ),
        "what": st.lists(st.sampled_from(protocol.SUBJECTS), max_size=6),
    },
    optional={
        "only": st.dictionaries(
            st.sampled_from([protocol.STATUSES, protocol.INTERFACES, protocol.ENTRIES]),
            st.lists(keys | keys.map(lambda key: key[2:]) | interfaces.map(lambda name: [name])),
        )
    },
)
requests = mostly(changes | questions, bent(changes | questions), times=2)
upcalls = st.sampled_from(FAMILIES).flatmap(
    lambda family: st.tuples(
        st.just(family),
        st.sampled_from([NOCACHE, NOCACHE, WRONGVIF, 3]),
        st.sampled_from([0, 1, 2, 0, 1, 2, 31, 32, 0xFFFF]),
        *(
            mostly(usual[family], st.integers(0, 2**family.bits - 1), times=9)
            for usual in (senders, groups)
        ),
    )
)


def says(message: Any) -> Callable[[Connected], None]:
    """A message of the agent: one last answer at the most, and nothing is half done."""

    def step(connected: Connected) -> None:
        before = connected.bench.state()
        connected.agent.send(message)
        connected.client.on_readable()
        connected.work()
        assert not connected.client.closed
        connected.agent.socket.setblocking(False)
        answers = []
        while (received := connected.agent.receive()) is not None:
            answers.append(received[0])
        number = message["id"] if type(message["id"]) is int else None
        assert all(answer["id"] == number for answer in answers), (message, answers)
        *parts, last = answers or [{"ok": True}]
        assert all("rows" in part for part in parts)
        assert ("error" in last) != ("ok" in last)
        if "error" in last or message.get("rehearsal") is True:
            assert connected.bench.state() == before, (message, last)
        if not answers:
            assert message.get("more") is True

    return step


def sends(upcall: Any) -> Callable[[Connected], None]:
    """A packet of the network."""

    def step(connected: Connected) -> None:
        family, *said = upcall
        try:
            connected.bench.router.traffic[family].upcall(tuple(said))
        except (EngineError, OSError):
            assert connected.bench.refusing.refuse_at is None

    return step


def refuses(calls: int) -> Callable[[Connected], None]:
    """The kernel refuses one of the next calls."""

    def step(connected: Connected) -> None:
        refusing = connected.bench.refusing
        refusing.refuse_at = refusing.calls + calls

    return step


def links(index: int, there: bool) -> Callable[[Connected], None]:
    """An interface comes, changes or goes."""

    def step(connected: Connected) -> None:
        bench = connected.bench
        bench.refusing.refuse_at = None
        if there:
            bench.links([LinkState(index, f"eth{index % 8}", IFF_MULTICAST * (index % 3 > 0))])
        elif index in bench.present:
            bench.links(gone=[index])

    return step


steps = mostly(
    st.builds(says, requests) | st.builds(sends, upcalls),
    st.builds(refuses, st.integers(1, 4)) | st.builds(links, st.integers(2, 8), st.booleans()),
    times=4,
)


@effort()
@given(
    st.lists(proper_rules(), min_size=1, max_size=8),
    st.lists(steps, min_size=5, max_size=20),
)
def test_the_engine_answers_all_and_gives_all_back(
    rules: list[Any], steps: list[Callable[[Connected], None]]
) -> None:
    bench = Bench(cache_limit=5)
    connected = Connected(bench)
    try:
        for step in (says({"id": 0, "do": protocol.APPLY, "add": rules}), *steps):
            step(connected)
        connected.client.close()
        connected.agent.close()
        connected = Connected(bench)
        bench.refusing.refuse_at = None
        says({"id": 1, "do": protocol.APPLY, "replace_all": True, "flush": True})(connected)
        assert bench.router.rules == {}
        assert bench.sockets.joined == set()
        assert all(not kernel.vifs and not kernel.entries for kernel in bench.kernels.values())
    finally:
        connected.client.close()
        connected.agent.close()
