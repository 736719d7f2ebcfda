"""Any sequence of edits, by a session, against a model that is a dictionary.

Each edit does all or nothing, with the errors of RFC 6241, section 7.2; running can always be
validated; and what a filter selects is part of everything.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from lxml import etree

from smcroute_agent.nacm.guard import Subject
from tests.effort import effort
from tests.unit.agent.netconf.agent import SMC, Agent
from tests.unit.agent.netconf.wire import HELLO_1_1, NC, Wire, chunk, messages, rpc

Routes = dict[str, frozenset[str]]
"""group → out-interfaces; all else of a route is always the same."""

groups = st.sampled_from(["225.1.1.1", "225.2.2.2", "ff1e::1", "225.3.0.0/16"])
outs = st.frozensets(st.sampled_from(["eth1", "eth2", "eth3"]), max_size=2)
operations = st.sampled_from([None, None, "merge", "create", "replace", "delete", "remove"])
datastores = st.sampled_from(["running", "running", "candidate"])
defaults = st.sampled_from(["merge", "replace", "none"])
entries = st.lists(st.tuples(groups, operations, outs), max_size=4)

FILTERS = st.sampled_from(
    [
        ("subtree", ""),
        ("subtree", "<mroute/>"),
        ("subtree", "<mroute><group>225.1.1.1</group></mroute>"),
        (
            "subtree",
            "<mroute><group/></mroute><mroute><out-interface>eth1</out-interface></mroute>",
        ),
        ("subtree", "<mroute><source>*</source><out-interface/></mroute><nothing/>"),
        ("xpath", "/s:smcroute/s:mroute[s:group='225.1.1.1']"),
        ("xpath", "//s:out-interface[.='eth2']"),
        ("xpath", "//s:mroute[count(s:out-interface) > 1] | //s:mgroup"),
        ("xpath", "//s:mroute[last()]/s:group"),
    ]
)


Change = tuple[str, str | None, frozenset[str]]
"""A group, the operation on its route if there is one, and the outgoing interfaces."""


def written(group: str, operation: str | None, names: frozenset[str]) -> str:
    attribute = f' xmlns:nc="{NC}" nc:operation="{operation}"' if operation else ""
    listed = "".join(f"<out-interface>{name}</out-interface>" for name in sorted(names))
    if operation in ("delete", "remove"):
        listed = ""
    return (
        f"<mroute{attribute}><interface>eth0</interface><source>*</source>"
        f"<group>{group}</group>{listed}</mroute>"
    )


def edit_config(datastore: str, default: str, changes: list[Change], more: str = "") -> str:
    inside = "".join(written(*change) for change in changes)
    return (
        f"<edit-config><target><{datastore}/></target>"
        f"<default-operation>{default}</default-operation>{more}"
        f'<config><smcroute xmlns="{SMC}">{inside}</smcroute></config></edit-config>'
    )


def expected_on(before: Routes, default: str, changes: list[Change]) -> tuple[Routes, list[str]]:
    """The same for continue-on-error: what is left is done; the error-tags."""
    if default == "replace":
        all_of_it = expected(before, default, changes)
        return (before, [all_of_it]) if isinstance(all_of_it, str) else (all_of_it, [])
    after, tags = before, []
    for change in changes:
        group, operation, names = change
        if (operation or default) == "none" and group in before:
            # Each out-interface is a node for itself.
            tags += ["data-missing"] * len(names - before[group])
            continue
        done = expected(before, default, [change])
        if isinstance(done, str):
            tags.append(done)
            continue
        after = {name: legs for name, legs in after.items() if name != group}
        after |= {name: legs for name, legs in done.items() if name == group}
    return after, tags


def expected(before: Routes, default: str, changes: list[Change]) -> Routes | str:
    """What an edit makes of the routes, or its error-tag."""
    # <replace> of all begins with nothing.
    before = {} if default == "replace" else before
    after = dict(before)
    for group, operation, names in changes:
        operation = operation or default
        there = group in before
        if operation == "create" and there:
            return "data-exists"
        if operation == "delete" and not there:
            return "data-missing"
        if operation in ("delete", "remove"):
            after.pop(group, None)
        elif operation == "merge":
            after[group] = before.get(group, frozenset()) | names
        elif operation in ("create", "replace"):
            after[group] = names
        elif not there or not names <= before[group]:
            return "data-missing"
    return after


class Edits(RuleBasedStateMachine):
    """A session of root, and what its datastores should hold."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.wire = Wire()
        self.model: dict[str, Routes] = {"running": {}, "candidate": {}}
        self.session = self.loop.run_until_complete(self._begin())

    async def _begin(self):  # type: ignore[no-untyped-def]
        agent = Agent(Path("/nowhere"), None)
        session = agent.server.open(self.wire, Subject("root", recovery=True))
        session.received(HELLO_1_1)
        while session.busy:
            await asyncio.sleep(0)
        return session

    def ask(self, operation: str) -> etree._Element:
        """What is in the reply; the first of several errors."""
        return self.ask_all(operation)[0]

    def ask_all(self, operation: str) -> etree._Element:
        async def work() -> None:
            self.session.received(chunk(rpc(operation)))
            while self.session.busy:
                await asyncio.sleep(0)

        self.loop.run_until_complete(work())
        reply = messages(self.wire.octets)[-1]
        self.wire.octets = self.wire.octets.partition(b"]]>]]>")[0] + b"]]>]]>"
        return reply

    def content(self, datastore: str, wanted: str = "") -> Routes:
        """What get-config tells of the routes."""
        source = f"<source><{datastore}/></source>"
        data = self.ask(f"<get-config>{source}{wanted}</get-config>")
        assert data.tag == f"{{{NC}}}data", etree.tostring(data)
        return {
            str(entry.findtext(f"{{{SMC}}}group")): frozenset(
                str(out.text) for out in entry.iterfind(f"{{{SMC}}}out-interface")
            )
            for entry in data.iter(f"{{{SMC}}}mroute")
        }

    @rule(datastore=datastores, default=defaults, changes=entries)
    def edit(
        self,
        datastore: str,
        default: str,
        changes: list[Change],
    ) -> None:
        changes = list({change[0]: change for change in changes}.values())
        wanted = expected(self.model[datastore], default, changes)
        reply = self.ask(edit_config(datastore, default, changes))
        tag = reply.findtext(f"{{{NC}}}error-tag") or etree.QName(reply).localname
        if isinstance(wanted, str):
            assert tag in (wanted, "data-missing", "data-exists"), etree.tostring(reply)
            return
        assert tag == "ok", etree.tostring(reply)
        self._becomes(datastore, wanted)

    def _becomes(self, datastore: str, wanted: Routes) -> None:
        same = self.model["candidate"] == self.model["running"]
        self.model[datastore] = wanted
        if datastore == "running" and same and not self.modified:
            self.model["candidate"] = wanted
        if datastore == "candidate":
            self.modified = self.modified or wanted != self.model["running"]

    @rule(datastore=datastores, default=defaults, changes=entries)
    def edit_on(
        self,
        datastore: str,
        default: str,
        changes: list[Change],
    ) -> None:
        changes = list({change[0]: change for change in changes}.values())
        wanted, tags = expected_on(self.model[datastore], default, changes)
        go_on = "<error-option>continue-on-error</error-option>"
        reply = self.ask_all(edit_config(datastore, default, changes, go_on))
        told = [error.findtext(f"{{{NC}}}error-tag") for error in reply if len(error)]
        if default == "replace":
            assert bool(told) == bool(tags), etree.tostring(reply)
        else:
            assert told == tags, etree.tostring(reply)
        self._becomes(datastore, wanted)

    modified = False

    @rule()
    def commit(self) -> None:
        assert self.ask("<commit/>").tag == f"{{{NC}}}ok"
        self.model["running"] = self.model["candidate"]
        self.modified = False

    @rule()
    def discard(self) -> None:
        assert self.ask("<discard-changes/>").tag == f"{{{NC}}}ok"
        self.model["candidate"] = self.model["running"]
        self.modified = False

    @rule(datastore=datastores, wanted=FILTERS)
    def select(self, datastore: str, wanted: tuple[str, str]) -> None:
        kind, text = wanted
        if kind == "subtree":
            inside = f'<filter><smcroute xmlns="{SMC}">{text}</smcroute></filter>'
        else:
            text = text.replace(">", "&gt;")
            inside = f'<filter type="xpath" xmlns:s="{SMC}" select="{text}"/>'
        for group, names in self.content(datastore, inside).items():
            assert names <= self.model[datastore][group]

    @invariant()
    def the_data_is_that_of_the_model(self) -> None:
        for datastore in ("running", "candidate"):
            assert self.content(datastore) == self.model[datastore]

    @invariant()
    def running_is_valid(self) -> None:
        reply = self.ask("<validate><source><running/></source></validate>")
        assert reply.tag == f"{{{NC}}}ok", etree.tostring(reply)

    def teardown(self) -> None:
        self.session.end()
        self.loop.close()


TestEdits = Edits.TestCase
TestEdits.settings = effort(0.15, stateful_step_count=12)
