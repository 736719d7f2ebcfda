"""Which public keys a user may log in with: a directory with one file a user.

The files are in OpenSSH's format (sshd(8), AUTHORIZED_KEYS FILE FORMAT) and are read anew
at each login.
"""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

import asyncssh

MAX_FILE = 1024 * 1024
"""Octets of one user's file at the most."""

logger = logging.getLogger(__name__)


def read(directory: Path, user: str) -> asyncssh.SSHAuthorizedKeys | None:
    """The keys of a user; None when there are none, whatever the reason, which is logged.

    The client learns no more than that its key was not accepted.
    """
    if not user or user.startswith(".") or "/" in user or "\0" in user:
        logger.warning("a login as %r is refused: that is no user name", user)
        return None
    path = directory / user
    try:
        with open(path, encoding="utf-8") as file:
            status = os.fstat(file.fileno())
            if stat.S_IMODE(status.st_mode) & 0o022:
                raise ValueError("others may write it; chmod go-w")
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_FILE:
                raise ValueError(f"it is no regular file of at most {MAX_FILE} octets")
            return asyncssh.import_authorized_keys(file.read())
    except FileNotFoundError:
        logger.info("a login as %s is refused: %s does not exist", user, path)
    except (OSError, ValueError) as error:
        logger.warning("a login as %s is refused: %s: %s", user, path, error)
    return None
