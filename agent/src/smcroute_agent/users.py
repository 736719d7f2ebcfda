"""Names of the users at the other end of a UNIX socket."""

from __future__ import annotations

import pwd


def user_name(uid: int) -> str:
    """The name of a user, or the uid in decimal when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
