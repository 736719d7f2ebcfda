"""Temporary directories; those of runs that were killed are removed like their namespaces."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

PREFIX = "mcastlab"

_NAME = re.compile(rf"{PREFIX}-(\d+)-.*")


def owner(name: str) -> int | None:
    """The pid in the name of a namespace or directory of a lab; None for any other name."""
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else None


def abandoned(name: str) -> bool:
    """Whether it belongs to a lab whose process is gone."""
    pid = owner(name)
    return pid is not None and not os.path.exists(f"/proc/{pid}")


def scratch_directory() -> tempfile.TemporaryDirectory[str]:
    """A new directory that every user may enter: smcrouted's agent is not root."""
    directory = tempfile.TemporaryDirectory(prefix=f"{PREFIX}-{os.getpid()}-")
    Path(directory.name).chmod(0o755)
    return directory


def remove_abandoned_directories() -> None:
    """Remove the directories of labs whose process is gone."""
    for entry in os.scandir(tempfile.gettempdir()):
        if abandoned(entry.name) and entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
