"""close-session and kill-session (RFC 6241, sections 7.8 and 7.9)."""

from __future__ import annotations

from ..reply import OK, Reply
from . import problems
from .request import Request, number

MAX_SESSION_ID = 2**32 - 1
"""uint32 in the YANG module of RFC 6241."""


async def close_session(request: Request) -> Reply:
    """End this session after its reply."""
    request.parameters()
    return Reply(ends_session=True)


async def kill_session(request: Request) -> Reply:
    """End another session: its operation is given up, its locks are released."""
    parameter = request.parameters(required=("session-id",))["session-id"]
    session_id = number(parameter, MAX_SESSION_ID)
    if session_id == request.session.session_id:
        raise problems.invalid(
            parameter, "a session cannot kill itself", "end this session with close-session"
        )
    if not request.services.kill(session_id, request.session.session_id):
        raise problems.invalid(parameter, f"there is no session {session_id}")
    return OK
