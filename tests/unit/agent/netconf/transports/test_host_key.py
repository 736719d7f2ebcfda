"""netconf/transports/host_key.py: made once, and never one that others may read."""

from __future__ import annotations

import os
from pathlib import Path

import asyncssh
import pytest

from smcroute_agent.errors import SystemProblem
from smcroute_agent.netconf.transports import host_key


def descriptor(path: Path, mode: int = 0o600) -> int:
    found = os.open(path, os.O_RDWR | os.O_CREAT, mode)
    os.fchmod(found, mode)
    return found


def test_a_host_key_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "key"
    made = host_key.load_or_make(descriptor(path))
    again = host_key.load_or_make(descriptor(path))
    assert made.public_data == again.public_data
    assert made.get_algorithm() == "ssh-ed25519"
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_host_key_that_others_may_read(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SystemProblem) as caught:
        host_key.load_or_make(descriptor(tmp_path / "key", mode))
    assert "chmod 600" in str(caught.value)


@pytest.mark.parametrize("passphrase", [None, "secret"])
def test_a_host_key_that_is_none(tmp_path: Path, passphrase: str | None) -> None:
    path = tmp_path / "key"
    path.write_bytes(
        b"rubbish"
        if passphrase is None
        else asyncssh.generate_private_key("ssh-ed25519").export_private_key(passphrase=passphrase)
    )
    with pytest.raises(SystemProblem) as caught:
        host_key.load_or_make(descriptor(path))
    assert "remove it" in str(caught.value)


def test_a_host_key_that_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "key"
    os.close(descriptor(path))
    with pytest.raises(SystemProblem) as caught:
        host_key.load_or_make(os.open(path, os.O_RDONLY))
    assert "--host-key" in str(caught.value)
