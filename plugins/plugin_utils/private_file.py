# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of the controller that only its owner may read, put in its place in one step."""

from __future__ import annotations

import os
import tempfile


class Unwritable(Exception):
    """Why a file cannot be written."""


def check(path: str) -> None:
    """Raise Unwritable for a path at which a file certainly cannot be made."""
    directory = os.path.dirname(path)
    if not os.path.isdir(directory):
        raise Unwritable(f"there is no directory {directory}")
    if os.path.isdir(path):
        raise Unwritable("it is a directory")
    if not os.access(directory, os.W_OK | os.X_OK):
        raise Unwritable(f"{directory} may not be written to")


def write(path: str, content: str) -> None:
    """Write the file with the mode 0600, in place of one that is there; or raise Unwritable."""
    part = None
    try:
        # mkstemp makes its file with that mode.
        descriptor, part = tempfile.mkstemp(prefix=".smcroute-", dir=os.path.dirname(path))
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
        os.replace(part, path)
    except OSError as error:
        if part is not None and os.path.exists(part):
            os.unlink(part)
        raise Unwritable(error.strerror or str(error)) from error
