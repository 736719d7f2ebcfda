"""lock and unlock (RFC 6241, sections 7.5 and 7.6)."""

from __future__ import annotations

from ...datastore.names import DATASTORES
from ..reply import OK, Reply
from .request import Request, datastore


async def lock(request: Request) -> Reply:
    """Take a datastore for this session."""
    await request.services.datastores.lock(_target(request), request.session.session_id)
    return OK


async def unlock(request: Request) -> Reply:
    """Give it back; what is not committed of the candidate is discarded."""
    await request.services.datastores.unlock(_target(request), request.session.session_id)
    return OK


def _target(request: Request) -> str:
    target = request.parameters(required=("target",))["target"]
    name, _ = datastore(target, DATASTORES, nmda=True)
    return name
