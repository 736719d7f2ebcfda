"""Files of their own for some processes: default paths without touching the machine's."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .closing import Closing
from .host import Host
from .scratch import scratch_directory

_SETUP = """
mount -n -t tmpfs none "$1"
for directory in run etc dev; do
    mkdir "$1/$directory"
    mount -n -t tmpfs none "$1/$directory"
done
cp -a /etc/. "$1/etc"
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty "$1/dev"
mkdir "$1/dev/pts"
mount -n --bind /dev/pts "$1/dev/pts"
ln -s pts/ptmx "$1/dev/ptmx"
for directory in run etc dev; do
    mount -n --move "$1/$directory" "/$directory"
done
echo ready
exec cat
"""


class PrivateFiles(Closing):
    """A mount namespace with its own /run, a copied /etc, and a /dev without /dev/log.

    A context manager; commands wrapped by `enter` see its files, `path` shows them to us.
    """

    def __init__(self) -> None:
        self._directory = scratch_directory()
        # It lives as long as its standard input, and so never longer than this process.
        self._process = subprocess.Popen(
            [
                *("unshare", "--mount", "--propagation=private"),
                *("sh", "-ec", _SETUP, "sh", self._directory.name),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def open(self) -> None:
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ready\n":
            raise RuntimeError("a mount namespace could not be set up")

    def close(self) -> None:
        self._process.communicate()
        self._directory.cleanup()

    def enter(self, *command: str) -> list[str]:
        """The command line that runs a command with these files; its pid stays the same."""
        return ["nsenter", f"--mount=/proc/{self._process.pid}/ns/mnt", "--", *command]

    def path(self, path: str | Path) -> Path:
        """Where a file of the namespace is for this process."""
        return Path(f"/proc/{self._process.pid}/root{path}")


class FilesHost(Host):
    """A host of the lab whose processes see the files of a PrivateFiles."""

    def __init__(self, host: Host, files: PrivateFiles) -> None:
        super().__init__(host.name, host.namespace)
        self.files = files

    def popen(self, command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
        return super().popen(self.files.enter(*command), **options)

    def run(self, *command: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return super().run(*self.files.enter(*command), **options)
