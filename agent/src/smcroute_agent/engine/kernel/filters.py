"""Socket filters (socket(7), SO_ATTACH_FILTER): what the network sends in vain stays outside."""

from __future__ import annotations

import ctypes
import socket
import struct

_SO_ATTACH_FILTER = 26  # asm-generic/socket.h
# struct sock_filter, and BPF_LD, BPF_LDX, BPF_JMP and BPF_RET with their modes: linux/filter.h
_INSTRUCTION = struct.Struct("=HBBI")
_LOAD_BYTE, _LOAD_BYTE_INDEXED, _LOAD_HEADER_LENGTH = 0x30, 0x50, 0xB1
_JUMP_EQUAL, _RETURN = 0x15, 0x06
_PROTOCOL_OFFSET = 9
"""Where an IPv4 header names its protocol (RFC 791, section 3.1)."""

_UPCALLS_ONLY = (
    # An upcall is queued as an IP header whose protocol is 0 (struct igmpmsg, im_mbz); IGMP
    # packets, which the raw socket would receive too, have 2.
    (_LOAD_BYTE, 0, 0, _PROTOCOL_OFFSET),
    (_JUMP_EQUAL, 0, 1, 0),
    (_RETURN, 0, 0, 0xFFFF),
    (_RETURN, 0, 0, 0),
)


def attach_upcalls_only(sock: socket.socket) -> None:
    """Let only upcalls into a multicast routing socket of IPv4, so that no IGMP flood fills it."""
    _attach(sock, _UPCALLS_ONLY)


def attach_igmp_only(sock: socket.socket, kind: int) -> None:
    """Let only IGMP messages of one type into a raw socket of IPv4."""
    _attach(
        sock,
        (
            (_LOAD_HEADER_LENGTH, 0, 0, 0),
            (_LOAD_BYTE_INDEXED, 0, 0, 0),
            (_JUMP_EQUAL, 0, 1, kind),
            (_RETURN, 0, 0, 0xFFFF),
            (_RETURN, 0, 0, 0),
        ),
    )


def _attach(sock: socket.socket, instructions: tuple[tuple[int, int, int, int], ...]) -> None:
    program = b"".join(_INSTRUCTION.pack(*instruction) for instruction in instructions)
    code = ctypes.create_string_buffer(program, len(program))
    fprog = struct.pack("@HP", len(instructions), ctypes.addressof(code))
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, fprog)
