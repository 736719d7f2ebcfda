"""A whole Debian system, systemd and all, as a host of the lab: booted in a container."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from . import process
from .cgroup import ControlGroup
from .closing import Closing
from .host import Host
from .scratch import scratch_directory
from .wait import wait_for

BOOT_TIMEOUT = 120.0
STOP_TIMEOUT = 20.0

REBOOT = 133
"""What systemd-nspawn exits with when the system wants to be booted anew."""

_BOOT = """
for group in $1; do echo $$ >"$group/cgroup.procs"; done
mount --types overlay --options "lowerdir=$2,upperdir=$3/upper,workdir=$3/work" none "$3/root"
shift 3
exec "$@"
"""
"""The overlay is seen by systemd-nspawn only, and goes with it."""


class Machine(Closing):
    """A copy of a Debian root (lab/debian-root) that has booted, with the network of a host.

    Its files last as long as this object, over reboots too; the root itself is never written to.

    network: the host whose network namespace it has.
    shown: paths of this machine, by where they are, read-only, in the container.
    """

    def __init__(self, root: Path, network: Host, shown: Mapping[str, Path]) -> None:
        self.network = network
        self._root = root
        self._shown = shown
        self._directory = scratch_directory()
        # A random name may have what is not allowed in the name of a machine.
        self._name = Path(self._directory.name).name.replace("_", "-")
        self._group = ControlGroup(self._name)
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def open(self) -> None:
        for name in ("upper", "work", "root"):
            Path(self._directory.name, name).mkdir()
        self._group.open()
        self._boot()

    def _boot(self) -> None:
        directory = Path(self._directory.name)
        nspawn = [
            *("systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit"),
            *(f"--directory={directory}/root", f"--machine={self._name}"),
            f"--network-namespace-path=/run/netns/{self.network.namespace}",
            *(f"--bind-ro={path}:{where}" for where, path in self._shown.items()),
            # What systemd-nspawn gives by itself to containers whose network it has made.
            "--capability=CAP_NET_ADMIN",
            *("--console=pipe", "--resolv-conf=off", "--timezone=off"),
        ]
        self._nspawn = subprocess.Popen(
            [
                *("unshare", "--mount", "--propagation=private", "sh", "-ec", _BOOT, "sh"),
                *(" ".join(map(str, self._group.paths)), str(self._root), str(directory), *nspawn),
            ],
            env={
                **os.environ,
                "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network",
                # What systems boot with today, whatever this one has.
                "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait_until_booted()

    def close(self) -> None:
        if self._nspawn is not None:
            for pid in (self._find_leader(), self._nspawn.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid or self._nspawn.pid, signal.SIGKILL)
            self._nspawn.wait(STOP_TIMEOUT)
            self._nspawn = None
        self._group.close()
        self._directory.cleanup()

    def reboot(self) -> None:
        """Reboot it; returns when it is up again."""
        assert self._nspawn is not None
        self.run("systemctl", "reboot", check=False)
        code = self._nspawn.wait(BOOT_TIMEOUT)
        if code != REBOOT:
            raise AssertionError(f"systemd-nspawn: exit code {code}")
        self._boot()

    def run(
        self, *command: str, check: bool = True, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in it as root; stdout and stderr are captured as text.

        Raises RuntimeError with what it printed when it fails and `check` is true.
        """
        done = subprocess.run(
            [
                *("nsenter", f"--target={self._leader}", "--mount", "--uts", "--ipc", "--net"),
                *("--pid", "--cgroup", "--root", "--wd=/", "env", "--ignore-environment"),
                *("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LC_ALL=C.UTF-8"),
                *command,
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode:
            raise RuntimeError(
                f"{' '.join(command)}: exit code {done.returncode}: {done.stdout}{done.stderr}"
            )
        return done

    def path(self, path: str) -> Path:
        """Where a file of the container is for this process."""
        return Path(f"/proc/{self._leader}/root{path}")

    def _find_leader(self) -> int:
        """Its process 1, or 0."""
        assert self._nspawn is not None
        for pid in process.children(self._nspawn.pid):
            if process.command_line(pid)[:1] == ["/usr/lib/systemd/systemd"]:
                return pid
        return 0

    def _wait_until_booted(self) -> None:
        def booted() -> bool:
            assert self._nspawn is not None
            if self._nspawn.poll() is not None:
                raise AssertionError(f"systemd-nspawn: exit code {self._nspawn.returncode}")
            self._leader = self._find_leader()
            if not self._leader:
                return False
            state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
            return state in ("running", "degraded")

        wait_for(booted, "the system up", timeout=BOOT_TIMEOUT, interval=0.2)
