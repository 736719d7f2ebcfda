"""Opens the files of the SSH server for the agent, who has no right of its own to them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ..errors import SystemProblem


def open_host_key(path: Path) -> int:
    """A descriptor of the host key's file, created empty with mode 0600 when it is not there.

    The agent fills an empty one.  Raises SystemProblem when others may read the key.
    """
    try:
        path.parent.mkdir(mode=0o755, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SystemProblem(
            f"cannot open the host key {path}: {error.strerror}",
            remedy="choose another file with --host-key FILE",
        ) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077:
        os.close(descriptor)
        raise SystemProblem(
            f"the host key {path} may be read by others, or is no regular file",
            remedy=f"chmod 600 {path}, or make a new key",
        )
    return descriptor


def open_authorized_keys(path: Path) -> int:
    """A descriptor of the directory with one authorized_keys file a user."""
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise SystemProblem(
            f"cannot open the directory of authorized keys {path}: {error.strerror}",
            remedy="create it with a file of public keys for each user, named after the user, "
            "or name another with --authorized-keys DIR",
        ) from None
