"""smcroutectl: tells a running smcrouted what to do.  Standard library only, for a quick start."""

from __future__ import annotations

import os
import sys

from ..errors import Error
from .command import run
from .help_text import usage, version
from .lines import batch, fail
from .options import parse


def main(arguments: list[str] | None = None) -> int:
    """The command smcroutectl; exits with 0 when all went well, else with 1, as smcroute does."""
    _open_streams()
    try:
        options = parse(sys.argv[1:] if arguments is None else arguments)
        if "v" in options.flags:
            print(version(), end="")
        elif "h" in options.flags and not options.words:
            print(usage([]), end="")
        elif "b" in options.flags:
            return batch(options)
        else:
            print(run(options, options.words), end="")
        sys.stdout.flush()
    except Error as error:
        return fail(str(error))
    except OSError as error:
        # What is left of the output is not tried again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if not isinstance(error, BrokenPipeError):
            return fail(f"standard input or output: {error.strerror}")
        # The reader of our output, such as head, has gone; nothing is left to say.
    except KeyboardInterrupt:
        return 130
    return 0


def _open_streams() -> None:
    """Put /dev/null in the place of standard streams that the caller has closed."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if number == 0 else "w"))  # noqa: SIM115
