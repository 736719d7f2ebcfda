"""One supervised child process and the channel to it."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time

from ..channel import Channel, ChannelClosed, ChannelFull, Message, channel_pair

FIRST_DELAY = 0.0
MAX_DELAY = 5.0
GOOD_LIFE = 30.0
"""Seconds that a child has to live for its next restart to be at once again."""

_log = logging.getLogger(__name__)


class Child:
    """`python -m MODULE ARGUMENTS --control FD`, restarted with growing delays.

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

    def start(self, arguments: list[str], descriptors: tuple[int, ...] = ()) -> Channel:
        """Start the child; returns our end of its control channel, non-blocking."""
        ours, theirs = channel_pair()
        number = theirs.fileno()
        self._process = subprocess.Popen(
            # -I: neither the working directory nor PYTHON* variables choose what is imported.
            [sys.executable, "-I", "-m", self._module, "--control", str(number), *arguments],
            pass_fds=(number, *descriptors),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            process_group=0,
        )
        theirs.close()
        ours.socket.setblocking(False)
        self.control = ours
        self.pidfd = os.pidfd_open(self._process.pid)
        self._started = time.monotonic()
        self.restart_at = None
        _log.debug("%s started, pid %d", self.name, self._process.pid)
        return ours

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
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)

    def reap(self) -> str:
        """Collect the ended child and plan its restart; returns how it ended."""
        assert self._process is not None
        status = self._process.wait()
        if time.monotonic() - self._started >= GOOD_LIFE:
            self._delay = FIRST_DELAY
        self.restart_at = time.monotonic() + self._delay
        self._delay = min(max(0.1, 2 * self._delay), MAX_DELAY)
        self._process = None
        assert self.pidfd is not None
        assert self.control is not None
        os.close(self.pidfd)
        self.control.close()
        self.pidfd = self.control = None
        return f"killed by signal {-status}" if status < 0 else f"exit code {status}"

    def wait(self, seconds: float) -> None:
        """Wait for the child's end for so long, then kill it."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            _log.error("the %s does not stop; it is killed", self.name)
            self.kill()
            self._process.wait()
