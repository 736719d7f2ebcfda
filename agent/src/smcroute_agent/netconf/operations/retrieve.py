"""get and get-config (RFC 6241, sections 7.7 and 7.1)."""

from __future__ import annotations

from ...datastore.datastores import DATASTORES
from ...yang.data import Container
from ...yang.serialize import to_xml
from ..reply import Reply
from . import filters
from .request import Request, datastore


async def get(request: Request) -> Reply:
    """Configuration of running and state data."""
    parameters = request.parameters(optional=("filter",))
    wanted = filters.parameter(request.services.schema, parameters.get("filter"))
    return await _reply(await request.services.operational(), wanted)


async def get_config(request: Request) -> Reply:
    """Configuration of one datastore."""
    parameters = request.parameters(required=("source",), optional=("filter",))
    source, _ = datastore(parameters["source"], DATASTORES)
    wanted = filters.parameter(request.services.schema, parameters.get("filter"))
    return await _reply(await request.services.datastores.read(source), wanted)


async def _reply(tree: Container, wanted: filters.Filter) -> Reply:
    return Reply(data=to_xml(await wanted.select(tree)))
