"""Frames that arrive at an interface, and what tshark reads in them."""

from __future__ import annotations

import contextlib
import socket
import struct
import subprocess

from .closing import Closing
from .host import Host
from .multicast import RECEIVE_BUFFER, SO_RCVBUFFORCE
from .scratch import scratch_directory

_ETH_P_ALL = 3
_PACKET_OUTGOING = 4
_MAX_FRAME = 65536
_PCAP_HEADER = struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, _MAX_FRAME, 1)
_PCAP_RECORD = struct.Struct("=IIII")


class Capture(Closing):
    """A context manager: keeps the frames that come in on an interface of a host."""

    def __init__(self, host: Host, interface: str = "eth0") -> None:
        self._socket = host.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
        self._socket.setblocking(False)
        self._socket.bind((interface, _ETH_P_ALL))
        self._frames: list[bytes] = []

    def close(self) -> None:
        self._socket.close()

    def frames(self) -> list[bytes]:
        """All frames until now."""
        with contextlib.suppress(BlockingIOError):
            while True:
                frame, (_, _, direction, *_) = self._socket.recvfrom(_MAX_FRAME)
                if direction != _PACKET_OUTGOING:
                    self._frames.append(frame)
        return list(self._frames)

    def dissect(self, display_filter: str, *fields: str) -> list[tuple[str, ...]]:
        """The fields, by tshark's names, of the frames that pass its display filter."""
        with scratch_directory() as directory:
            path = f"{directory}/frames.pcap"
            with open(path, "wb") as file:
                file.write(_PCAP_HEADER)
                for number, frame in enumerate(self.frames()):
                    file.write(_PCAP_RECORD.pack(number, 0, len(frame), len(frame)) + frame)
            command = ["tshark", "-n", "-r", path, "-o", "ip.check_checksum:TRUE"]
            command += ["-Y", display_filter, "-T", "fields"]
            for field in fields:
                command += ["-e", field]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]
