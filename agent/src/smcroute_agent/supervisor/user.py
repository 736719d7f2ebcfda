"""Whom the agent, and with -p the engine too, runs as."""

from __future__ import annotations

import grp
import pwd
from typing import NamedTuple

from ..errors import UsageError

NOBODY = "nobody"
AGENT_USERS = ("smcroute", NOBODY)
"""Whom the agent runs as without -p: the first of them that the machine knows."""


class User(NamedTuple):
    """Whom the agent runs as."""

    name: str
    uid: int
    gid: int


def find_user(text: str | None) -> User:
    """The user of USER[:GROUP], or the agent's default one.

    Raises UsageError when the machine does not know the user or the group.
    """
    if text is None:
        for name in AGENT_USERS:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return User(name, entry.pw_uid, entry.pw_gid)
        raise UsageError(
            "there is neither a user smcroute nor a user nobody for the agent",
            remedy="create one, or name another with -p USER[:GROUP]",
        )
    name, colon, group = text.partition(":")
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise UsageError(f"-p: there is no user {name!r}", remedy="useradd makes one") from None
    try:
        gid = grp.getgrnam(group).gr_gid if colon else entry.pw_gid
    except KeyError:
        raise UsageError(f"-p: there is no group {group!r}", remedy="groupadd makes one") from None
    return User(name, entry.pw_uid, gid)
