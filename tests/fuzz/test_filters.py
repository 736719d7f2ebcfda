"""XPath filters, subscriptions and get-data with anything in them: each has a proper answer."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from xml.sax.saxutils import quoteattr

from hypothesis import example, given
from hypothesis import strategies as st

from smcroute_agent.nacm.guard import Subject
from tests.effort import effort
from tests.unit.agent.netconf.agent import SMC, Agent, edit, mroute, smcroute
from tests.unit.agent.netconf.wire import HELLO_1_1, NC, Wire, chunk, field, messages, rpc

NOTIFICATION = "urn:ietf:params:xml:ns:netconf:notification:1.0"
NMDA = "urn:ietf:params:xml:ns:yang:ietf-netconf-nmda"
DATASTORES = "urn:ietf:params:xml:ns:yang:ietf-datastores"

names = st.sampled_from(
    ["s:smcroute", "s:mroute", "s:group", "s:source", "s:out-interface", "s:phyint", "s:nothing",
     "s:route-learned", "group", "x:y", "*", "s:*", "node()", "text()", ".", "..", "comment()"]
)  # fmt: skip
axes = st.sampled_from(
    ["", "", "", "@", "self::", "child::", "parent::", "ancestor::", "ancestor-or-self::",
     "descendant::", "following::", "preceding-sibling::", "attribute::", "namespace::", "odd::"]
)  # fmt: skip
atoms = st.sampled_from(
    ["1", "0", "-1", "1.5", "1e400", "''", "'225.1.1.1'", '"a\'b"', "position()", "last()",
     "true()", "current()", "$v", "/", "s:group", ". = '*'"]
)  # fmt: skip
FUNCTIONS = [
    "count", "sum", "number", "string", "boolean", "not", "name", "local-name",
    "namespace-uri", "string-length", "normalize-space", "re-match", "deref", "derived-from",
    "derived-from-or-self", "enum-value", "bit-is-set", "contains", "starts-with", "substring",
    "substring-before", "substring-after", "translate", "concat", "lang", "id", "floor",
    "ceiling", "round", "odd",
]  # fmt: skip
OPERATORS = ("=", "!=", "<", ">=", "+", "-", "*", "div", "mod", "and", "or", "|")


def wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    step = st.builds(lambda axis, name: axis + name, axes, names)
    condition = st.builds(lambda one, test: f"{one}[{test}]", step, inner)
    return (
        st.builds("{}{}".format, st.sampled_from(["", "/", "//"]), condition)
        | st.builds("{}{}{}".format, inner, st.sampled_from(["/", "//", "["]), step)
        | st.builds("{} {} {}".format, inner, st.sampled_from(OPERATORS), inner)
        | st.builds(
            lambda name, given: f"{name}({', '.join(given)})",
            st.sampled_from(FUNCTIONS),
            st.lists(inner, max_size=3),
        )
        | inner.map("({})".format)
    )


steps = st.builds("/{}{}".format, axes, names)
expressions = st.recursive(atoms | steps, wider, max_leaves=8) | st.text(max_size=12)

OPERATIONS = {
    "get": "<get>{}</get>",
    "get-config": "<get-config><source><running/></source>{}</get-config>",
    "create-subscription": f'<create-subscription xmlns="{NOTIFICATION}">{{}}'
    "</create-subscription>",
    "get-data": f'<get-data xmlns="{NMDA}" xmlns:ds="{DATASTORES}">'
    "<datastore>ds:operational</datastore>{}</get-data>",
}


def filtered(operation: str, expression: str) -> str:
    """A request with an XPath filter."""
    scope = f'xmlns:s="{SMC}"'
    if operation == "get-data":
        text = expression.replace("&", "&amp;").replace("<", "&lt;")
        inner = f"<xpath-filter {scope}>{text}</xpath-filter>"
    else:
        inner = f'<filter type="xpath" {scope} select={quoteattr(expression)}/>'
    return OPERATIONS[operation].format(inner)


SETTING = edit(smcroute(mroute("225.1.1.1", "eth1") + mroute("225.1.1.2", "eth1", "eth2")))
LEARNED = {"source": "192.0.2.1", "group": "232.1.1.1", "in-interface": "eth0"}


async def answered(request: str) -> bytes:
    """What comes of it, when something has happened that may be told."""
    agent = Agent(Path("/nowhere"), None)
    wire = Wire()
    session = agent.server.open(wire, Subject("root", recovery=True))
    for octets in (HELLO_1_1, chunk(rpc(SETTING, 1)), chunk(rpc(request, 2))):
        session.received(octets)
    while session.busy:
        await asyncio.sleep(0)
    agent.server.stream.publish(f"{{{SMC}}}route-learned", LEARNED)
    session.end()
    assert agent.server._memory.used == 0
    return wire.octets


_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]")


def is_xml(text: str) -> bool:
    """Whether XML can hold it; what it cannot hold is no request."""
    return _NOT_XML.search(text) is None


@effort(2)
@given(st.sampled_from(sorted(OPERATIONS)), expressions.filter(is_xml))
@example("create-subscription", "//s:group[re-match(., '((2|22)*(2|22)*)*x')]")
def test_every_filter_is_answered(operation: str, expression: str) -> None:
    _, done, reply, *_ = messages(asyncio.run(answered(filtered(operation, expression))))
    assert done[0].tag == f"{{{NC}}}ok"
    assert reply.get("message-id") == "2"
    if field(reply, "error-tag") is not None:
        assert "the agent failed" not in (field(reply, "error-message") or ""), expression
