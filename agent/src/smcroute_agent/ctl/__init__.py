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
    except BrokenPipeError:
        # The reader of our output, such as head, has gone; nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except KeyboardInterrupt:
        return 130
    return 0
