"""Keys for NETCONF over SSH: a client's key pair, the agent's authorized keys, its host key."""

from __future__ import annotations

import copy
import subprocess
from pathlib import Path

from .rules import let_write

PORT = 830
"""The port of NETCONF over SSH (RFC 6242, section 8)."""

KEYGEN_TIMEOUT = 30


class SshAccess:
    """What smcrouted and a client need so that the client may log in with its key.

    directory: where the files are made.
    address, port: where smcrouted listens.
    writer: whether the user may change the configuration; by default users may only read.
    """

    def __init__(
        self,
        directory: Path,
        address: str,
        port: int = PORT,
        user: str = "operator",
        writer: bool = True,
    ) -> None:
        self.address = address
        self.port = port
        self.user = user
        self.host_key = directory / "host_key"
        self.authorized_keys = directory / "authorized_keys"
        self.private_key = directory / "client_key"
        self.known_hosts = directory / "known_hosts"
        keygen("-t", "ed25519", "-N", "", "-C", user, "-f", str(self.private_key))
        keygen("-t", "ed25519", "-N", "", "-C", "router", "-f", str(self.host_key))
        self._know_host()
        self.state = directory / "state"
        if writer:
            let_write(self.state, user)
        self.authorized_keys.mkdir()
        (self.authorized_keys / user).write_text(
            self.private_key.with_name("client_key.pub").read_text()
        )

    def as_user(self, user: str) -> SshAccess:
        """The same for another user, with the same key."""
        other = copy.copy(self)
        other.user = user
        return other

    def at_port(self, port: int) -> SshAccess:
        """The same, but listening on another port."""
        other = copy.copy(self)
        other.port = port
        other._know_host()
        return other

    def _know_host(self) -> None:
        public = " ".join(self.host_key.with_name("host_key.pub").read_text().split()[:2])
        with self.known_hosts.open("a") as file:
            # Some clients look for the address alone.
            file.write(f"[{self.address}]:{self.port} {public}\n{self.address} {public}\n")

    @property
    def daemon_options(self) -> tuple[str, ...]:
        """The options of smcrouted."""
        address = f"[{self.address}]" if ":" in self.address else self.address
        return (
            *("--netconf-ssh", f"{address}:{self.port}"),
            *("--host-key", str(self.host_key)),
            *("--authorized-keys", str(self.authorized_keys)),
            *("--state", str(self.state)),
        )

    @property
    def module_options(self) -> dict[str, str | int]:
        """The connection options of the collection's modules."""
        return {
            "host": self.address,
            "port": self.port,
            "username": self.user,
            "private_key_file": str(self.private_key),
            "known_hosts_file": str(self.known_hosts),
        }


def keygen(*arguments: str) -> str:
    """Run ssh-keygen; raises subprocess.CalledProcessError."""
    done = subprocess.run(
        ["ssh-keygen", "-q", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=KEYGEN_TIMEOUT,
        check=True,
    )
    return done.stdout
