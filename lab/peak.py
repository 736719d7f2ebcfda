"""peak.py FILE COMMAND...: run a command, and add its peak resident size, in octets, to FILE."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path


def interpreter(directory: Path, python: Path) -> tuple[Path, Path]:
    """A stand-in for an interpreter, and the file where it notes a line for each of its runs."""
    noted = directory / "peaks"
    stand_in = directory / "python"
    stand_in.write_text(f'#!/bin/sh\nexec {python} -I {__file__} {noted} {python} "$@"\n')
    stand_in.chmod(0o755)
    return stand_in, noted


def main() -> int:
    file, *command = sys.argv[1:]
    code = subprocess.call(command)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    with open(file, "a") as noted:
        noted.write(f"{peak}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
