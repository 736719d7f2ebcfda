"""edit-config, copy-config and delete-config (RFC 6241, sections 7.2 to 7.4)."""

from __future__ import annotations

from ...datastore.datastores import CANDIDATE, DATASTORES, RUNNING, STARTUP, TEST_OPTIONS
from ...yang.edit import edit
from ...yang.parse import parse
from ..reply import OK, Reply
from . import problems
from .request import Request, datastore, enumeration

ERROR_OPTIONS = ("stop-on-error", "continue-on-error", "rollback-on-error")
DEFAULT_OPERATIONS = ("merge", "replace", "none")


async def edit_config(request: Request) -> Reply:
    """Change running or the candidate.

    An edit is done as a whole or not at all, so stop-on-error (the default) and
    rollback-on-error are the same here.
    """
    parameters = request.parameters(
        required=("target", "config"), optional=("default-operation", "test-option", "error-option")
    )
    target, _ = datastore(parameters["target"], (RUNNING, CANDIDATE))
    default_operation = "merge"
    if "default-operation" in parameters:
        default_operation = enumeration(parameters["default-operation"], DEFAULT_OPERATIONS)
    test = None
    if "test-option" in parameters:
        test = enumeration(parameters["test-option"], TEST_OPTIONS)
    if "error-option" in parameters:
        option = parameters["error-option"]
        if enumeration(option, ERROR_OPTIONS) == "continue-on-error":
            raise problems.not_supported(
                "an edit is never done in part, so continue-on-error is not supported",
                option,
                "leave error-option out, or use rollback-on-error",
            )
    services, config = request.services, parameters["config"]
    await services.datastores.edit(
        request.session.session_id,
        lambda tree: edit(services.schema, tree, config, default_operation),
        user=request.session.user,
        target=target,
        test=test,
    )
    return OK


async def copy_config(request: Request) -> Reply:
    """Replace a datastore by another, or by the configuration in the request."""
    parameters = request.parameters(required=("target", "source"))
    target, _ = datastore(parameters["target"], DATASTORES)
    source, content = datastore(parameters["source"], (*DATASTORES, "config"))
    services = request.services
    await services.datastores.copy(
        parse(services.schema, content) if source == "config" else source,
        target,
        request.session.session_id,
        user=request.session.user,
    )
    return OK


async def delete_config(request: Request) -> Reply:
    """Empty startup; running and the candidate cannot be deleted (RFC 6241, section 7.4)."""
    parameters = request.parameters(required=("target",))
    target, _ = datastore(parameters["target"], (STARTUP,))
    session = request.session
    await request.services.datastores.delete(target, session.session_id, user=session.user)
    return OK
