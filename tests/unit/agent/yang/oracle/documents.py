"""Documents derived from a schema: mostly valid in structure, the rest is up to chance."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from lxml import etree

from smcroute_agent.yang.schema import Case, Choice, Schema, SchemaNode
from tests.effort import effort

from .values import texts
from .verdict import ours, text_of

Element = Any
Draw = Any

MAX_ENTRIES = 3
MAX_REPAIRS = 12

_STEP = re.compile(r"""/(?:[^/\[\]'"]|\[(?:[^'"\]]|'[^']*'|"[^"]*")*\])+""")


def tries(share: float) -> settings:
    """A share of the profile's examples; that some are not used, or long, is all right."""
    kinds = (HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large)
    return effort(share, suppress_health_check=kinds)


def prefixes(schema: Schema) -> dict[str | None, str]:
    """A prefix for each module that has identities or data; the modules' own ones."""
    named = {name.partition(":")[0] for name in schema.identities}
    named |= {node.module.name for node in schema.root.children.values()}
    found: dict[str | None, str] = {}
    for module in schema.modules.values():
        if module.name in named:
            found.setdefault(module.prefix, module.namespace)
    return found


def contents(schema: Schema) -> st.SearchStrategy[Element]:
    """A <config> element with configuration."""
    return _contents(schema)


@st.composite
def _contents(draw: Draw, schema: Schema) -> Element:
    config = etree.Element("config", nsmap=prefixes(schema))
    _fill(draw, schema, config, schema.root)
    return config


def repaired(schema: Schema, documents: st.SearchStrategy[Element]) -> st.SearchStrategy[Element]:
    """Documents without what our validator says is wrong in them, as far as that helps.

    Chance alone seldom meets all conditions of a model at once.
    """

    def repair(config: Element) -> Element:
        for _ in range(MAX_REPAIRS):
            error = ours(schema, text_of(config)).error
            if error is None or not _cut(schema, config, error.path or ""):
                break
        return config

    return documents.map(repair)


def _cut(schema: Schema, config: Element, path: str) -> bool:
    """Take out the node at a path, or the nearest above it that is there."""
    spaces = {module.prefix: module.namespace for module in schema.modules.values()}
    steps = _STEP.findall(path)
    while steps:
        for element in config.xpath("." + "".join(steps), namespaces=spaces)[-1:]:
            element.getparent().remove(element)
            return True
        steps.pop()
    return False


@st.composite
def messages(draw: Draw, schema: Schema) -> Element:
    """The element around an input, output or notification, in a <config> element.

    schema: its root has these by the qualified name of that element.
    """
    config = etree.Element("config", nsmap=prefixes(schema))
    tag, node = draw(st.sampled_from(list(schema.root.children.items())))
    element = etree.SubElement(config, tag, nsmap={None: node.namespace})
    _fill(draw, schema, element, node)
    return config


def _fill(draw: Draw, schema: Schema, above: Element, parent: SchemaNode) -> None:
    chosen: set[int] = set()
    _choose(draw, parent.choices, chosen)
    for node in parent.children.values():
        if not node.config:
            continue
        if node.case is not None and id(node.case) not in chosen:
            continue
        _node(draw, schema, above, node)


def _choose(draw: Draw, choices: Iterable[Choice], chosen: set[int]) -> None:
    """Pick a case of each choice, or none."""
    for choice in choices:
        cases: list[Case | None] = [*choice.cases.values()]
        case = draw(st.sampled_from(cases if choice.mandatory else [*cases, None]))
        if case is not None:
            chosen.add(id(case))
            _choose(draw, case.choices, chosen)


def _node(draw: Draw, schema: Schema, above: Element, node: SchemaNode) -> None:
    needed = node.mandatory or node.is_key
    if node.kind in ("list", "leaf-list"):
        least = node.min_elements
        most = MAX_ENTRIES if node.max_elements is None else min(node.max_elements, MAX_ENTRIES)
        count = max(least, min(draw(st.sampled_from((0, 0, 1, 2, 3))), most))
        seen: set[Any] = set()
        for _ in range(count):
            _many(draw, schema, above, node, seen)
    elif not needed and not draw(st.sampled_from((True, True, True, False, False))):
        return
    elif node.kind == "container":
        _fill(draw, schema, _element(above, node), node)
    elif node.kind == "leaf":
        _element(above, node).text = draw(texts(schema, node))
    else:
        _any(draw, _element(above, node))


def _many(draw: Draw, schema: Schema, above: Element, node: SchemaNode, seen: set[Any]) -> None:
    """One entry or value, if there is no such one yet."""
    if node.kind == "leaf-list":
        text = draw(texts(schema, node))
        if text not in seen:
            seen.add(text)
            _element(above, node).text = text
        return
    entry = etree.Element(node.qname, nsmap={None: node.namespace})
    _fill(draw, schema, entry, node)
    key = tuple(entry.findtext(name) for name in node.keys)
    if not node.keys or key not in seen:
        seen.add(key)
        above.append(entry)


def _element(above: Element, node: SchemaNode) -> Element:
    return etree.SubElement(above, node.qname, nsmap={None: node.namespace})


def _any(draw: Draw, element: Element) -> None:
    """Something for anydata or anyxml."""
    content = draw(st.sampled_from(("", "<x xmlns='urn:some'/>", "<a><b>1</b><b at='2'/></a>")))
    if content:
        element.append(etree.fromstring(content))
