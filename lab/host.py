"""A host of the lab: one network namespace, and what can be done in it."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from . import namespace


class Host:
    """One network namespace, by the short name that the lab's picture shows."""

    def __init__(self, name: str, namespace_name: str) -> None:
        self.name = name
        self.namespace = namespace_name

    def __repr__(self) -> str:
        return f"Host({self.name!r}, namespace={self.namespace!r})"

    def entered(self) -> AbstractContextManager[None]:
        """The calling thread inside this host's network, for the body's length."""
        return namespace.entered(self.namespace)

    def socket(self, family: int, kind: int, protocol: int = 0) -> socket.socket:
        """A socket that lives in this host, usable from anywhere."""
        with self.entered():
            return socket.socket(family, kind, protocol)

    def popen(self, command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
        """Start a process in this host (subprocess.Popen's options)."""
        with self.entered():
            return subprocess.Popen(command, **options)

    def run(
        self, *command: str, timeout: float = 30, check: bool = True, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in this host to its end; stdout and stderr are captured as text.

        Raises RuntimeError with what it printed when it fails and `check` is true.
        """
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        with self.entered():
            done = subprocess.run(command, text=True, timeout=timeout, check=False, **options)
        if check and done.returncode:
            raise RuntimeError(
                f"{' '.join(command)} in {self.name}: exit code {done.returncode}: "
                f"{(done.stderr or done.stdout or '').strip()}"
            )
        return done

    def ip(self, batch: str) -> None:
        """Run lines of `ip` commands in this host."""
        namespace.ip("-n", self.namespace, batch=batch)

    def proc_net(self, name: str) -> str:
        """The text of /proc/net/NAME as a process of this host sees it."""
        with self.entered():
            return Path("/proc/thread-self/net", name).read_text()

    def sysctl(self, name: str, value: str) -> None:
        """Set a sysctl of this host's network, such as net/ipv4/conf/all/rp_filter."""
        with self.entered():
            Path("/proc/sys", name).write_text(value)

    def interface_index(self, interface: str) -> int:
        with self.entered():
            return socket.if_nametoindex(interface)

    def processes(self) -> list[int]:
        """The pids of the processes in this host."""
        inode = os.stat(f"/run/netns/{self.namespace}").st_ino
        found = []
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and os.stat(f"/proc/{entry}/ns/net").st_ino == inode:
                    found.append(int(entry))
            except OSError:
                continue
        return found
