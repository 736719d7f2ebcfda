"""commit, discard-changes, cancel-commit and validate (RFC 6241, sections 8.3, 8.4 and 8.6)."""

from __future__ import annotations

from collections.abc import Awaitable

from lxml import etree

from ...datastore.confirmed import DEFAULT_TIMEOUT, Confirmation, WrongToken
from ...datastore.names import DATASTORES
from ...yang.parse import parse
from ..names import base
from ..reply import OK, Reply
from . import problems
from .request import Request, datastore, number, refuse_content

MAX_TIMEOUT = 2**32 - 1
"""Seconds; uint32 in the YANG module of RFC 6241."""

MAX_TOKEN = 1024
"""Characters of a persist token; the agent keeps it until the commit is confirmed."""

_OF_CONFIRMED = ("confirm-timeout", "persist")


async def commit(request: Request) -> Reply:
    """Make running what the candidate is, for good or until it is confirmed.

    A confirm-timeout or persist without <confirmed/> is refused: what was meant as a trial
    shall not become permanent.
    """
    parameters = request.parameters(optional=("confirmed", "persist-id", *_OF_CONFIRMED))
    confirmation = None
    if "confirmed" in parameters:
        refuse_content(parameters["confirmed"])
        timeout = parameters.get("confirm-timeout")
        confirmation = Confirmation(
            DEFAULT_TIMEOUT if timeout is None else number(timeout, MAX_TIMEOUT),
            _token(parameters.get("persist")),
        )
    elif any(name in parameters for name in _OF_CONFIRMED):
        raise problems.missing(request.element, base("confirmed"))
    session, token = request.session, parameters.get("persist-id")
    work = request.services.datastores.commits.commit(
        session.session_id,
        user=session.user,
        confirmation=confirmation,
        persist_id=_token(token),
        authorize=request.services.guard.authorizer(session.subject, named=False),
    )
    await _with_token(token, work)
    return OK


async def cancel_commit(request: Request) -> Reply:
    """Roll back a commit that is not confirmed."""
    parameters = request.parameters(optional=("persist-id",))
    session, token = request.session, parameters.get("persist-id")
    work = request.services.datastores.commits.cancel(
        session.session_id, user=session.user, persist_id=_token(token)
    )
    await _with_token(token, work)
    return OK


async def discard_changes(request: Request) -> Reply:
    """Make the candidate what running is."""
    request.parameters()
    await request.services.datastores.discard(request.session.session_id)
    return OK


async def validate(request: Request) -> Reply:
    """Whether a datastore, or the configuration in the request, is valid as a whole."""
    parameters = request.parameters(required=("source",))
    source, content = datastore(parameters["source"], (*DATASTORES, "config"), nmda=True)
    services = request.services
    await services.datastores.validate(
        parse(services.schema, content) if source == "config" else source
    )
    return OK


async def _with_token(parameter: etree._Element | None, work: Awaitable[None]) -> None:
    """Let the error of a wrong token name the parameter that holds it."""
    try:
        await work
    except WrongToken as error:
        assert parameter is not None
        raise problems.invalid(parameter, error.message, error.remedy) from None


def _token(parameter: etree._Element | None) -> str | None:
    if parameter is None:
        return None
    for child in parameter:
        raise problems.unknown(child)
    value = parameter.text or ""
    if len(value) > MAX_TOKEN:
        raise problems.invalid(parameter, f"a token of more than {MAX_TOKEN} characters")
    return value
