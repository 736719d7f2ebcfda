"""Requests that nobody would write: each gets a proper answer, none an internal error."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from smcroute_agent.nacm.guard import Subject
from tests.effort import effort
from tests.unit.agent.netconf.agent import SMC, Agent
from tests.unit.agent.netconf.wire import HELLO_1_1, NC, Wire, chunk, messages, parsed

MONITORING = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"

NAMES = [
    *(f"{{{NC}}}{name}" for name in (
        "get", "get-config", "edit-config", "copy-config", "delete-config", "lock", "unlock",
        "commit", "cancel-commit", "discard-changes", "validate", "confirmed", "confirm-timeout",
        "persist", "persist-id", "kill-session", "source", "target", "running", "startup",
        "candidate", "config", "filter",
        "default-operation", "error-option", "test-option", "session-id", "url",
    )),
    *(f"{{{SMC}}}{name}" for name in (
        "smcroute", "mroute", "mgroup", "phyint", "interface", "source", "group", "out-interface",
        "name", "enabled", "ttl-threshold", "flush", "agent", "state", "nothing",
    )),
    *(f"{{{MONITORING}}}{name}" for name in ("get-schema", "identifier", "version", "format")),
    "config", "filter", "{urn:x}y",
]  # fmt: skip
TEXTS = [
    None, "", " ", "eth0", "10.0.0.1", "225.1.2.3", "*", "true", "5", "merge", "replace", "none",
    "smcroute", "yang", "1", "ff02::1", "\u00e9", "a b",
]  # fmt: skip
ATTRIBUTES = [
    f"{{{NC}}}operation", "operation", "type", "select", "message-id", "{urn:x}y",
    "{http://www.w3.org/XML/1998/namespace}lang",
]  # fmt: skip
VALUES = ["create", "delete", "remove", "replace", "merge", "subtree", "xpath", "", "x:y"]

attributes = st.dictionaries(st.sampled_from(ATTRIBUTES), st.sampled_from(VALUES), max_size=2)


def element(children: list[etree._Element], name: str, text: str, more: dict) -> etree._Element:
    made = etree.Element(name, more)
    made.text = text
    made.extend(children)
    return made


def elements(children: st.SearchStrategy | None) -> st.SearchStrategy:
    return st.builds(
        element,
        st.lists(children, max_size=4) if children is not None else st.just([]),
        st.sampled_from(NAMES),
        st.sampled_from(TEXTS),
        attributes | st.just({}),
    )


trees = st.recursive(elements(None), elements, max_leaves=20)


def edits(content: list[etree._Element], datastore: str) -> etree._Element:
    """An edit-config that is right as far as <config>."""
    made = etree.Element(f"{{{NC}}}edit-config")
    target = etree.SubElement(made, f"{{{NC}}}target")
    etree.SubElement(target, f"{{{NC}}}{datastore}")
    etree.SubElement(made, f"{{{NC}}}config").extend(content)
    return made


def filters(content: list[etree._Element]) -> etree._Element:
    """A get with a filter."""
    made = etree.Element(f"{{{NC}}}get")
    etree.SubElement(made, f"{{{NC}}}filter").extend(content)
    return made


requests = (
    trees
    | st.builds(edits, st.lists(trees, max_size=3), st.sampled_from(["running", "candidate"]))
    | st.lists(trees, max_size=3).map(filters)
)


async def answers(directory: Path, octets: list[bytes]) -> list[etree._Element]:
    """What a whole server says to some messages."""
    agent = Agent(directory, None)
    wire = Wire()
    session = agent.server.open(wire, Subject("root", recovery=True))
    for piece in [HELLO_1_1, *octets]:
        session.received(piece)
    while session.busy:
        await asyncio.sleep(0)
    return messages(wire.octets)[1:]


@effort()
@given(st.lists(requests, min_size=1, max_size=6))
def test_every_request_is_answered(operations: list[etree._Element]) -> None:
    rpcs = []
    for number, operation in enumerate(operations):
        rpc = etree.Element(f"{{{NC}}}rpc", {"message-id": str(number)})
        rpc.append(operation)
        rpcs.append(chunk(etree.tostring(rpc)))
    replies = asyncio.run(answers(Path("/nowhere"), rpcs))
    assert [reply.get("message-id") for reply in replies] == [str(n) for n in range(len(rpcs))]
    for operation, reply in zip(operations, replies, strict=True):
        text = etree.tostring(reply).decode()
        assert "the agent failed" not in text, etree.tostring(operation).decode()


VALID = chunk(
    f'<rpc xmlns="{NC}" message-id="1"><get><filter><smcroute xmlns="{SMC}"/></filter></get></rpc>'
)


@effort(2)
@given(
    st.lists(
        st.tuples(st.integers(min_value=0), st.integers(min_value=0, max_value=255)), max_size=8
    ),
    st.lists(st.integers(min_value=0), max_size=4),
)
def test_damaged_octets_never_break_the_server(
    damage: list[tuple[int, int]], cuts: list[int]
) -> None:
    octets = bytearray(HELLO_1_1 + VALID + VALID)
    for place, value in damage:
        octets[place % len(octets)] = value
    places = sorted({0, len(octets)} | {cut % len(octets) for cut in cuts})
    pieces = [bytes(octets[a:b]) for a, b in itertools.pairwise(places)]

    async def main() -> None:
        agent = Agent(Path("/nowhere"), None)
        wire = Wire()
        session = agent.server.open(wire, Subject("root", recovery=True))
        for piece in pieces:
            session.received(piece)
            await parsed()
        assert b"the agent failed" not in wire.octets
        session.end()
        assert agent.server.sessions == {}
        assert agent.server._memory.used == 0

    asyncio.run(main())
