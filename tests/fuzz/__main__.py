"""`make fuzz`: the tests marked `fuzz`, again and again with other examples, for some minutes.

Usage: python -m tests.fuzz MINUTES
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time

COUNTS = re.compile(r"(\d+) passing, (\d+) failing, and (\d+) invalid test cases")
PYTEST = (
    *("-m", "pytest", "tests", "-m", "fuzz", "--hypothesis-profile=fuzz"),
    *("--hypothesis-show-statistics", "--dist", "worksteal"),
)


def attempt(seed: int) -> tuple[int, str]:
    """One run of all: the examples tried, and what pytest said if it failed."""
    done = subprocess.run(
        [sys.executable, *PYTEST, f"--numprocesses={os.cpu_count()}", f"--hypothesis-seed={seed}"],
        capture_output=True,
        text=True,
        check=False,
    )
    examples = sum(int(count) for found in COUNTS.findall(done.stdout) for count in found)
    return examples, "" if done.returncode == 0 else done.stdout + done.stderr


def main(arguments: list[str]) -> int:
    """Run until the time is over or something is found; the exit code."""
    seconds = 60 * float(arguments[0])
    begin = time.monotonic()
    total = 0
    while (spent := time.monotonic() - begin) < seconds:
        seed = secrets.randbits(32)
        examples, failure = attempt(seed)
        if failure:
            print(failure, f"Found with --hypothesis-seed={seed}.", sep="\n")
            return 1
        total += examples
        took = time.monotonic() - begin - spent
        print(
            f"seed {seed}: {examples} examples in {took:.0f} s, {examples / took:.0f} a second; "
            f"{total} since the start, nothing found",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
