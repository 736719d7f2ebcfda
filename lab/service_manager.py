"""A service manager as smcrouted knows one: it is told things, and keeps descriptors.

As systemd does with Type=notify, NotifyAccess=main and FileDescriptorStoreMax= (sd_notify(3),
sd_listen_fds(3)).
"""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from typing import Any

from .closing import Closing
from .daemon import Daemon
from .host import Host

HIGH = 100
"""The kept descriptors have numbers from here on: far from those that they are passed as."""

FIRST_PASSED = 3

PASS = f"""
import os, sys
count = int(sys.argv[1])
for number, kept in enumerate(sys.argv[2:2 + count], {FIRST_PASSED}):
    os.dup2(int(kept), number)
    os.close(int(kept))
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2 + count], sys.argv[2 + count:])
"""
"""A program that passes descriptors as systemd does, to the program that it becomes."""

Told = dict[str, str]


class ServiceManager(Closing):
    """The receiving end of NOTIFY_SOCKET, and a descriptor store.

    address: a path, or "@" and an abstract name, which belongs to the host.
    store: (name, descriptor) of what is kept.
    """

    def __init__(self, host: Host, address: str) -> None:
        self.address = address
        self.store: list[tuple[str, int]] = []
        self._socket = host.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address[0] == "@" else address)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)

    def close(self) -> None:
        self._socket.close()
        self.empty()

    def empty(self) -> None:
        """Close what is kept, as systemd does when the service is stopped for good."""
        for _, descriptor in self.store:
            os.close(descriptor)
        self.store.clear()

    def hear(self, *, timeout: float = 20) -> tuple[Told, int]:
        """The next message that is not about the store, and the pid that sent it.

        Raises TimeoutError.
        """
        while True:
            self._socket.settimeout(timeout)
            told, pid, descriptors = self._receive()
            if not self._is_about_store(told, descriptors):
                return told, pid

    def catch_up(self) -> None:
        """Take what is there by now about the store; anything else is an error."""
        self._socket.setblocking(False)
        while True:
            try:
                told, _, descriptors = self._receive()
            except BlockingIOError:
                return
            if not self._is_about_store(told, descriptors):
                raise AssertionError(f"smcrouted says {told}")

    def _receive(self) -> tuple[Told, int, list[int]]:
        text, ancillary, _, _ = self._socket.recvmsg(4096, 256)
        pid, descriptors = 0, []
        for _, kind, data in ancillary:
            if kind == socket.SCM_RIGHTS:
                descriptors = [
                    int.from_bytes(data[start : start + 4], sys.byteorder)
                    for start in range(0, len(data), 4)
                ]
            else:
                pid = int.from_bytes(data[:4], sys.byteorder)
        lines = text.decode().split("\n")
        return dict(line.split("=", 1) for line in lines), pid, descriptors

    def _is_about_store(self, told: Told, descriptors: list[int]) -> bool:
        name = told.get("FDNAME", "")
        if "FDSTORE" in told:
            for descriptor in descriptors:
                self.store.append((name, fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, HIGH)))
        elif "FDSTOREREMOVE" in told:
            for entry in [entry for entry in self.store if entry[0] == name]:
                self.store.remove(entry)
                os.close(entry[1])
        for descriptor in descriptors:
            os.close(descriptor)
        return "FDSTORE" in told or "FDSTOREREMOVE" in told


class Service(Daemon):
    """A daemon that a service manager starts, with what it keeps."""

    def __init__(self, manager: ServiceManager, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.manager = manager

    @property
    def command(self) -> list[str]:
        kept = [str(descriptor) for _, descriptor in self.manager.store]
        return [sys.executable, "-I", "-c", PASS, str(len(kept)), *kept, *super().command]

    def start(self, **options: Any) -> float:
        environment = {**os.environ, "NOTIFY_SOCKET": self.manager.address}
        store = self.manager.store
        if store:
            environment["LISTEN_FDS"] = str(len(store))
            environment["LISTEN_FDNAMES"] = ":".join(name for name, _ in store)
        descriptors = [descriptor for _, descriptor in store]
        return super().start(env=environment, pass_fds=descriptors, **options)
