"""get and get-config (RFC 6241, sections 7.7 and 7.1), with subtree filters (section 6)."""

from __future__ import annotations

from lxml import etree

from ...datastore.datastores import DATASTORES
from ...yang.data import Container
from ...yang.filter import subtree
from ...yang.serialize import to_xml
from ..names import base
from ..reply import Reply
from . import problems
from .request import Request, datastore, refuse_attributes

_TYPE = ("type", base("type"))
"""The attribute is unqualified in RFC 6241; some clients qualify it."""


async def get(request: Request) -> Reply:
    """Configuration of running and state data."""
    parameters = request.parameters(optional=("filter",))
    wanted = filter_of(parameters.get("filter"))
    return _reply(request, await request.services.operational(), wanted)


async def get_config(request: Request) -> Reply:
    """Configuration of one datastore."""
    parameters = request.parameters(required=("source",), optional=("filter",))
    source, _ = datastore(parameters["source"], DATASTORES)
    wanted = filter_of(parameters.get("filter"))
    return _reply(request, await request.services.datastores.read(source), wanted)


def _reply(request: Request, tree: Container, wanted: etree._Element | None) -> Reply:
    if wanted is not None:
        tree = subtree(request.services.schema, tree, wanted)
    return Reply(data=to_xml(tree))


def filter_of(element: etree._Element | None) -> etree._Element | None:
    """The subtree filter, checked; None when everything is wanted."""
    if element is None:
        return None
    for name in _TYPE:
        kind = element.get(name)
        if kind == "xpath":
            raise problems.bad_attribute(
                element,
                name,
                "the agent does not filter by XPath: it does not announce :xpath",
                'use a filter of type="subtree"',
            )
        if kind not in (None, "subtree"):
            raise problems.bad_attribute(
                element, name, f"there is no filter of type {kind!r}", 'use type="subtree"'
            )
    refuse_attributes(element, _TYPE)
    return element
