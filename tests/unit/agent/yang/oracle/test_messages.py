"""RPCs, actions, their outputs, and notifications: our verdict is libyang's, or explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcroute_agent.yang.schema import SchemaNode

from .differences import DIFFERENCES
from .documents import messages, tries
from .models import OPERATIONS
from .mutations import mutated
from .verdict import Compared, legible, ours_of_message, reread, text_of
from .worker import Oracle

SCHEMA = OPERATIONS.schema
SPACE = "urn:zoo:operations"
SITE = SCHEMA.root.children[f"{{{SPACE}}}config"].children[f"{{{SPACE}}}site"]


class Kind(NamedTuple):
    """A kind of message: what libyang calls it, the nodes by tag, and what is around it."""

    libyang: str
    nodes: Mapping[str, SchemaNode]
    around: str = "{}"


def parts(operations: Mapping[str, SchemaNode], name: str) -> dict[str, SchemaNode]:
    """The inputs or outputs of some operations that have any."""
    found = {}
    for tag, node in operations.items():
        for part in node.children.values():
            if part.name == name and part.children:
                found[tag] = part
    return found


def attached(kind: str) -> dict[str, SchemaNode]:
    return {tag: node for tag, node in SITE.attached.items() if node.kind == kind}


INSIDE = f'<config xmlns="{SPACE}"><site><name>a</name>{{}}</site></config>'
KINDS = {
    "input": Kind("input", parts(SCHEMA.rpcs, "input")),
    "output": Kind("output", parts(SCHEMA.rpcs, "output")),
    "notification": Kind("notification", SCHEMA.notifications),
    "input of an action": Kind("input", parts(attached("action"), "input"), INSIDE),
    "output of an action": Kind("output", parts(attached("action"), "output"), INSIDE),
    "notification of an entry": Kind("notification", attached("notification"), INSIDE),
}


def test_there_is_something_of_each_kind() -> None:
    assert all(kind.nodes for kind in KINDS.values())


@pytest.fixture(scope="module")
def libyang() -> Iterator[Oracle]:
    with Oracle("libyang", OPERATIONS) as oracle:
        yield oracle


def unchecked(kind: Kind, compared: Compared) -> bool:
    """Whether a node or entry stands twice in an output: a key identifies an entry there too (RFC
    7950, section 7.8.2), but libyang does not look."""
    error = compared.ours.error
    return (
        kind.libyang == "output"
        and compared.theirs.accepted
        and error is not None
        and error.message.endswith("appears twice")
    )


def test_what_is_unchecked_is_so(libyang: Oracle) -> None:
    name, kind = "output of an action", KINDS["output of an action"]
    value = "<value><time>1</time><found>0.0</found></value>"
    xml = f'<measure xmlns="{SPACE}">{value}{value}</measure>'
    question = {
        "kind": "output",
        "of": kind.around.format(f'<measure xmlns="{SPACE}"/>'),
        "xml": text_of(reread(xml)[0]),
    }
    node = kind.nodes[f"{{{SPACE}}}measure"]
    verdict = ours_of_message(SCHEMA, node, xml)
    compared = Compared("libyang", name, xml, verdict, libyang.ask(message=question))
    assert unchecked(kind, compared), str(compared)


@pytest.mark.fuzz
@pytest.mark.parametrize("name", KINDS)
def test_verdicts(name: str, libyang: Oracle) -> None:
    kind = KINDS[name]
    view: Any = SimpleNamespace(
        root=SimpleNamespace(children=kind.nodes, kind="root", choices=[]),
        modules=SCHEMA.modules,
        identities=SCHEMA.identities,
        namespaces=SCHEMA.namespaces,
    )
    seen: Counter[bool] = Counter()

    def judged(xml: str) -> Any:
        element = reread(xml)[0]
        return ours_of_message(SCHEMA, kind.nodes[element.tag], xml)

    @tries(0.6)
    @given(st.one_of(messages(view), messages(view), mutated(view, messages(view))))
    def compare(config: Any) -> None:
        xml = text_of(config)
        elements = reread(xml)
        if len(elements) != 1 or elements[0].tag not in kind.nodes:
            return
        verdict = judged(xml)
        seen[verdict.accepted] += 1
        shown = legible(xml)
        question = {"kind": kind.libyang, "xml": kind.around.format(shown)}
        if kind.libyang == "output":
            # libyang reads <rpc-reply> as an envelope, of which it does not look at the rest.
            if elements[0].attrib or "".join(elements[0].xpath("text()")).strip():
                return
            call = f'<{elements[0].tag.rpartition("}")[2]} xmlns="{SPACE}"/>'
            question |= {"of": kind.around.format(call), "xml": text_of(reread(shown)[0])}
        compared = Compared("libyang", "operations", xml, verdict, libyang.ask(message=question))
        explained = any(known.explains(compared) for known in DIFFERENCES)
        explained = explained or unchecked(kind, compared)
        assert compared.agree or explained, str(compared)

    compare()
    assert min(seen[True], seen[False]) > 1, f"one-sided: {seen}"
