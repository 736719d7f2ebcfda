"""The syslog handler against a real datagram socket."""

import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from smcroute_agent.log import NOTICE
from smcroute_agent.syslog import MAX_LINE, SyslogHandler


@pytest.fixture
def device(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "log"))
        sock.setblocking(False)
        yield sock


def record(level: int, text: str) -> logging.LogRecord:
    return logging.LogRecord("test", level, __file__, 1, text, None, None)


@pytest.mark.parametrize(
    ("level", "priority"),
    [
        (logging.CRITICAL, 27),
        (logging.ERROR, 27),
        (logging.WARNING, 28),
        (NOTICE, 29),
        (logging.INFO, 30),
        (logging.DEBUG, 31),
    ],
)
def test_facility_daemon_and_severity(device: socket.socket, level: int, priority: int) -> None:
    handler = SyslogHandler("video", device.getsockname())
    handler.emit(record(level, "text"))
    assert device.recv(100) == f"<{priority}>video[{os.getpid()}]: text".encode()
    handler.close()


def test_each_line_is_a_message_of_bounded_length(device: socket.socket) -> None:
    handler = SyslogHandler("video", device.getsockname())
    handler.emit(record(NOTICE, "one\ntwö\udc80\n" + "x" * 100_000))
    texts = [device.recv(100_000) for _ in range(3)]
    assert [text.partition(b": ")[2] for text in texts[:2]] == [b"one", "twö\\udc80".encode()]
    assert len(texts[2]) == MAX_LINE
    handler.close()


def test_without_a_device_stderr_is_used_until_there_is_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = SyslogHandler("video", str(tmp_path / "log"))
    assert not handler.present()
    handler.emit(record(NOTICE, "one"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as device:
        device.bind(str(tmp_path / "log"))
        device.settimeout(5)
        handler.emit(record(NOTICE, "two"))
        assert device.recv(100).endswith(b": two")
        assert handler.present()
    handler.emit(record(NOTICE, "three"))
    assert capsys.readouterr().err == "one\nthree\n"
    handler.close()


def test_what_a_full_device_does_not_take_is_lost_at_once(device: socket.socket) -> None:
    handler = SyslogHandler("video", device.getsockname())
    for number in range(10_000):
        handler.emit(record(NOTICE, str(number)))
    assert device.recv(100).endswith(b": 0")
    handler.close()
