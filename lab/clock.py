"""A wall clock for one daemon that can be set, to any year and backwards.

The kernel has one wall clock for the whole machine, so libfaketime stands between the daemon and
clock_gettime(2).  It leaves the monotonic clocks alone, as setting the real clock does.
"""

from __future__ import annotations

import os
from pathlib import Path

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
"""Of Debian's package faketime."""


class WallClock:
    """What a daemon started with `environment` takes for the date, once `set`."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "wall-clock"
        self.set("+0")

    @property
    def environment(self) -> dict[str, str]:
        """Of the process, and thus of all that it starts."""
        return os.environ | {
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
        }

    def set(self, offset: str) -> None:
        """Put the clock forward or back by so much, such as +10y or -3d."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{offset}\n")
        new.chmod(0o644)
        new.rename(self._file)
