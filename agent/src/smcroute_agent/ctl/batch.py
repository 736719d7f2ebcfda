"""smcroutectl -b: commands from standard input."""

from __future__ import annotations

import sys

from ..errors import Error
from .command import run
from .options import Options


def batch(options: Options) -> int:
    """Do each line of standard input; blank lines and comments are passed over.

    A command that fails does not stop the others; the exit code is then 1.
    """
    failed = 0
    for number, line in enumerate(sys.stdin, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            print(run(options, words), end="", flush=True)
        except Error as error:
            failed = fail(f"line {number}: {error}")
    return failed


def fail(text: str) -> int:
    """Say what went wrong; the exit code."""
    print(f"smcroutectl: {text}", file=sys.stderr, flush=True)
    return 1
