"""What the role chooses for each distribution; tests/role tries one of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.playbook import PlaybookFailed, link_collection, run_playbook, write_inventory

PLAYBOOK = Path(__file__).with_name("platforms.yml")
PACKAGE = Path(__file__).with_name("package.yml")
PLATFORMS = [
    ("Debian", "Debian", "12", "/usr/bin/python3", "ssh"),
    ("Debian", "Debian", "13", "/usr/bin/python3", "ssh"),
    ("Debian", "Ubuntu", "22", "/usr/bin/python3.11", "ssh"),
    ("Debian", "Ubuntu", "24", "/usr/bin/python3", "ssh"),
    ("RedHat", "RedHat", "9", "/usr/bin/python3.12", "sshd"),
    ("RedHat", "Rocky", "9", "/usr/bin/python3.12", "sshd"),
    ("RedHat", "AlmaLinux", "10", "/usr/bin/python3", "sshd"),
]
FIELDS = ("family", "distribution", "major", "python", "sshd")


def choose(directory: Path, *platforms: tuple[str, ...]) -> None:
    """Run the choice for each platform, each of which is a host of one play."""
    link_collection()
    inventory = write_inventory(directory, "platforms", {})
    all_hosts = json.loads(inventory.read_text())
    common = all_hosts["all"]["hosts"].pop("router")
    for number, platform in enumerate(platforms):
        name = f"host{number}" if number else "router"
        item = dict(zip(FIELDS, platform, strict=True))
        all_hosts["all"]["hosts"][name] = {**common, "item": item}
    inventory.write_text(json.dumps(all_hosts))
    run_playbook(PLAYBOOK, inventory, directory)


def test_python_and_sshd_of_each_distribution(tmp_path):
    choose(tmp_path, *PLATFORMS)


def test_a_distribution_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(PlaybookFailed, match="The role knows Debian, Ubuntu and RHEL-like"):
        choose(tmp_path, ("Suse", "SLES", "15", "/usr/bin/python3", "sshd"))


def test_a_python_that_is_too_old_is_refused_before_anything_is_done(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\necho 3.9\n")
    old.chmod(0o755)
    link_collection()
    refused = f"{old} is Python 3.9; the agent wants 3.11 or later"
    with pytest.raises(PlaybookFailed, match=refused):
        run_playbook(
            PACKAGE,
            write_inventory(tmp_path, "old", {}),
            tmp_path,
            *("-e", f"__agent_python={old}", "-e", f"agent_directory={tmp_path}/agent"),
        )
    assert not (tmp_path / "agent-releases").exists()
    assert list(tmp_path.glob("*.smcroute")) == []
