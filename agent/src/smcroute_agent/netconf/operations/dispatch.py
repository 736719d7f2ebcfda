"""From the element in an <rpc> to the function that carries it out.

An operation that nobody knows is answered with operation-not-supported, whatever its
namespace: that is what RFC 6241, appendix A, has for it, and what netopeer2 and others say.
Its name goes along as bad-element, so that a person sees which it was.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from lxml import etree

from ...errors import DataError, Error
from ...yang.parse import parse_rpc
from ...yang.serialize import to_xml
from ..names import BASE, MONITORING, NMDA, NOTIFICATION, base, local, namespace
from ..reply import OK, Reply
from ..session import Session
from . import commit, configure, locking, nmda, problems, retrieve, schemas, sessions, subscribe
from .request import Request, RpcHandler, Services

Operation = Callable[[Request], Awaitable[Reply]]

OPERATIONS: Mapping[str, Operation] = {
    base("get"): retrieve.get,
    base("get-config"): retrieve.get_config,
    base("edit-config"): configure.edit_config,
    base("copy-config"): configure.copy_config,
    base("delete-config"): configure.delete_config,
    base("commit"): commit.commit,
    base("discard-changes"): commit.discard_changes,
    base("cancel-commit"): commit.cancel_commit,
    base("validate"): commit.validate,
    base("lock"): locking.lock,
    base("unlock"): locking.unlock,
    base("close-session"): sessions.close_session,
    base("kill-session"): sessions.kill_session,
    f"{{{NMDA}}}get-data": nmda.get_data,
    f"{{{NMDA}}}edit-data": nmda.edit_data,
    f"{{{MONITORING}}}get-schema": schemas.get_schema,
    f"{{{NOTIFICATION}}}create-subscription": subscribe.create_subscription,
}


class Dispatch:
    """A session.Handler over some services."""

    def __init__(self, services: Services) -> None:
        self.services = services

    async def __call__(self, session: Session, element: etree._Element) -> Reply:
        request = Request(element, session, self.services)
        operation = OPERATIONS.get(str(element.tag))
        if operation is not None:
            self._check(request)
            try:
                return await operation(request)
            except Error as error:
                raise self.services.guard.discreet(session.subject, error) from None
        handler = self.services.rpcs.get(str(element.tag))
        if handler is not None:
            self._check(request)
            return await _model_rpc(request, handler)
        raise _not_supported(element)

    def _check(self, request: Request) -> None:
        """Whether the session may call the operation (RFC 8341, section 3.4.4)."""
        services, tag = self.services, str(request.element.tag)
        module = services.schema.namespaces[namespace(tag)]
        node = services.schema.rpcs.get(tag)
        try:
            services.guard.check_execute(
                request.session.subject,
                module.name,
                local(tag),
                node.default_deny if node else None,
            )
        except Error as error:
            error.path = problems.path(request.element)
            raise


async def _model_rpc(request: Request, handler: RpcHandler) -> Reply:
    """An RPC that a data model defines (RFC 7950, section 7.14)."""
    schema, element = request.services.schema, request.element
    try:
        given = parse_rpc(schema, element)
    except DataError as error:
        prefix = schema.namespaces[namespace(element.tag)].prefix
        error.path = f"/nc:rpc/{prefix}:{local(element.tag)}{error.path or ''}"
        raise
    output = await handler(given, request.session)
    if output is None or not output.children:
        return OK
    return Reply(output=to_xml(output))


def _not_supported(element: etree._Element) -> Error:
    name = local(element.tag)
    where = "" if str(element.tag).startswith(f"{{{BASE}}}") else f" ({element.tag})"
    return problems.not_supported(f"there is no operation {name}{where}", element)
