"""edit-config, copy-config and delete-config (RFC 6241, sections 7.2 to 7.4)."""

from __future__ import annotations

from lxml import etree

from ...datastore.names import (
    CANDIDATE,
    DATASTORES,
    RUNNING,
    STARTUP,
    TEST_ONLY,
    TEST_OPTIONS,
)
from ...yang.data import Container
from ...yang.parse import parse
from ..reply import OK, Reply
from . import problems, with_defaults
from .change import Change
from .request import Request, datastore, enumeration, refuse_content

ERROR_OPTIONS = ("stop-on-error", "continue-on-error", "rollback-on-error")
DEFAULT_OPERATIONS = ("merge", "replace", "none")


async def edit_config(request: Request) -> Reply:
    """Change running or the candidate.

    An edit is done as a whole or not at all, so stop-on-error (the default) and
    rollback-on-error are the same here; with continue-on-error the whole is what is left of the
    edit without the nodes that fail.
    """
    parameters = request.parameters(
        required=("target", "config"),
        optional=("default-operation", "test-option", "error-option", "tell-pending"),
    )
    target, _ = datastore(parameters["target"], (RUNNING, CANDIDATE))
    default_operation = "merge"
    if "default-operation" in parameters:
        default_operation = enumeration(parameters["default-operation"], DEFAULT_OPERATIONS)
    test = None
    if "test-option" in parameters:
        test = enumeration(parameters["test-option"], TEST_OPTIONS)
    goes_on = False
    if "error-option" in parameters:
        option = enumeration(parameters["error-option"], ERROR_OPTIONS)
        goes_on = option == "continue-on-error"
    tell_pending = _tell_pending(parameters.get("tell-pending"), test)
    change = Change(request, parameters["config"], default_operation, goes_on=goes_on)
    if test != TEST_ONLY:
        await make(request, change, target, test)
        return OK
    with change.told():
        warnings = await request.services.datastores.test(
            request.session.session_id,
            change,
            target=target,
            size=change.size,
            pending=tell_pending,
        )
    return Reply(warnings=tuple(warnings))


def _tell_pending(parameter: etree._Element | None, test: str | None) -> bool:
    if parameter is None:
        return False
    refuse_content(parameter)
    if test != TEST_ONLY:
        raise problems.invalid(
            parameter,
            "tell-pending goes with the test-option test-only",
            "leave it out, and look at the states of the rules",
        )
    return True


async def make(request: Request, change: Change, target: str, test: str | None = None) -> None:
    """Change a datastore, if the session may make that change."""
    with change.told():
        await request.services.datastores.edit(
            request.session.session_id,
            change,
            user=request.session.user,
            target=target,
            test=test,
            size=change.size,
        )


async def copy_config(request: Request) -> Reply:
    """Replace a datastore by another, or by the configuration in the request."""
    parameters = request.parameters(required=("target", "source"), optional=("with-defaults",))
    target, _ = datastore(parameters["target"], DATASTORES)
    source, content = datastore(parameters["source"], (*DATASTORES, "config"))
    services = request.services
    # To save running needs no right to read or write it (RFC 8341, section 3.2.6).
    saving = (source, target) == (RUNNING, STARTUP)
    authorize = None if saving else services.guard.authorizer(request.session.subject, named=False)
    defaults = parameters.get("with-defaults")
    await services.datastores.copy(
        await _source(request, source, content, defaults, whole=saving or source == target),
        target,
        request.session.session_id,
        user=request.session.user,
        authorize=authorize,
    )
    return OK


async def _source(
    request: Request,
    name: str,
    content: etree._Element,
    defaults: etree._Element | None,
    *,
    whole: bool,
) -> str | Container:
    """What copy-config copies: of a datastore, what the session may read, unless `whole`.

    A value that is only tagged as a default is no set value, so report-all-tagged copies what
    explicit does.
    """
    services, mode = request.services, with_defaults.mode(defaults)
    guard, subject = services.guard, request.session.subject
    as_it_is = mode in ("explicit", "report-all-tagged")
    if name == "config":
        with_defaults.accept_tags(services.schema, content, "replace")
        tree = parse(services.schema, content)
    else:
        limited = not whole and guard.access(subject) is not None
        if as_it_is and not limited:
            return name
        present = await services.datastores.read(name)
        tree = guard.readable(subject, present) if limited else present
        if as_it_is and tree is present:
            return name
    return tree if as_it_is else with_defaults.reported(request, tree, defaults)


async def delete_config(request: Request) -> Reply:
    """Empty startup; running and the candidate cannot be deleted (RFC 6241, section 7.4)."""
    parameters = request.parameters(required=("target",))
    target, _ = datastore(parameters["target"], (STARTUP,))
    session = request.session
    await request.services.datastores.delete(target, session.session_id, user=session.user)
    return OK
