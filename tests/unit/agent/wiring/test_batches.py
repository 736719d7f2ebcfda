"""Commands that come together have the effects and the answers that they have one by one."""

from __future__ import annotations

import asyncio
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from smcroute_agent import model
from smcroute_agent.agent.applier import Applier
from smcroute_agent.agent.smcroutectl import Router
from smcroute_agent.compat import ipc
from smcroute_agent.compat.executor import Executor
from smcroute_agent.datastore.confirmed import Confirmation
from smcroute_agent.datastore.datastores import Datastores
from smcroute_agent.datastore.names import RUNNING
from smcroute_agent.errors import EngineError
from smcroute_agent.nacm.guard import Guard, Subject
from smcroute_agent.rules import Mroute, rule_key
from smcroute_agent.users import Peer
from smcroute_agent.yang.data import empty
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.schema import packaged
from smcroute_agent.yang.serialize import to_xml

SCHEMA = packaged()
CLIENT = Peer(1, 0, 0, frozenset())
ROOT = Subject("root", recovery=True)
ALICE = Subject("alice")

NACM = """<config><nacm xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-acm">
<groups><group><name>g</name><user-name>alice</user-name></group></groups>
<rule-list><name>l</name><group>g</group>
<rule><name>no</name><access-operations>create delete</access-operations>
<path xmlns:s="urn:mcast:params:xml:ns:yang:smcroute">
/s:smcroute/s:mroute[s:interface='eth0'][s:source='*'][s:group='225.0.0.1']</path>
<action>deny</action></rule>
<rule><name>yes</name><action>permit</action></rule></rule-list></nacm></config>"""


