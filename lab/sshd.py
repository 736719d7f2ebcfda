"""OpenSSH's own server in a host of the lab, as Debian configures it, with keys of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from . import mounts, process
from .closing import Closing
from .filesystem import FilesHost
from .ssh import SshAccess
from .wait import wait_for

SSHD = "/usr/sbin/sshd"

KEYS = Path("/etc/ssh/authorized_keys")
"""A file of public keys for each user."""

STOP_TIMEOUT = 10

CONFIGURATION = """\
Include {directory}/*.conf
KbdInteractiveAuthentication no
UsePAM yes
X11Forwarding yes
PrintMotd no
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
# Up to here it is Debian's.
ListenAddress {access.address}:{access.port}
HostKey {key}
AuthorizedKeysFile {keys}/%u
PidFile none
LogLevel VERBOSE
"""


class Sshd(Closing):
    """sshd in the foreground.

    host: its files get the configuration, the host key and the keys in /etc/ssh.
    access: its address, the host key, and the authorized keys, a file a user.
    drop_in: the text of a file in sshd_config.d.
    """

    def __init__(self, host: FilesHost, access: SshAccess, drop_in: str) -> None:
        self.host = host
        self.log_file = access.host_key.with_name(f"sshd-{access.port}.log")
        self.configuration_file = Path(f"/etc/ssh/sshd_config-{access.port}")
        directory = self.configuration_file.with_name(f"{self.configuration_file.name}.d")
        key = directory / "host_key"
        path = host.files.path
        path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        path(directory).mkdir()
        path(directory / "smcroute.conf").write_text(drop_in)
        path(self.configuration_file).write_text(
            CONFIGURATION.format(directory=directory, access=access, key=key, keys=KEYS)
        )
        shutil.copy(access.host_key, path(key))
        shutil.copytree(access.authorized_keys, path(KEYS), dirs_exist_ok=True)
        self._process: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Start it and wait until it listens.  Raises AssertionError with what it said."""
        # Its users run commands of the checkout.
        command = [sys.executable, "-P", str(mounts.__file__), SSHD, "-D", "-e"]
        with open(self.log_file, "ab") as log:
            self._process = sshd = self.host.popen(
                [*command, "-f", str(self.configuration_file)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_for(
            lambda: "Server listening" in self.log() or sshd.poll() is not None,
            lambda: f"sshd listening; it said:\n{self.log()}",
        )
        if sshd.poll() is not None:
            raise AssertionError(f"sshd ended; it said:\n{self.log()}")

    def close(self) -> None:
        """End it and all of its sessions."""
        if self._process is None:
            return
        for pid in process.tree(self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(STOP_TIMEOUT)

    def log(self) -> str:
        """All that it has written."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""
