"""What smcrouted leaves to the smcrouted after it, in the service manager's hands.

A restart of the service, for an upgrade say, then ends no flow: systemd keeps duplicates of the
descriptors (FDSTORE=1 of sd_notify(3)) while the service is down, and hands them to the next
smcrouted as it hands over sockets (sd_listen_fds(3)).  When the service is stopped for good,
systemd closes them, and the kernel's tables go.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, MutableMapping
from typing import Protocol

from . import systemd

FIRST = 3
"""SD_LISTEN_FDS_START."""

_log = logging.getLogger(__name__)


class Store(Protocol):
    """Keeps duplicates of descriptors by name, beyond this process."""

    def put(self, name: str, descriptor: int) -> None: ...

    def remove(self, name: str) -> None: ...


class NoStore:
    """For those who start smcrouted without a service manager."""

    def put(self, name: str, descriptor: int) -> None:
        """Do nothing."""

    def remove(self, name: str) -> None:
        """Do nothing."""


class ServiceStore:
    """systemd's store, of a unit with FileDescriptorStoreMax=; other units' does nothing.

    table: of multicast routing; another table's descriptors are of no use.
    """

    def __init__(self, table: int) -> None:
        self._prefix = f"table-{table}."

    def put(self, name: str, descriptor: int) -> None:
        # Never polled: an error that waits at a socket is no reason to let go of it.
        systemd.notify(f"FDSTORE=1\nFDPOLL=0\nFDNAME={self._prefix}{name}", (descriptor,))

    def remove(self, name: str) -> None:
        _remove(f"{self._prefix}{name}")

    def handed_over(self, environment: MutableMapping[str, str] = os.environ) -> dict[str, int]:
        """What the smcrouted before has put, and not removed; once, at the start."""
        found: dict[str, int] = {}
        for descriptor, name in _passed(environment).items():
            os.set_inheritable(descriptor, False)
            ours = name.removeprefix(self._prefix)
            if ours != name and ours not in found:
                found[ours] = descriptor
            else:
                _log.debug("%s, left by the smcrouted before, is of no use", name)
                os.close(descriptor)
                if ours == name:
                    _remove(name)
        return found


def _remove(name: str) -> None:
    systemd.notify(f"FDSTOREREMOVE=1\nFDNAME={name}")


def _passed(environment: MutableMapping[str, str]) -> Mapping[int, str]:
    """The descriptors that the service manager has passed, and their names; it is said once."""
    pid, count, names = (
        environment.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")
    )
    if pid != str(os.getpid()) or not count.isdecimal():
        return {}
    listed = names.split(":")
    numbers = range(FIRST, FIRST + int(count))
    return dict(zip(numbers, listed, strict=True)) if len(listed) == len(numbers) else {}
