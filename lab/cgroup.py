"""Control groups for a system that boots in a container."""

from __future__ import annotations

import contextlib
from pathlib import Path

from .closing import Closing
from .wait import wait_for

_MOUNTED = Path("/sys/fs/cgroup")
_HIERARCHIES = {"": (_MOUNTED / "unified", _MOUNTED), "name=systemd": (_MOUNTED / "systemd",)}
"""Where those are mounted that systemd looks at, by what /proc/self/cgroup calls them."""


class ControlGroup(Closing):
    """A group below that of this process, in each hierarchy that systemd looks at.

    Two systems in one group would take each other's services for their own.
    """

    def __init__(self, name: str) -> None:
        self.paths = [path / name for path in _own()]

    def open(self) -> None:
        for path in self.paths:
            path.mkdir()

    def close(self) -> None:
        """Remove it, as soon as its last process is gone."""
        for path in self.paths:
            wait_for(lambda path=path: _removed(path), f"an end of {path}")  # type: ignore[misc]


def _own() -> list[Path]:
    found = []
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, name, path = line.split(":", 2)
        for mounted in _HIERARCHIES.get(name, ()):
            if (mounted / "cgroup.procs").exists():
                found.append(mounted / path.lstrip("/"))
                break
    return found


def _removed(path: Path) -> bool:
    below = [directory for directory in path.rglob("*") if directory.is_dir()]
    for directory in (*sorted(below, reverse=True), path):
        with contextlib.suppress(OSError):
            directory.rmdir()
    return not path.exists()
