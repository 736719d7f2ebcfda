"""Starting, watching and stopping smcrouted in a host of the lab: ours, or Debian's C one."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sysconfig
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import process
from .closing import Closing
from .host import Host
from .scratch import scratch_directory
from .wait import wait_for

OURS = Path(sysconfig.get_path("scripts"), "smcrouted")
OUR_CLIENT = OURS.with_name("smcroutectl")
DEBIAN = Path("/usr/sbin/smcrouted")
DEBIAN_CLIENT = Path("/usr/sbin/smcroutectl")

READY_TIMEOUT = 30.0
STOP_TIMEOUT = 10.0


class NotReady(AssertionError):
    """The daemon ended, or did not write its pid file in time."""


class Daemon(Closing):
    """One smcrouted in the foreground, with a directory of its own for all of its files.

    program: OURS or DEBIAN.
    configuration: the text of its smcroute.conf.
    options: further command-line options.
    directory: where its files go; made, and removed at the end, unless given.
    user: whom `-p` names, USER[:GROUP].
    """

    def __init__(
        self,
        host: Host,
        *,
        program: Path = OURS,
        configuration: str = "",
        options: Sequence[str] = (),
        identity: str = "lab",
        directory: Path | None = None,
        user: str | None = None,
    ) -> None:
        self.host = host
        self.program = program
        self._temporary = None
        if directory is None:
            self._temporary = scratch_directory()
            directory = Path(self._temporary.name)
        self.directory = directory
        self.identity = identity
        self.configuration_file = directory / f"{identity}.conf"
        self.pid_file = directory / f"{identity}.pid"
        self.control_socket = directory / f"{identity}.sock"
        self.netconf_socket = directory / f"{identity}.netconf.sock"
        self.state = directory / "state"
        self.log_file = directory / f"{identity}.log"
        self.options = tuple(options)
        self.user = user
        self.configuration_file.write_text(configuration)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def ours(self) -> bool:
        return self.program == OURS

    @property
    def command(self) -> list[str]:
        """The command line, with every file in the directory."""
        command = [str(self.program), "-n", "-i", self.identity]
        command += ["-f", str(self.configuration_file), "-P", str(self.pid_file)]
        command += ["-u", str(self.control_socket)]
        if self.ours:
            command += ["--netconf-socket", str(self.netconf_socket)]
            command += ["--state", str(self.state)]
        if self.user:
            command += ["-p", self.user]
        return [*command, *self.options]

    def open(self) -> None:
        self.start()

    def close(self) -> None:
        """Stop it, by force if need be, and remove the directory."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.stop()
        self.kill_tree()
        if self._temporary:
            self._temporary.cleanup()

    # Life

    def start(self, **options: Any) -> float:
        """Start it and wait until its pid file is there; returns the seconds that took.

        Raises NotReady, with its log.
        """
        with open(self.log_file, "ab") as log:
            begin = time.monotonic()
            self._process = self.host.popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options
            )
        while not self.pid_file.exists():
            if self._process.poll() is not None:
                raise NotReady(f"exit code {self._process.returncode}; it said:\n{self.log()}")
            if time.monotonic() > begin + READY_TIMEOUT:
                raise NotReady(f"no pid file after {READY_TIMEOUT:g} s; it said:\n{self.log()}")
            time.sleep(0.001)
        return time.monotonic() - begin

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Ask it to end and wait for it; returns its exit code.

        Raises subprocess.TimeoutExpired.
        """
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(signal_number)
        code: int = self._process.wait(STOP_TIMEOUT)
        return code

    def kill_tree(self) -> None:
        """SIGKILL for it and all of its descendants."""
        if self._process is None:
            return
        if self._process.poll() is None:
            for pid in process.tree(self._process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait(STOP_TIMEOUT)

    def reload(self, configuration: str | None = None, *, timeout: float = 60) -> None:
        """SIGHUP, and wait until it is done: the pid file's time of change tells."""
        if configuration is not None:
            self.configuration_file.write_text(configuration)
        before = self.pid_file.stat().st_mtime_ns
        os.kill(self.pid, signal.SIGHUP)
        wait_for(
            lambda: self.pid_file.stat().st_mtime_ns != before,
            lambda: f"the reload done; it said:\n{self.log()}",
            timeout=timeout,
        )

    # Looking at it

    @property
    def pid(self) -> int:
        """The process that was started (with -n, it is also the pid file's)."""
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        """All that it has written to stdout and stderr."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def cpu_seconds(self) -> float:
        return process.cpu_seconds(self.pid)

    def _child(self, module: str) -> int:
        def find() -> int:
            for pid in process.children(self.pid):
                if module in process.command_line(pid) and process.running(pid):
                    return pid
            return 0

        return wait_for(find, lambda: f"a child process {module}; the log:\n{self.log()}")

    @property
    def engine_pid(self) -> int:
        """Our privileged process."""
        return self._child("smcroute_agent.engine")

    @property
    def agent_pid(self) -> int:
        """Our process that faces the network."""
        return self._child("smcroute_agent.agent")

    def control(
        self, *arguments: str, client: Path | None = None, check: bool = True, timeout: float = 30
    ) -> subprocess.CompletedProcess[str]:
        """Run a smcroutectl command against it: the client of the same make, unless given."""
        client = client or (OUR_CLIENT if self.ours else DEBIAN_CLIENT)
        return self.host.run(
            str(client), "-u", str(self.control_socket), *arguments, check=check, timeout=timeout
        )
