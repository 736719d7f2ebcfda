"""The filters of get, get-config and get-data: by subtree or by XPath."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from lxml import etree

from ...errors import Error
from ...yang.data import Container
from ...yang.depth import Shape, whole
from ...yang.filter import subtree
from ...yang.filter_reach import of_subtree
from ...yang.reach import Reach
from ...yang.schema import Schema
from ...yang.xpath import lexer
from ...yang.xpath.item import TooMuchWork
from ...yang.xpath_filter import MAX_WORK, compiled, reach, select
from ..names import base
from . import problems
from .request import refuse_attributes

QUICK_WORK = 5000
"""Nodes that an XPath filter may visit before the other sessions: some milliseconds."""

SUBTREE_WORK = 4
"""Nodes that a subtree filter looks at in the time in which XPath visits one."""

MAX_ELEMENTS = 50_000
"""Elements of a subtree filter at the most: they are compared with the schema at once."""

_HAS_MORE = etree.XPath("count(.//*) > $most")

_TYPE = ("type", base("type"))
_SELECT = ("select", base("select"))
"""The attributes are unqualified in RFC 6241; some clients qualify them."""

_worker = ThreadPoolExecutor(1, "filter")
"""Longer work waits for its turn here, and the sessions go on meanwhile."""

Run = Callable[[Container, Shape, int], Container]
"""What is selected of a tree, in so much work; raises TooMuchWork."""


class Filter:
    """A filter that is ready to be applied, to any number of trees."""

    def __init__(
        self, run: Run, element: etree._Element | None = None, reach: Reach = None
    ) -> None:
        self._run = run
        self._element = element
        self.reach = reach
        """What it can look at: nothing else need be in the tree."""

    async def select(self, tree: Container, shape: Shape = whole) -> Container:
        """What is selected; raises resource-denied where that takes too long to find out."""
        try:
            return self._run(tree, shape, QUICK_WORK)
        except TooMuchWork:
            pass
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(_worker, self._run, tree, shape, MAX_WORK)
        except TooMuchWork:
            assert self._element is not None
            raise _too_costly(self._element) from None

    def select_quickly(self, tree: Container) -> Container:
        """What is selected of a small tree: nothing where that takes long to find out."""
        try:
            return self._run(tree, whole, QUICK_WORK)
        except TooMuchWork:
            return Container(tree.schema, {})


def _everything(tree: Container, shape: Shape, _: int) -> Container:
    if shape is whole:
        return tree
    return Container(tree.schema, {name: shape(node) for name, node in tree.children.items()})


EVERYTHING = Filter(_everything)
"""No filter: all top-level nodes are selected."""


def parameter(schema: Schema, element: etree._Element | None) -> Filter:
    """The filter of a <filter> parameter, if there is one."""
    if element is None:
        return EVERYTHING
    kind, name = "subtree", "type"
    for name in _TYPE:
        if name in element.attrib:
            kind = str(element.get(name))
            break
    if kind == "subtree":
        refuse_attributes(element, _TYPE)
        return by_subtree(schema, element)
    if kind != "xpath":
        raise problems.bad_attribute(
            element, name, f"there is no filter of type {kind!r}", "use subtree or xpath"
        )
    refuse_attributes(element, (*_TYPE, *_SELECT))
    for child in element:
        raise problems.unknown(child, "an xpath filter has its expression in select")
    for name in _SELECT:
        if name in element.attrib:
            return by_xpath(schema, element, str(element.get(name)))
    raise problems.missing_attribute(
        element, "select", "a filter of type xpath has its expression in the attribute select"
    )


def by_subtree(schema: Schema, element: etree._Element) -> Filter:
    """The filter of RFC 6241, section 6, with its elements in `element`."""
    if _HAS_MORE(element, most=MAX_ELEMENTS):
        raise _too_costly(element)

    def run(tree: Container, shape: Shape, work: int) -> Container:
        return subtree(schema, tree, element, shape=shape, work=SUBTREE_WORK * work)

    return Filter(run, element, of_subtree(schema, element))


def by_xpath(schema: Schema, element: etree._Element, text: str) -> Filter:
    """The filter of an expression; the prefixes are those in scope of `element`."""
    try:
        expression = compiled(schema, text, element.nsmap.get)
    except lexer.XPathError as error:
        raise problems.invalid(element, f"the XPath filter is wrong: {error}") from None

    def run(tree: Container, shape: Shape, work: int) -> Container:
        return select(tree, expression, shape=shape, work=work)

    return Filter(run, element, reach(schema, expression, element.nsmap.get))


def _too_costly(element: etree._Element) -> Error:
    return Error(
        "the filter would have to look at too many nodes",
        error_type="protocol",
        tag="resource-denied",
        path=problems.path(element),
        remedy="name all keys of list entries in it, or ask for less at a time",
    )
