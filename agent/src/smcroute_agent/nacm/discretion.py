"""Errors about data that the request has not named, for users who may not read it.

Constraints and the system judge the whole configuration (RFC 7950, section 6.4.1), whatever of it
a user may read.  That something is wrong has to be said, as the error-tag and error-app-tag that
the model wants; where and what, only to those who may read it (RFC 8341, section 3.2).
"""

from __future__ import annotations

from ..errors import EngineError, Error
from ..yang.schema import Schema
from ..yang.violations import Violation
from .access import Access
from .located import located


def discreet(access: Access, schema: Schema, error: Error) -> Error:
    """The error as this user may see it: without what it tells of, or the error itself."""
    if not isinstance(error, Violation | EngineError):
        return error
    others = error.others if isinstance(error, Violation) else ()
    if all(may_see(access, schema, path) for path in (error.path, *others)):
        return error
    return Error(
        "the configuration would not be valid together with what the access rules do not let"
        " this user read"
        if isinstance(error, Violation)
        else "the system refuses the configuration, because of what the access rules do not let"
        " this user read",
        error_type=error.error_type,
        tag=error.tag,
        app_tag=error.app_tag,
        remedy="ask somebody who may read it",
    )


def may_see(access: Access, schema: Schema, path: str | None) -> bool:
    """Whether this user may read what an error-path names."""
    if path is None or path == "/":
        return True
    where = located(schema, path)
    return where is not None and access.may_see(*where)
