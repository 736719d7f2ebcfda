"""Which public keys a user may log in with: a directory with one file a user.

The files are in OpenSSH's format (sshd(8), AUTHORIZED_KEYS FILE FORMAT) and are read anew
at each login.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterable

import asyncssh

MAX_FILE = 1024 * 1024
"""Octets of one user's file at the most."""

logger = logging.getLogger(__name__)


def read(directory: int, user: str, more: Iterable[str] = ()) -> asyncssh.SSHAuthorizedKeys | None:
    """The keys of a user; None when there are none, whatever the reason, which is logged.

    directory: an open descriptor.  more: further lines, of which a bad one is left out.  The
    client learns no more than that its key was not accepted.
    """
    good = [line for line in more if _is_key(line, user)]
    text = _file(directory, user, quiet=bool(good))
    lines = [*([text] if text else []), *good]
    return asyncssh.import_authorized_keys("\n".join(lines)) if lines else None


def _is_key(line: str, user: str) -> bool:
    try:
        asyncssh.import_authorized_keys(line)
    except ValueError as error:
        logger.warning("a configured key of %r is not used: %s", user, error)
        return False
    return True


def _file(directory: int, user: str, quiet: bool) -> str | None:
    """The text of the user's file, when it is good."""
    if not user or user.startswith(".") or "/" in user or "\0" in user:
        logger.warning("a login as %r is refused: that is no user name", user)
        return None
    try:
        text = _content(directory, user)
        asyncssh.import_authorized_keys(text)
        return text
    except FileNotFoundError:
        if not quiet:
            logger.info("a login as %r: there is no file of keys of that name", user)
    except (OSError, ValueError) as error:
        logger.warning("a login as %r is refused: the file of keys: %s", user, error)
    return None


def _content(directory: int, name: str) -> str:
    """The text of a file that only its owner may write."""
    # O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
    descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=directory)
    with open(descriptor, encoding="utf-8") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_FILE:
            raise ValueError(f"it is no regular file of at most {MAX_FILE} octets")
        if stat.S_IMODE(status.st_mode) & 0o022:
            raise ValueError("others than its owner may write it: chmod go-w")
        return file.read(MAX_FILE)