class SmallEngine:
    """Has room for so many interfaces, as the kernel has for 32."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.rules = {}
        self.calls = 0

    async def apply(self, remove, add, *, lenient=False):
        self.calls += 1
        rules = {key: rule for key, rule in self.rules.items() if key not in set(remove)}
        rules |= {rule_key(rule): rule for rule in add}
        used = {
            name
            for rule in rules.values()
            for name in (rule.interface, *getattr(rule, "out_interfaces", ()))
        }
        if len(used) > self.room:
            raise EngineError("no VIF is left", remedy="take one away")
        self.rules = rules
        return []


class Setting:
    """A router for one user over real datastores."""

    def __init__(self, subject=ROOT, room=4):
        self.engine = SmallEngine(room)
        self.datastores = Datastores(SCHEMA, Applier(self.engine).apply, None)
        self.changes = []
        self.datastores.listeners.append(self.changes.append)
        self.guard = Guard(SCHEMA, lambda: self.datastores.running)
        self.router = Router(self.datastores, self.engine, subject, self.guard, None, None)
        self.executor = Executor(CLIENT, self.router)

    async def begin(self):
        tree = parse(SCHEMA, etree.fromstring(NACM))
        await self.datastores.adopt(tree)

    async def together(self, items):
        return b"".join([octets async for octets in self.executor.many(items)])

    async def apart(self, items):
        return b"".join([(await self.executor.one(*item)).octets for item in items])

    def state(self):
        return (
            to_xml(self.datastores.running),
            self.engine.rules,
            self.guard.denied_writes,
        )


interfaces = st.sampled_from(["eth0", "eth1", "eth2", "eth3", "eth4", "a-name-that-is-too-long"])
sources = st.sampled_from([(), ("10.0.0.1",), ("10.0.0.0/24",), ("ff1e::1",)])
groups = st.sampled_from(["225.0.0.1", "225.0.0.2", "225.0.0.0/24", "10.0.0.1"])
flows = st.tuples(interfaces, sources, groups).map(lambda flow: (flow[0], *flow[1], flow[2]))
routes = st.tuples(flows, st.lists(interfaces, max_size=2)).map(lambda pair: (*pair[0], *pair[1]))
items = st.one_of(
    st.tuples(st.sampled_from("aar"), routes), st.tuples(st.sampled_from("jl"), flows)
)
runs = st.lists(
    st.one_of(
        st.lists(st.tuples(st.just("a"), routes), min_size=2, max_size=4),
        st.lists(st.tuples(st.just("r"), routes), min_size=2, max_size=4),
        st.lists(items, max_size=4),
    ),
    max_size=4,
).map(lambda found: [item for run in found for item in run])


@pytest.mark.parametrize("subject", [ROOT, ALICE], ids=["root", "alice"])
@settings(deadline=None, max_examples=60)
@given(sent=runs, room=st.integers(1, 6))
def test_effects_answers_and_counts_are_the_same(subject, sent, room):
    async def compare():
        ours, apart = Setting(subject, room), Setting(subject, room)
        await ours.begin()
        await apart.begin()
        assert await ours.together(sent) == await apart.apart(sent)
        assert ours.state() == apart.state()

    asyncio.run(compare())


def adds(*numbers, out="eth1"):
    return [("a", ("eth0", f"225.0.1.{number}", out)) for number in numbers]


def test_neighbours_are_one_transaction_with_one_event(caplog):
    caplog.set_level(logging.INFO)

    async def do():
        setting = Setting()
        wrong = ("a", ("eth0", "10.0.0.1", "eth1"))
        sent = [*adds(1, 2), wrong, *adds(3), ("j", ("eth0", "225.0.0.1")), *adds(4)]
        answers = await setting.together(sent)
        assert [bool(text) for text in answers.split(b"\0")[:-1]] == [False, False, True] + [
            False
        ] * 3
        assert setting.engine.calls == 3
        assert len(setting.changes) == 3
        assert len(setting.engine.rules) == 5

    asyncio.run(do())
    said = [record.message for record in caplog.records if "uid 0, pid 1" in record.message]
    assert len(said) == 6
    assert said[0] == "smcroutectl add eth0 225.0.1.1 eth1 by uid 0, pid 1: done"
    assert said[2].endswith("is no multicast group") or "10.0.0.1" in said[2]


def test_what_the_engine_refuses_is_found_among_the_others():
    async def do():
        setting = Setting(room=2)
        answers = await setting.together([*adds(1, 2), *adds(3, out="eth2"), *adds(4)])
        assert answers == b"\0\0no VIF is left; take one away\0\0"
        assert [key[3] for key in setting.engine.rules] == ["225.0.1.1", "225.0.1.2", "225.0.1.4"]

    asyncio.run(do())


def test_a_removal_makes_no_room_for_what_came_before_it():
    async def do():
        setting = Setting(room=2)
        await setting.together(adds(1))
        answers = await setting.together(
            [*adds(2, 3, out="eth2"), ("r", adds(1)[0][1][:2]), *adds(4, out="eth2")]
        )
        assert [bool(text) for text in answers.split(b"\0")[:-1]] == [True, True, False, False]

    asyncio.run(do())


def test_a_lock_is_respected_line_by_line():
    async def do():
        setting = Setting()
        await setting.datastores.lock(RUNNING, 7)
        answers = (await setting.together(adds(1, 2))).split(b"\0")[:-1]
        assert [b"locked by session 7" in text for text in answers] == [True, True]
        await setting.datastores.unlock(RUNNING, 7)
        assert await setting.together(adds(1, 2)) == b"\0\0"

    asyncio.run(do())


def test_a_commit_that_waits_for_its_confirmation_refuses_every_line():
    async def do():
        setting = Setting()
        await setting.datastores.commits.commit(7, confirmation=Confirmation())
        answers = (await setting.together(adds(1, 2))).split(b"\0")[:-1]
        assert [b"is in use: a confirmed commit" in text for text in answers] == [True, True]
        await setting.datastores.commits.commit(7)
        assert await setting.together(adds(1, 2)) == b"\0\0"

    asyncio.run(do())


def test_other_edits_come_between_the_transactions_of_a_batch():
    async def do():
        setting = Setting()
        other = Mroute("eth0", "*", "225.9.9.9", ("eth1",))
        gate = asyncio.Event()
        engine_apply = setting.engine.apply

        async def slowly(*arguments, **options):
            gate.set()
            await asyncio.sleep(0)
            return await engine_apply(*arguments, **options)

        setting.engine.apply = slowly
        batch = asyncio.ensure_future(
            setting.together([*adds(1, 2), ("j", ("eth0", "225.0.0.1")), *adds(3, 4)])
        )
        await gate.wait()
        await setting.datastores.edit(5, lambda tree: model.changed(tree, SCHEMA, [other]))
        assert await batch == b"\0" * 5
        assert [change.session_id for change in setting.changes] == [0, 5, 0, 0]
        assert len(setting.engine.rules) == 6

    asyncio.run(do())


def test_what_cannot_be_understood_is_answered_in_its_place():
    async def do():
        setting = Setting()
        bad = ipc.MalformedRequest("an argument that is not plain ASCII")
        assert await setting.together([*adds(1), bad, bad, *adds(2)]) == (
            b"\0an argument that is not plain ASCII\0an argument that is not plain ASCII\0\0"
        )
        assert len(setting.engine.rules) == 2
        assert setting.datastores.running != empty(SCHEMA)

    asyncio.run(do())
