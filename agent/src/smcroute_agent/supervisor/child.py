"""One supervised child process and the channel to it."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time

from ..channel import Channel, ChannelClosed, ChannelFull, Message, handed_over

FIRST_DELAY = 0.0
MAX_DELAY = 5.0
"""Seconds until a child that ended is started again: the first time, and after many."""

GOOD_LIFE = 30.0
"""Seconds that a child has to live for its next restart to be at once again."""

_log = logging.getLogger(__name__)


_START = """\
import gc, sys; gc.disable(); del sys.argv[0]
from {module}.__main__ import main; sys.exit(main())"""
"""The program: as python -m, which takes a third of an interpreter's start to find the module.

What is imported is no garbage: until that is done, nobody looks for some.
"""


class Child:
    """`python -c PROGRAM MODULE --control FD ARGUMENTS`, restarted with growing delays.

    A child has its own process group, so that a terminal's Ctrl-C reaches smcrouted alone.
    In the background (silent) it holds on to nothing of whoever started smcrouted.
    """

    def __init__(self, name: str, module: str, *, silent: bool) -> None:
        self.name = name
        self._module = module
        self._output = subprocess.DEVNULL if silent else None
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._delay = FIRST_DELAY
        self.control: Channel | None = None
        self.pidfd: int | None = None
        self.restart_at: float | None = None
        self.status = 0
        """How the last process ended: its exit code, or the signal's number below 0."""

    def launch(self, arguments: list[str], descriptors: tuple[int, ...] = ()) -> Channel:
        """Start the process; returns our end of its control channel, non-blocking.

        Raises OSError when the machine has no process or descriptor to spare.
        """
        with handed_over() as (ours, theirs):
            number = theirs.fileno()
            process = subprocess.Popen(
                [*self._interpreter(), "--control", str(number), *arguments],
                pass_fds=(number, *descriptors),
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._output,
                process_group=0,
            )
            try:
                self.pidfd = os.pidfd_open(process.pid)
            except OSError:
                process.kill()
                process.wait()
                raise
        ours.socket.setblocking(False)
        self.control = ours
        self._process = process
        self._started = time.monotonic()
        self.restart_at = None
        _log.debug("%s started, pid %d", self.name, process.pid)
        return ours

    def _interpreter(self) -> list[str]:
        program = _START.format(module=self._module)
        # -I: neither the working directory nor PYTHON* variables choose what is imported.
        return [sys.executable, "-I", "-c", program, self._module]

    def put_off(self) -> None:
        """Plan another start: this one failed, or the child has ended."""
        self.restart_at = time.monotonic() + self._delay
        self._delay = min(max(0.1, 2 * self._delay), MAX_DELAY)

    @property
    def running(self) -> bool:
        return self._process is not None

    def send(self, message: Message, descriptors: tuple[int, ...] = ()) -> None:
        """Send, unless the child is dead or deaf: its end is then noticed elsewhere."""
        if self.control is None:
            return
        try:
            self.control.send(message, descriptors)
        except ChannelClosed:
            pass
        except ChannelFull:
            _log.error("the %s does not read its messages; it is killed", self.name)
            self.kill()

    def kill(self) -> None:
        """End the child, and with it what it has started."""
        if self._process is not None:
            # Not reaped yet, so the number is still its own.  One that is not confined may have
            # left its group.
            for kill in (os.kill, os.killpg):
                with contextlib.suppress(ProcessLookupError):
                    kill(self._process.pid, signal.SIGKILL)

    def reap(self) -> str:
        """Collect the ended child and plan its restart; returns how it ended."""
        assert self._process is not None
        self.kill()
        self.status = status = self._process.wait()
        if time.monotonic() - self._started >= GOOD_LIFE:
            self._delay = FIRST_DELAY
        self.put_off()
        self._process = None
        assert self.pidfd is not None
        assert self.control is not None
        os.close(self.pidfd)
        self.control.close()
        self.pidfd = self.control = None
        return f"killed by signal {-status}" if status < 0 else f"exit code {status}"
