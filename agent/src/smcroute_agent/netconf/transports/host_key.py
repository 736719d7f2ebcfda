"""The SSH server's host key: made on first use, and never readable by others."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

import asyncssh

from ...errors import SystemProblem

KIND = "ssh-ed25519"
"""A login with it costs a tenth of the CPU of one with RSA."""


def load_or_make(path: Path) -> asyncssh.SSHKey:
    """The key in the file, which is made when there is none.

    Raises SystemProblem: not readable, no key, or open to others.
    """
    try:
        return _load(path)
    except FileNotFoundError:
        pass
    try:
        _make(path)
        return _load(path)
    except OSError as error:
        raise _problem(path, "cannot be made", error, "choose another with --host-key") from None


def _load(path: Path) -> asyncssh.SSHKey:
    """Read the file through one descriptor, so that what is checked is what is read."""
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            data = file.read(64 * 1024)
    except FileNotFoundError:
        raise
    except OSError as error:
        remedy = "let the agent's user own it, with mode 600"
        raise _problem(path, "cannot be read", error, remedy) from None
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise SystemProblem(
            "others may read the host key, so it proves nothing",
            path=str(path),
            remedy=f"if nobody has read it: chmod 600 {path}; otherwise remove it, and a new "
            "one is made",
        )
    try:
        return asyncssh.import_private_key(data)
    except (asyncssh.KeyImportError, ValueError) as error:
        raise SystemProblem(
            f"this is no private key without a passphrase: {error}",
            path=str(path),
            remedy="remove it, and a new one is made",
        ) from None


def _make(path: Path) -> None:
    """Write a new key.  It appears under its name whole, and only when there is none yet."""
    key = asyncssh.generate_private_key(KIND)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(key.export_private_key())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        os.unlink(name)


def _problem(path: Path, what: str, error: OSError, remedy: str) -> SystemProblem:
    reason = os.strerror(error.errno or 0)
    return SystemProblem(f"the host key {what}: {reason}", path=str(path), remedy=remedy)
