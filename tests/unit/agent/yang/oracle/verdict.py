"""Our verdict on a document, beside those of the oracles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from lxml import etree

from smcroute_agent.errors import DataError
from smcroute_agent.yang.data import (
    Container,
    Key,
    Leaf,
    LeafList,
    ListNode,
    Node,
    empty,
)
from smcroute_agent.yang.defaults import report_all
from smcroute_agent.yang.parse import parse, parse_message
from smcroute_agent.yang.schema import Schema, SchemaNode
from smcroute_agent.yang.validate import validate
from smcroute_agent.yang.value_problem import ValueProblem

from .as_json import Inexpressible, as_json
from .worker import Answer, Oracle

_PREDICATE = re.compile(r"""\[(?:[^'"\]]|'[^']*'|"[^"]*")*\]""")


class Verdict(NamedTuple):
    """What we say: the error, or the data."""

    error: DataError | None
    tree: Container | None = None

    @property
    def accepted(self) -> bool:
        return self.error is None


class Compared(NamedTuple):
    """A document, our verdict and an oracle's."""

    oracle: str
    model: str
    xml: str
    ours: Verdict
    theirs: Answer

    @property
    def agree(self) -> bool:
        return self.ours.accepted == self.theirs.accepted and not self.theirs.crash

    def said(self) -> str:
        """Our error as "tag app-tag schema-path", "" when we accept."""
        error = self.ours.error
        if error is None:
            return ""
        return f"{error.tag} {error.app_tag} {_PREDICATE.sub('', error.path or '/')}"

    def __str__(self) -> str:
        error = self.ours.error
        said = f"no: {self.said()}, {error.message}" if error else "yes"
        return (
            f"{self.model}: {self.xml}\n  we:      {said}\n  {self.oracle}:"
            f" {'yes' if self.theirs.accepted else f'no: {self.theirs.message}'}"
            f" {self.theirs.app_tag} {self.theirs.path}"
        )


def text_of(config: Any) -> str:
    """The XML of what is in <config>, each element with the namespaces that it needs."""
    return "".join(
        etree.tostring(element, encoding="unicode", with_tail=False) for element in config
    )


def reread(xml: str) -> Any:
    """Elements as they come in a message."""
    return etree.fromstring(f"<config>{xml}</config>")


def legible(xml: str) -> str:
    """The same document as libyang can read it, with the text of a leaf before the comments in it.

    A comment is no part of the text (XML 1.0, section 2.5); libyang takes what is behind one for
    something that stands between elements.
    """
    if "<!--" not in xml:
        return xml
    config = reread(xml)
    for comment in config.iter(etree.Comment):
        above = comment.getparent()
        if comment.tail and above.find("*") is None:
            above.text = (above.text or "") + comment.tail
            comment.tail = None
    return text_of(config)


def ours(schema: Schema, xml: str) -> Verdict:
    """Our verdict on configuration."""
    try:
        tree = parse(schema, reread(xml))
        validate(schema, empty(schema), tree)
    except DataError as error:
        return Verdict(error)
    return Verdict(None, tree)


def ours_of_message(schema: Schema, node: SchemaNode, xml: str) -> Verdict:
    """Our verdict on an input, output or notification, with the element around it."""
    try:
        return Verdict(None, parse_message(schema, node, reread(xml)[0]))
    except DataError as error:
        return Verdict(error)


def theirs(oracle: Oracle, schema: Schema, xml: str) -> Answer | None:
    """An oracle's verdict on configuration; None where it cannot be asked."""
    if oracle.name == "libyang":
        return oracle.ask(check=legible(xml))
    try:
        return oracle.ask(check=as_json(schema, reread(xml)))
    except Inexpressible:
        return None


def printed(answer: Answer) -> str:
    """The data that libyang prints, a carriage return escaped: libyang prints it as it is, and a
    parser would make it a line feed (XML 1.0, section 2.11)."""
    return str(answer.tree).replace("\r", "&#13;")


def differing(schema: Schema, tree: Container, answer: Answer) -> set[str]:
    """The schema paths of leaves on which an oracle's data, with all defaults, is not ours."""
    full = report_all(schema, tree)
    if isinstance(answer.tree, str):
        xml = printed(answer)
        theirs = _leaves(parse(schema, reread(xml)))
        return _unequal(_leaves(full), theirs) | _other_form(schema, xml)
    return _unequal(_leaves(full), _members(schema, schema.root, answer.tree))


Leaves = Counter[tuple[str, str]]
"""Schema paths and values, in the order of the schema's nodes."""


def _unequal(left: Leaves, right: Leaves) -> set[str]:
    return {path for path, _ in (left - right) + (right - left)}


def _leaves(node: Node) -> Leaves:
    """All leaves below a node; an entry's values carry its key along."""
    if isinstance(node, Container):
        return _sum(map(_leaves, node.children.values()))
    if isinstance(node, ListNode):
        return _sum(_keyed(node, key, _leaves(entry)) for key, entry in node.entries.items())
    if isinstance(node, LeafList):
        values = (
            enumerate(node.values)
            if node.schema.ordered_by_user
            else enumerate(sorted(node.values))
        )
        return Counter((node.schema.path(), f"{index} {value}") for index, value in values)
    if node.schema.type is None:
        return Counter([(node.schema.path(), "")])
    return Counter([(node.schema.path(), node.value)])


def _keyed(node: ListNode, key: Key, inner: Leaves) -> Leaves:
    place = str(list(node.entries).index(key)) if node.schema.ordered_by_user else ""
    return Counter((path, f"{key} {place} {value}") for path, value in inner.elements())


def _sum(parts: Iterable[Leaves]) -> Leaves:
    found: Leaves = Counter()
    for part in parts:
        found.update(part)
    return found


def _other_form(schema: Schema, xml: str) -> set[str]:
    """Leaves whose canonical form is another one for libyang."""
    found = set()
    for element in reread(xml).iterdescendants(etree.Element):
        node = schema.root
        for above in reversed([element, *element.iterancestors()][:-1]):
            node = node.children.get(above.tag, node)
        if node.type is not None and not node.type.contextual:
            text = element.text or ""
            if node.type.parse(text) != text:
                found.add(node.path())
    return found


_EXPONENT = re.compile(r"-?[0-9.]+E-[0-9]+")


def _members(schema: Schema, parent: SchemaNode, value: Any) -> Leaves:
    """The leaves of a JSON object."""
    return _sum(
        _member(schema, node, value[name])
        for node in parent.children.values()
        for name in (node.name, f"{node.module.name}:{node.name}")
        if name in value and (node.module is parent.module or ":" in name)
    )


def _member(schema: Schema, node: SchemaNode, value: Any) -> Leaves:
    if node.kind == "list":
        entries = {}
        for entry in value:
            names = [node.children[key].name for key in node.keys]
            key = tuple(
                _text(node.children[qname], entry[name])
                for name, qname in zip(names, node.keys, strict=True)
            )
            entries[key] = entry
        holder = ListNode(node, dict.fromkeys(entries))  # type: ignore[arg-type]
        return _sum(
            _keyed(holder, key, _members(schema, node, entry)) for key, entry in entries.items()
        )
    if node.kind == "leaf-list":
        values = [_text(node, item) for item in value]
        return _leaves(LeafList(node, values))
    if node.kind == "container":
        return _members(schema, node, value)
    return _leaves(Leaf(node, _text(node, value) if node.type is not None else ""))


def _text(node: SchemaNode, value: Any) -> str:
    """A scalar as its canonical text, whatever its JSON type."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value == [None]:
        return ""
    text = str(value)
    if _EXPONENT.fullmatch(text):
        # yangson prints small numbers so; decimal64 has no exponent (RFC 7950, section 9.3.1).
        text = f"{Decimal(text):f}"
    assert node.type is not None
    if node.type.contextual:
        try:
            return _full(node, text)
        except ValueProblem:
            return text
    return node.type.parse(text)


def _full(node: SchemaNode, text: str) -> str:
    """A value with module names as we hold it: all of them written out."""
    assert node.type is not None
    module = ""

    def written(match: re.Match[str]) -> str:
        nonlocal module
        if match[3] is not None:
            return match[0]
        module = match[2] or module
        return f"{match[1]}{module}:{match[4]}" if match[4] else match[0]

    if text.startswith("/"):
        text = _STEP.sub(written, text)
    return node.type.parse(text, lambda prefix: prefix or node.module.name)


_STEP = re.compile(r"""([/\[])(?:([\w.-]+):)?(?:('[^']*'|"[^"]*"|\.=)|([A-Za-z_][\w.-]*))""")
