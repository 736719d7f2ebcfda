"""Errors that tell whether a node is there, for users who may neither read nor touch it.

Whether a node exists is asked before whether it may be created or deleted, because the change
that is judged (writing.py) is only known when it has been made.  Whoever may neither make it nor
read the node is told so either way, in the same words.
"""

from __future__ import annotations

from ..errors import Error
from ..yang.schema import Schema
from .access import Access
from .located import located
from .policy import CREATE, DELETE
from .writing import Denied, demand, denied

_NEEDED = {"data-exists": CREATE, "data-missing": DELETE}


def concealed(access: Access, schema: Schema, error: Error) -> Error:
    """The error of an edit as this user may see it: Denied, or the error itself."""
    operation = _NEEDED.get(error.tag)
    if operation is None:
        return error
    where = located(schema, error.path or "")
    if where is None:
        return denied()
    node, keys = where
    if access.may_see(node, keys):
        return error
    try:
        demand(access, operation, node, error.path or "", keys)
    except Denied as found:
        return found
    return error
