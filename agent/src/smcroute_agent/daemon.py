"""smcrouted: the command."""

from __future__ import annotations

import logging
import os
import sys
import time

from .errors import Error
from .supervisor.options import Options, parse
from .supervisor.supervisor import StartFailed, Supervisor

EXIT_CODES = {
    "UsageError": os.EX_USAGE,
    "ConfigError": os.EX_CONFIG,
    "PrivilegeProblem": os.EX_NOPERM,
    "SystemProblem": os.EX_UNAVAILABLE,
}
"""Class of error to exit code (sysexits.h, as smcrouted has it); any other gives 1."""


def main() -> None:
    """Run smcrouted with the command line of this process, and exit."""
    try:
        options = parse(sys.argv[1:])
        if options.check is not None:
            sys.exit(_check(options))
        sys.exit(_run(options) if options.foreground else _detached(options))
    except Error as error:
        sys.exit(_report(type(error).__name__, [error]))


def _report(kind: str, problems: list[Error]) -> int:
    for problem in problems:
        print(f"smcrouted: {problem}", file=sys.stderr)
    return EXIT_CODES.get(kind, 1)


def _run(options: Options, ready_to: int | None = None) -> int:
    """Be the daemon; a byte is written to `ready_to` once it is ready."""
    from .log import setup

    setup(options.log_level, options.identity, options.syslog)

    def on_ready() -> None:
        if ready_to is not None:
            os.write(ready_to, b"\0")
            _leave_terminal()

    if options.delay:
        time.sleep(options.delay)
    try:
        Supervisor(options, on_ready).run()
    except StartFailed as failure:
        return _report(failure.kind, failure.problems)
    except Error as error:
        return _report(type(error).__name__, [error])
    finally:
        logging.shutdown()
    return 0


def _detached(options: Options) -> int:
    """Be the parent that returns when the daemon in the background is ready, or has failed."""
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        told = os.read(reading, 1)
        return told[0] if told else 1
    os.close(reading)
    os.setsid()
    if os.fork():
        os._exit(0)
    os.chdir("/")
    if options.delay:
        # The caller does not wait for a delay that was asked for.
        os.write(writing, b"\0")
    code = _run(options, writing)
    os.write(writing, bytes([code]))
    return code


def _leave_terminal() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    os.close(null)


def _check(options: Options) -> int:
    """smcrouted -F FILE: all that is wrong with it, one line each."""
    from .agent.startup import check

    assert options.check is not None
    problems = check(options.check)
    if problems:
        return _report("ConfigError", problems)
    print(f"{options.check}: good")
    return 0


if __name__ == "__main__":
    main()
