"""A channel to a process that is not trusted: whatever it passes, nobody waits for it."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import struct
import tempfile
import threading
from collections.abc import Callable

import pytest

from lab import wait_for
from smcroute_agent.channel import DescriptorRefused, channel_pair, memory_file

PATIENCE = 10
LINGER = 120


def lingering() -> tuple[socket.socket, socket.socket]:
    """A socket whose last close takes LINGER seconds, and its peer, which does not read."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        peer = socket.socket()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.connect(listener.getsockname())
        sock, _ = listener.accept()
    sock.setblocking(False)
    try:
        while True:
            sock.send(bytes(65536))
    except BlockingIOError:
        pass
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, LINGER))
    return sock, peer


def does_not_wait(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_a_kernel_that_can_keeps_descriptors_out():
    ours, theirs = channel_pair()
    ours.distrust()
    theirs.send({"no": "descriptor"})
    with contextlib.suppress(PermissionError):  # Linux 6.16 and later
        theirs.send({}, (0,))
    assert ours.receive() == ({"no": "descriptor"}, ())


@pytest.mark.parametrize("unread", [False, True])
def test_a_socket_that_lingers_holds_up_nobody(unread):
    ours, theirs = channel_pair()
    sock, peer = lingering()
    theirs.send({"first": True}, (sock.fileno(),))
    os.close(sock.detach())
    ours.distrust()

    def receive() -> None:
        if not unread:
            with pytest.raises(DescriptorRefused):
                ours.receive()
        ours.close()

    does_not_wait(receive)
    peer.close()  # with what it has not read: the other end is reset, and closed at last
    theirs.socket.settimeout(PATIENCE)
    with contextlib.suppress(ConnectionResetError):
        assert theirs.socket.recv(1) == b""


def test_memory_files_are_taken_where_they_are_expected():
    ours, theirs = channel_pair()
    ours.distrust(memory_files=True)
    with tempfile.TemporaryFile() as memory_or_disk, open("/dev/null") as device:
        memory = memory_file("x", b"content")
        theirs.send({}, (memory,))
        os.close(memory)
        received = ours.receive()
        assert received is not None
        message, (descriptor,) = received
        assert message == {}
        assert os.pread(descriptor, 100, 0) == b"content"
        for change in (lambda: os.pwrite(descriptor, b"x", 0), lambda: os.truncate(descriptor, 0)):
            with pytest.raises(PermissionError):
                change()
        os.close(descriptor)
        gc.collect()  # what other tests have left may go at any time
        before = len(os.listdir("/proc/self/fd"))
        theirs.send({}, (memory_or_disk.fileno(), device.fileno()))
        with pytest.raises(DescriptorRefused):
            ours.receive()
        wait_for(lambda: len(os.listdir("/proc/self/fd")) <= before, "they are closed")


def test_a_memory_file_that_can_still_be_changed_is_not_taken():
    ours, theirs = channel_pair()
    ours.distrust(memory_files=True)
    for flags in (0, os.MFD_ALLOW_SEALING):
        with os.fdopen(os.memfd_create("x", flags)) as file:
            theirs.send({}, (file.fileno(),))
            with pytest.raises(DescriptorRefused):
                ours.receive()
