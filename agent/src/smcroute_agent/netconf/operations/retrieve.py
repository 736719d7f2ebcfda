"""get and get-config (RFC 6241, sections 7.7 and 7.1)."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from ...datastore.names import DATASTORES
from ...yang.data import Container
from ...yang.reach import narrowed
from ..reply import Reply
from . import filters, with_defaults
from .rendering import rendered
from .request import Request, datastore


async def get(request: Request) -> Reply:
    """Configuration of running and state data."""
    parameters = request.parameters(optional=("filter", "with-defaults"))
    wanted = filters.parameter(request.services.schema, parameters.get("filter"))
    tree = await request.services.operational(wanted.reach)
    return await _reply(request, tree, wanted, parameters.get("with-defaults"))


async def get_config(request: Request) -> Reply:
    """Configuration of one datastore."""
    parameters = request.parameters(required=("source",), optional=("filter", "with-defaults"))
    source, _ = datastore(parameters["source"], DATASTORES)
    wanted = filters.parameter(request.services.schema, parameters.get("filter"))
    tree = await request.services.datastores.read(source)
    return await _reply(request, tree, wanted, parameters.get("with-defaults"))


async def _reply(
    request: Request, tree: Container, wanted: filters.Filter, defaults: etree._Element | None
) -> Reply:
    """What is wanted, with its defaults as they are wanted, of what the session may read."""
    if with_defaults.mode(defaults) in with_defaults.AS_SET:
        tree = narrowed(tree, wanted.reach)
    shown = visible(request, tree, lambda seen: with_defaults.reported(request, seen, defaults))
    return Reply(data=await rendered(await wanted.select(shown)))


def visible(
    request: Request, tree: Container, report: Callable[[Container], Container]
) -> Container:
    """What the session may read, as `report` shows it: also of the defaults that it adds."""
    guard, subject = request.services.guard, request.session.subject
    tree = guard.readable(subject, tree)
    shown = report(tree)
    return shown if shown is tree else guard.readable(subject, shown)
