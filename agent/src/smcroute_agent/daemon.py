"""smcrouted: the command."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import log, privileges
from .errors import Error

if TYPE_CHECKING:
    from .supervisor.options import Options

EXIT_CODES = {
    "UsageError": os.EX_USAGE,
    "ConfigError": os.EX_CONFIG,
    "PrivilegeProblem": os.EX_NOPERM,
    "SystemProblem": os.EX_UNAVAILABLE,
    "MissingInKernel": os.EX_UNAVAILABLE,
}
"""Kind of error to exit code (sysexits.h, as smcrouted has it); any other gives 1."""

_log = logging.getLogger(__name__)


def main() -> None:
    """Run smcrouted with the command line of this process, and exit."""
    gc.disable()  # what is imported is no garbage
    from .supervisor.options import parse

    try:
        options = parse(sys.argv[1:])
        if options.check is not None:
            sys.exit(_check(options))
        # Until the supervisor heeds it: nothing is loaded yet that could be loaded anew.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        sys.exit(_run(options) if options.foreground else _detached(options))
    except Error as error:
        sys.exit(_report(error.kind, [error]))


def _report(kind: str, problems: list[Error], *, to_syslog: bool = False) -> int:
    """Tell the problems; returns the exit code."""
    for problem in problems:
        print(f"smcrouted: {problem}", file=sys.stderr)
        if to_syslog:
            _log.error("%s", problem)
    return EXIT_CODES.get(kind, 1)


def _run(options: Options, on_ready: Callable[[], None] = lambda: None) -> int:
    """Be the daemon until it ends; returns the exit code."""
    from .supervisor.failure import StartFailed
    from .supervisor.supervisor import Supervisor

    gc.freeze()
    gc.enable()
    to_syslog = log.setup(options.log_level, options.identity, options.syslog)
    try:
        if options.delay:
            time.sleep(options.delay)
        if options.drop_engine_user or not options.script:
            # A program of -e without -p is promised all that smcrouted was started with.
            privileges.restrict(privileges.SUPERVISOR)
        Supervisor(options, on_ready).run()
    except StartFailed as failure:
        return _report(failure.kind, failure.problems, to_syslog=to_syslog)
    except Error as error:
        return _report(error.kind, [error], to_syslog=to_syslog)
    except Exception:
        _log.exception("smcrouted failed")
        return 1
    finally:
        logging.shutdown()
    return 0


class _Caller:
    """Whoever started the daemon in the background and waits for news, on our terminal."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def let_go(self, code: int = 0) -> None:
        """The caller's command ends with this exit code; it is told once."""
        if self._descriptor is None:
            return
        with contextlib.suppress(BrokenPipeError):
            os.write(self._descriptor, bytes([code]))
        os.close(self._descriptor)
        self._descriptor = None
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        os.close(null)


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
    caller = _Caller(writing)
    if options.delay:
        caller.let_go()  # nobody waits for a delay that was asked for
    code = _run(options, caller.let_go)
    caller.let_go(code)
    return code


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
