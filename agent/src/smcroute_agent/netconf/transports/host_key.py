"""The SSH server's host key: made on first use, and never readable by others.

The agent has no right to create the file: it gets an open descriptor of one, which is
empty the first time.
"""

from __future__ import annotations

import os
import stat

import asyncssh

from ...errors import SystemProblem

KIND = "ssh-ed25519"
"""A login with it costs a tenth of the CPU of one with RSA."""

MAX_FILE = 64 * 1024
"""Octets of a key file that are read."""


def load_or_make(descriptor: int) -> asyncssh.SSHKey:
    """The key in an open file, which gets a new one when it is empty.

    The descriptor is open for reading and writing.  Raises SystemProblem: others may read
    it, it holds no key, it cannot be written.
    """
    status = os.fstat(descriptor)
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise SystemProblem(
            "others may read the host key, so it proves nothing",
            remedy="if nobody has read it, chmod 600; otherwise remove it, and a new one is made",
        )
    try:
        data = os.pread(descriptor, MAX_FILE, 0)
        return _parse(data) if data else _make(descriptor)
    except OSError as error:
        raise SystemProblem(
            f"the host key cannot be used: {os.strerror(error.errno or 0)}",
            remedy="choose another with --host-key FILE",
        ) from None


def _parse(data: bytes) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_private_key(data)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise SystemProblem(
            f"the host key's file holds no private key without a passphrase: {error}",
            remedy="remove it, and a new one is made",
        ) from None


def _make(descriptor: int) -> asyncssh.SSHKey:
    key = asyncssh.generate_private_key(KIND)
    data = key.export_private_key()
    written = os.pwrite(descriptor, data, 0)
    if written != len(data):
        os.ftruncate(descriptor, 0)
        raise SystemProblem("no room to write the host key", remedy="make room on the file system")
    os.fsync(descriptor)
    return key
